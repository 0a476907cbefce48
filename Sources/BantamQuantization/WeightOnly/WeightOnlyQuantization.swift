public import BantamGraph
public import BantamModel

/// Stores weights in fewer bits and computes in float32: a smaller file, the same operators.
///
/// ```
/// Given:  y = Gemm(x, W, b)
/// int8:   y = Gemm(x, DequantizeLinear(W8, scales), b)
/// int4:   y = Gemm(x, DequantizeLinear(W4, scales[, zero points]) block_size=128, b)
/// halves: y = Gemm(x, Cast(W16), b)
/// ```
///
/// No calibration data is needed. The error is that of rounding the weights alone; zeros stay zero in every form.
/// `int4` becomes ONNX's `int4`, symmetric in -7...7, or `uint4` with zero points, whichever changes the weight less;
/// the numbers are two to a byte, in files of opset 21.
public struct WeightOnlyQuantization: Sendable {
    public var form: WeightForm
    /// The most weights that share one scale; `nil` for the usual, see ``WeightOnlyConfiguration/groupSize``.
    public var groupSize: Int?
    /// The names of nodes whose weights stay as they are.
    public var excludedNodes: Set<String>

    public init(_ form: WeightForm = .int8, groupSize: Int? = nil, excludedNodes: Set<String> = []) {
        self.form = form
        self.groupSize = groupSize
        self.excludedNodes = excludedNodes
    }

    /// Chooses what every weight is stored as.
    ///
    /// - Throws: `notFinite`, naming a weight; `invalidGraph`; `invalidTarget` for a group size without sense;
    ///   `nothingToCompress` when there is no weight to store in another way.
    /// - Complexity: O(nodes + elements of the weights).
    public func plan(for graph: Graph) throws(CompressionError) -> WeightOnlyPlan {
        var plan = WeightOnlyPlan(weights: [], notes: [])
        let candidates = try candidates(in: graph, notes: &plan.notes)
        for candidate in candidates {
            if let weight = try weight(candidate, as: form, notes: &plan.notes) { plan.weights.append(weight) }
        }
        guard !plan.weights.isEmpty else { throw .nothingToQuantize(reasons: plan.notes) }
        return plan
    }

    /// What every weight can be stored as: ``form`` first, then ever less room, down to int4.
    ///
    /// - Parameter notes: Gets the reasons for which weights have no such list.
    /// - Throws: as ``plan(for:)``.
    package func choices(for graph: Graph, notes: inout [String]) throws(CompressionError) -> [[WeightOnlyPlan.Weight]]
    {
        var choices: [[WeightOnlyPlan.Weight]] = []
        for candidate in try candidates(in: graph, notes: &notes) {
            guard let preferred = try weight(candidate, as: form, notes: &notes) else { continue }
            var ladder = [preferred]
            for narrower in form.narrower {
                var unsaid: [String] = []
                let next = try weight(candidate, as: narrower, notes: &unsaid)
                if let next, next.byteCount < ladder[ladder.count - 1].byteCount { ladder.append(next) }
            }
            choices.append(ladder)
        }
        guard !choices.isEmpty else { throw .nothingToQuantize(reasons: notes) }
        return choices
    }

    // MARK: One weight

    private func weight(
        _ candidate: WeightCandidate, as form: WeightForm, notes: inout [String]
    ) throws(CompressionError) -> WeightOnlyPlan.Weight? {
        if let dtype = form.float { return try float(candidate, as: dtype, notes: &notes) }
        guard let channelAxis = candidate.channelAxis else {
            notes.append("\(candidate.name) stays float32: no layer reads it as its weight.")
            return nil
        }
        let weight = try integers(candidate, channelAxis: channelAxis, form, notes: &notes)
        guard weight.byteCount < candidate.data.byteCount else {
            notes.append("\(candidate.name) stays float32: integers and their scales would take more room.")
            return nil
        }
        return weight
    }

    private func integers(
        _ candidate: WeightCandidate, channelAxis: Int, _ form: WeightForm, notes: inout [String]
    ) throws(CompressionError) -> WeightOnlyPlan.Weight {
        let shape = candidate.data.shape
        var form = form
        let length = ScaleGroups.length(of: shape, channelAxis: channelAxis)
        if form == .int4, candidate.isProduct, !length.isMultiple(of: 2) {
            notes.append(
                "\(candidate.name) is stored as int8: OpenVINO computes wrongly with int4 in rows of \(length) numbers, "
                    + "an odd count.")
            form = .int8
        }
        let groups = ScaleGroups.fitting(
            shape, channelAxis: channelAxis,
            atMost: groupSize ?? (form == .int4 ? WeightOnlyConfiguration.usualGroup : nil),
            isProduct: candidate.isProduct)
        let rounded = try RoundedWeight.best(
            candidate.data, in: groups, bits: form == .int4 ? 4 : 8, name: candidate.name)
        let numbers = TensorType(rounded.dtype, groups.storedShape).byteCount
        let scales = rounded.scaleData.byteCount + (rounded.zeroPointData?.byteCount ?? .zero)
        return WeightOnlyPlan.Weight(
            value: candidate.name, dtype: rounded.dtype, channelAxis: channelAxis, groupSize: groups.size,
            byteCount: numbers + scales, relativeError: candidate.relative(rounded.squaredError))
    }

    /// The largest relative error at which a type holds a weight: far above rounding, far below numbers that are lost.
    private static let largestFloatError = 1e-3

    private func float(
        _ candidate: WeightCandidate, as dtype: DType, notes: inout [String]
    ) throws(CompressionError) -> WeightOnlyPlan.Weight? {
        let rounded = try candidate.rounded(to: dtype)
        guard rounded.error.isFinite else {
            notes.append(
                "\(candidate.name) stays float32: its largest number, \(candidate.largestMagnitude), is beyond "
                    + "\(dtype.rawValue).")
            return nil
        }
        let error = candidate.relative(rounded.error)
        guard error <= Self.largestFloatError else {
            notes.append("\(candidate.name) stays float32: its numbers are too small for \(dtype.rawValue).")
            return nil
        }
        return WeightOnlyPlan.Weight(
            value: candidate.name, dtype: dtype, byteCount: rounded.data.byteCount, relativeError: error)
    }
}
