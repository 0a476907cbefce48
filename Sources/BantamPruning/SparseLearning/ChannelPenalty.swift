public import BantamGraph
public import BantamNetwork
public import BantamTensor
public import BantamTraining

/// A penalty on the channels of a network, each over all layers that it appears in.
///
/// All channels of all groups are numbered through, and each axis of a weight along which channels lie has a list that
/// says whose number lies where. A step then takes a few operations for each of these axes, whatever the number of
/// channels: squares are summed along the axis and added up by number, and the factors found by number again.
public final class ChannelPenalty: WeightPenalty {
    /// A group, and those of its channels that are penalized.
    public struct Part {
        public var group: ChannelGroup
        public var channels: [Int]

        public init(_ group: ChannelGroup, channels: [Int]) {
            self.group = group
            self.channels = channels
        }
    }

    /// An axis of a weight, and whose number lies at each index.
    private struct Place {
        var axis: Int
        /// int64 `[extent]`; the last number stands for no channel.
        var numbers: Tensor
        /// 1 but for the axis.
        var shape: Shape
    }

    private let regularizer: any SparsityRegularizer
    private let places: [(weight: Tensor, places: [Place])]
    /// `[channels + 1]`
    private let sizes: Tensor
    /// 1 for a channel, 0 for none: `[channels + 1]`.
    private let presence: Tensor

    private static let indexAdd = ATenOperation("aten::index_add_")
    private static let addProduct = ATenOperation("aten::addcmul_")

    /// - Precondition: the groups are those of the network's graph, each at most once.
    public init(_ regularizer: any SparsityRegularizer, on parts: [Part], of network: Network) throws(TorchError) {
        self.regularizer = regularizer
        var numbering = ChannelNumbering(network)
        for part in parts { numbering.add(part) }
        let device = network.device
        let count = numbering.sizes.count
        var places: [(weight: Tensor, places: [Place])] = []
        for parameter in network.parameters {
            let rank = parameter.tensor.rank
            var found: [Place] = []
            for axis in 0..<rank {
                guard let numbers = numbering.numbers[.init(value: parameter.value, axis: axis)] else { continue }
                let all = numbers.map { Int64($0 ?? count) }
                var dimensions = [Int](repeating: 1, count: rank)
                dimensions[axis] = all.count
                found.append(
                    Place(
                        axis: axis, numbers: try Tensor(TensorData([all.count], all), device: device),
                        shape: Shape(dimensions)))
            }
            if !found.isEmpty { places.append((parameter.tensor, found)) }
        }
        self.places = places
        sizes = try Tensor(TensorData([count + 1], numbering.sizes.map(Float.init) + [1]), device: device)
        presence = try Tensor(
            TensorData([count + 1], [Float](repeating: 1, count: count) + [0]), device: device)
    }

    public func addGradients(progress: Double) throws(TorchError) {
        let factors = try regularizer.factors(norms: try norms(), sizes: sizes, progress: progress)
            .multiplied(by: presence)
        for (weight, places) in places {
            if weight.gradient == nil {
                // The loss does not depend on it.
                try weight.setGradient(try Tensor.zeros(weight.shape, weight.dtype, device: weight.device))
            }
            guard let gradient = weight.gradient else { continue }
            for place in places {
                let factor = try factors.selecting(place.numbers, axis: 0).reshaped(to: place.shape)
                try Self.addProduct(.tensor(gradient), .tensor(weight), .tensor(factor))
            }
        }
    }

    /// The penalty of the present weights.
    public func value(progress: Double) throws(TorchError) -> Double {
        try withoutGradients { () throws(TorchError) in
            try regularizer.penalties(norms: try norms(), sizes: sizes, progress: progress)
                .multiplied(by: presence).sum().item()
        }
    }

    /// The norm of each channel and, last, of what belongs to none.
    private func norms() throws(TorchError) -> Tensor {
        let sums = try Tensor.zeros(sizes.shape, device: sizes.device)
        for (weight, places) in places {
            let squares = try weight.multiplied(by: weight)
            for place in places {
                let others = (0..<weight.rank).filter { $0 != place.axis }
                let marginal = others.isEmpty ? squares : try squares.sum(axes: others)
                try Self.indexAdd(.tensor(sums), .int(0), .tensor(place.numbers), .tensor(marginal))
            }
        }
        return try sums.squareRoot()
    }
}

/// Numbers for the channels of several groups, and where they lie.
private struct ChannelNumbering {
    struct Axis: Hashable {
        var value: ValueID
        var axis: Int
    }

    private let shapes: [ValueID: Shape]
    /// Of each channel, in weights.
    private(set) var sizes: [Int] = []
    /// Whose number lies at each index along an axis.
    private(set) var numbers: [Axis: [Int?]] = [:]

    init(_ network: Network) {
        shapes = Dictionary(network.parameters.map { ($0.value, $0.tensor.shape) }) { first, _ in first }
    }

    mutating func add(_ part: ChannelPenalty.Part) {
        let first = sizes.count
        sizes += [Int](repeating: 0, count: part.channels.count)
        for member in part.group.members where member.role == .weight || member.role == .operand {
            guard let shape = shapes[member.value] else { continue }
            let axis = Axis(value: member.value, axis: member.axis)
            let extent = shape[member.axis]
            for (position, channel) in part.channels.enumerated() {
                for index in member.indices(of: channel) {
                    // A weight that two nodes share is still one weight.
                    guard numbers[axis]?[index] == nil else { continue }
                    numbers[axis, default: [Int?](repeating: nil, count: extent)][index] = first + position
                    sizes[first + position] += shape.elementCount / extent
                }
            }
        }
    }
}
