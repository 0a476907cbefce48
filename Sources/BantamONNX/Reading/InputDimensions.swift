import BantamGraph

/// The axes of the model's inputs, with a name for each size that is free.
///
/// A file may leave a free size without name; it then gets the input's name and the axis (`"image_0"`), unless another
/// axis has that name.
struct InputDimensions {
    private var taken: Set<String> = []

    init(of inputs: [Onnx_ValueInfoProto]) {
        for input in inputs {
            for axis in input.type.tensorType.shape.dim { taken.insert(axis.dimParam) }
        }
    }

    /// - Throws: `invalidShape`.
    mutating func axes(of input: Onnx_ValueInfoProto, limits: ONNXLimits) throws(ONNXError) -> [InputDimension] {
        guard input.type.tensorType.hasShape else { throw .missingShape(input: input.name) }
        let proto = input.type.tensorType.shape.dim
        guard proto.count <= limits.rank else {
            throw .rank(proto.count, of: "input \(input.name)", limit: limits.rank)
        }
        var axes: [InputDimension] = []
        for (index, axis) in proto.enumerated() {
            switch axis.value {
            // Some exporters write 0 or -1 for a free size.
            case .dimValue(let size) where size > 0: axes.append(.fixed(Int(size)))
            case .dimParam(let name) where !name.isEmpty: axes.append(.free(name))
            default: axes.append(.free(unusedName("\(input.name)_\(index)")))
            }
        }
        let fixed = Shape(axes.compactMap(\.fixedSize))
        guard let count = fixed.checkedElementCount, count <= limits.tensorElements else {
            throw .tensorTooLarge(fixed, of: "input \(input.name)", limit: limits.tensorElements)
        }
        return axes
    }

    private mutating func unusedName(_ name: String) -> String {
        var unused = name
        var suffix = 1
        while !taken.insert(unused).inserted {
            unused = "\(name)_\(suffix)"
            suffix += 1
        }
        return unused
    }
}
