/// Floating-point types that a model was stored in before it was widened to float32.
///
/// It travels with the model in its metadata, so that the model can be stored as before after any number of changes.
public struct WidenedTypes: Hashable, Sendable, Codable {
    /// The type of most of the learned numbers; `nil` where they were float32.
    public var weights: DType?
    /// By the name of the input.
    public var inputs: [String: DType]
    /// By the name of the output.
    public var outputs: [String: DType]

    public init(weights: DType? = nil, inputs: [String: DType] = [:], outputs: [String: DType] = [:]) {
        self.weights = weights
        self.inputs = inputs
        self.outputs = outputs
    }

    public var isEmpty: Bool { weights == nil && inputs.isEmpty && outputs.isEmpty }
}

extension WidenedTypes: CustomStringConvertible {
    /// For people: `"float16 weights, input and output"`.
    public var description: String {
        let types = Set([weights].compactMap(\.self) + inputs.values + outputs.values).map(\.rawValue).sorted()
        let parts = [
            weights.map { _ in "weights" }, inputs.isEmpty ? nil : inputs.count == 1 ? "input" : "inputs",
            outputs.isEmpty ? nil : outputs.count == 1 ? "output" : "outputs",
        ].compactMap(\.self)
        let list =
            parts.count > 1 ? "\(parts.dropLast().joined(separator: ", ")) and \(parts[parts.count - 1])" : parts.first
        return "\(types.joined(separator: " and ")) \(list ?? "")"
    }
}

extension Graph {
    /// What the model was stored in before ``widenToFloat32()``; `nil` for one that was never widened.
    public var widenedTypes: WidenedTypes? {
        get { metadata[Self.widenedTypesKey].flatMap(WidenedTypes.init(text:)) }
        set { metadata[Self.widenedTypesKey] = newValue?.text }
    }

    private static let widenedTypesKey = "bantam.widened"
}

extension WidenedTypes {
    /// One line an entry: `weights float16`, `input float16 image`. Names may hold anything but a line's end.
    fileprivate var text: String {
        let entries =
            [weights.map { "weights \($0.rawValue)" }].compactMap(\.self)
            + inputs.sorted { $0.key < $1.key }.map { "input \($0.value.rawValue) \($0.key)" }
            + outputs.sorted { $0.key < $1.key }.map { "output \($0.value.rawValue) \($0.key)" }
        return entries.joined(separator: "\n")
    }

    /// `nil` where a file has something else under the key.
    fileprivate init?(text: String) {
        self.init()
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
            guard parts.count >= 2, let dtype = DType(rawValue: parts[1]), dtype.isFloatingPoint else { return nil }
            switch (parts[0], parts.count) {
            case ("weights", 2): weights = dtype
            case ("input", 3): inputs[parts[2]] = dtype
            case ("output", 3): outputs[parts[2]] = dtype
            default: return nil
            }
        }
        if isEmpty { return nil }
    }
}
