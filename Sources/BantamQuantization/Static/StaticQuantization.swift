public import BantamGraph
public import BantamModel

/// Quantizes weights and activations to INT8, with scales chosen in advance from calibration data.
///
/// ```swift
/// let quantization = StaticQuantization(profile: .x86VNNI)
/// try quantization.prepare(&graph)
/// var calibration = Calibration(of: try quantization.statistics(for: graph).map { graph[$0].name })
/// // ... run samples, calibration.observe(...)
/// let plan = try quantization.plan(for: graph, ranges: calibration.ranges())
/// try StaticQuantization.apply(plan, to: &graph)
/// ```
///
/// The result is standard ONNX: `QuantizeLinear` and `DequantizeLinear` pairs where activations are rounded, int8
/// weights and int32 biases behind a `DequantizeLinear`, and between them the float operators, which a runtime turns
/// into integer kernels:
///
/// ```
/// Given:  y = Relu(Conv(x, W, b))
/// Result: q = DequantizeLinear(QuantizeLinear(x));  c = Conv(q, DequantizeLinear(W8), DequantizeLinear(b32))
///         y = Relu(c), rounded in turn if an integer operator reads it
/// ```
///
/// - Reference: Krishnamoorthi, *Quantizing Deep Convolutional Networks for Efficient Inference*, 2018.
public struct StaticQuantization: Sendable {
    public var profile: TargetProfile
    /// The names of nodes that stay in floating point.
    public var excludedNodes: Set<String>
    /// Why they do: a clause for people.
    public var reasonForExclusion = "it was excluded"
    /// Whether `Add` reads rounded values. Otherwise what was rounded once does not run through a chain of residual sums.
    public var roundsSummands: Bool

    public init(
        profile: TargetProfile = .x86VNNI, excludedNodes: Set<String> = [], roundsSummands: Bool = true
    ) {
        self.profile = profile
        self.excludedNodes = excludedNodes
        self.roundsSummands = roundsSummands
    }

    /// Rewrites that leave the results unchanged and more to integers. To be run before anything else.
    public static let preparation = PassPipeline([FoldConstants(), FoldBatchNorm()] + arrangement)

    /// The part of ``preparation`` that moves nothing into weights.
    static let arrangement: [any GraphPass] = [
        FoldPaddingIntoPooling(), MoveActivationBeforePooling(), PadBehindUnitAxis(),
    ]

    /// Runs ``preparation``.
    ///
    /// - Throws: `invalidGraph` when the graph is not a valid model.
    @discardableResult
    public func prepare(_ graph: inout Graph) throws(CompressionError) -> [PassPipeline.Step] {
        do throws(GraphError) {
            return try Self.preparation.run(on: &graph)
        } catch {
            throw .invalidGraph(error)
        }
    }

    /// The activations whose ranges ``plan(for:ranges:)`` needs. Those that share a scale follow each other.
    ///
    /// - Throws: `invalidGraph`; `nothingToCompress` when no operator can run in integers.
    public func statistics(for graph: Graph) throws(CompressionError) -> [ValueID] {
        try layout(of: graph).groups.flatMap(\.self)
    }

    /// Chooses the parameters of every activation, weight and bias.
    ///
    /// - Parameter ranges: By name, the ranges of the activations that ``statistics(for:)`` lists.
    /// - Throws: `noCalibrationData`, naming an activation without range; `notFinite`, naming a weight; `invalidGraph`;
    ///   `nothingToCompress` when no operator can run in integers.
    /// - Complexity: O(nodes + elements of the weights).
    public func plan(
        for graph: Graph, ranges: [String: ActivationRange]
    ) throws(CompressionError) -> StaticQuantizationPlan {
        let layout = try layout(of: graph)
        var plan = StaticQuantizationPlan(
            profile: profile.name, activations: [], weights: [], biases: [], nodes: layout.placements)
        var groupParameters: [QuantizationParameters] = []
        for group in layout.groups {
            var shared: ActivationRange?
            for value in group {
                guard let range = ranges[graph[value].name] else { throw .noCalibrationData(for: graph[value].name) }
                shared = shared?.union(range) ?? range
            }
            guard let shared else { continue }
            let parameters = QuantizationParameters(covering: shared, as: profile.activations)
            groupParameters.append(parameters)
            plan.activations += group.map { .init(value: graph[$0].name, range: shared, parameters: parameters) }
        }
        try layout.addWeights(to: &plan, inputs: groupParameters)
        return plan
    }

    func layout(of graph: Graph) throws(CompressionError) -> IntegerLayout {
        let layout = try IntegerLayout(of: graph, by: self)
        guard layout.decisions.values.contains(where: { $0.placement == .integer }) else {
            throw .nothingToQuantize(reasons: layout.placements.compactMap(\.explanation))
        }
        return layout
    }
}
