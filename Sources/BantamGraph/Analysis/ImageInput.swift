/// What a graph says of an input that takes images or clips: the order of its axes, its element type and its sizes, as
/// preprocessing needs them.
public struct ImageInput: Hashable, Sendable {
    /// The order of the axes, outermost first: batch, channels, time, height, width.
    public enum Layout: String, Hashable, Sendable, Codable, CaseIterable {
        case nchw = "NCHW"
        case nhwc = "NHWC"
        case ncthw = "NCTHW"
        case ntchw = "NTCHW"
        case nthwc = "NTHWC"

        /// The axis of a letter; `nil` where the layout lacks it.
        func axis(of letter: Character) -> Int? {
            Array(rawValue).firstIndex(of: letter)
        }

        /// What `Transpose` with `perm` makes of the letters.
        func transposed(by order: [Int]) -> String? {
            let letters = Array(rawValue)
            guard order.sorted() == Array(letters.indices) else { return nil }
            return String(order.map { letters[$0] })
        }
    }

    /// What the layout was concluded from.
    public enum Evidence: Hashable, Sendable {
        /// A layer or a Transpose that reads the input.
        case reader(NodeID)
        /// Sizes that only images have: 1, 3 or 4 channels, and more pixels.
        case sizes
        /// Nothing; ONNX's own order is assumed.
        case convention
    }

    public var name: String
    /// Among the graph's inputs.
    public var position: Int
    public var dtype: DType
    public var layout: Layout
    public var evidence: Evidence
    public var dimensions: [InputDimension]

    public var channels: InputDimension? { dimension("C") }
    public var frames: InputDimension? { dimension("T") }
    public var height: InputDimension? { dimension("H") }
    public var width: InputDimension? { dimension("W") }
    public var isChannelsLast: Bool { layout == .nhwc || layout == .nthwc }

    private func dimension(_ letter: Character) -> InputDimension? {
        layout.axis(of: letter).map { dimensions[$0] }
    }
}

/// A dimension of an input that is chosen anew for each run.
public struct FreeInputDimension: Hashable, Sendable {
    public var input: String
    public var axis: Int
    /// Axes of the same name have the same size.
    public var name: String
    /// The first axis counts samples.
    public var isBatch: Bool { axis == 0 }
}

extension Graph {
    /// The dimensions of the inputs that are free, in order. Where one that is no batch is among them, sizes of
    /// activations and arithmetic are known only once it is chosen.
    public var freeInputDimensions: [FreeInputDimension] {
        inputs.flatMap { input in
            input.dimensions.enumerated().compactMap { axis, dimension in
                dimension.name.map { FreeInputDimension(input: self[input.value].name, axis: axis, name: $0) }
            }
        }
    }

    /// What the input at `position` says of images; `nil` for an input of another rank than four and five.
    ///
    /// - Complexity: O(nodes between the input and the first layer).
    public func imageInput(at position: Int = 0) -> ImageInput? {
        guard inputs.indices.contains(position) else { return nil }
        let input = inputs[position]
        guard let conventional = [4: ImageInput.Layout.nchw, 5: .ncthw][input.dimensions.count] else { return nil }
        let found: (layout: ImageInput.Layout, evidence: ImageInput.Evidence)
        if let (layout, reader) = layoutByReaders(of: input) {
            found = (layout, .reader(reader))
        } else if let layout = Self.layoutBySizes(input.dimensions.map(\.fixedSize)) {
            found = (layout, .sizes)
        } else {
            found = (conventional, .convention)
        }
        return ImageInput(
            name: self[input.value].name, position: position, dtype: input.dtype, layout: found.layout,
            evidence: found.evidence, dimensions: input.dimensions)
    }

    /// Follows the input through what works element by element to a layer, which wants channels second, or to a
    /// Transpose that brings them there.
    private func layoutByReaders(of input: GraphInput) -> (ImageInput.Layout, NodeID)? {
        let layouts = ImageInput.Layout.allCases.filter { $0.rawValue.count == input.dimensions.count }
        let conventional = layouts[0]
        var front = [input.value]
        var seen = Set(front)
        while !front.isEmpty {
            let value = front.removeFirst()
            for id in consumers(of: value) {
                let node = self[id]
                guard let definition = Operators.definition(named: node.operatorName, domain: node.domain) else {
                    continue
                }
                if definition is Transpose.Type {
                    guard case .ints(let order)? = node.attributes["perm"] else { continue }
                    let turned = layouts.first {
                        $0 != conventional && $0.transposed(by: order) == conventional.rawValue
                    }
                    if let layout = turned { return (layout, id) }
                    // Away from channels second: a model that computes in the other order.
                    if layouts.contains(where: { $0.rawValue == conventional.transposed(by: order) }) {
                        return (conventional, id)
                    }
                } else if definition is Reshape.Type {
                    // [N, T, C, H, W] to [N * T, C, H, W]: a network of images over a clip.
                    guard input.dimensions.count == 5, [1, 3, 4].contains(input.dimensions[2].fixedSize),
                        ![1, 3, 4].contains(input.dimensions[1].fixedSize)
                    else { continue }
                    return (.ntchw, id)
                } else if definition.wantsChannelsSecond {
                    guard node.inputs.first == .some(value) else { continue }
                    return (conventional, id)
                } else if definition.isElementwise {
                    front += node.outputs.compactMap(\.self).filter { seen.insert($0).inserted }
                }
            }
        }
        return nil
    }

    /// The one order in which 1, 3 or 4 channels stand beside more pixels.
    private static func layoutBySizes(_ sizes: [Int?]) -> ImageInput.Layout? {
        let fitting = ImageInput.Layout.allCases.filter { layout in
            guard layout.rawValue.count == sizes.count, let channel = layout.axis(of: "C"),
                [1, 3, 4].contains(sizes[channel])
            else { return false }
            return (["H", "W"] as [Character]).allSatisfy { letter in
                guard let axis = layout.axis(of: letter) else { return false }
                return sizes[axis].map { $0 > 4 } ?? true
            }
        }
        // Free sizes fit in more than one way, and then ONNX's own order comes first.
        return fitting.first
    }
}

extension Operator {
    /// Whether axis 1 of the first input lists channels, as in convolutions, pools and normalizations of images.
    fileprivate static var wantsChannelsSecond: Bool {
        if self is any WindowedPool.Type || self is any GlobalPool.Type { return true }
        let others: [any Operator.Type] = [
            BatchNormalization.self, Conv.self, ConvInteger.self, ConvTranspose.self, DepthToSpace.self,
            GroupNormalization.self, InstanceNormalization.self, LRN.self, QLinearConv.self, SpaceToDepth.self,
        ]
        return others.contains { $0 == self }
    }

    /// Whether axes of the first input stay where they are.
    fileprivate static var isElementwise: Bool {
        self is any UnaryArithmetic.Type || self is any UnaryActivation.Type || self is any BinaryArithmetic.Type
            || self is any VariadicArithmetic.Type || self is Cast.Type || self is CastLike.Type || self is Clip.Type
            || self is Identity.Type || self is Dropout.Type || self is QuantizeLinear.Type
            || self is DequantizeLinear.Type || self is FakeQuantize.Type || self is Where.Type || self is Pad.Type
    }
}
