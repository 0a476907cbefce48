import BantamGraph
import BantamLayerwise
import BantamModel

/// The precisions that an operator can take where the file's size is limited, from the largest to the smallest.
struct PrecisionLadder {
    struct Rung {
        var precision: OperatorPrecision
        /// Of the weight, with scales and zero points.
        var bytes: Int
        /// How the weight is stored where the operator computes in floating point; `nil` for float32 and for INT8.
        var stored: WeightOnlyPlan.Weight?
    }

    let node: String
    private(set) var rungs: [Rung]

    /// OpenVINO has no kernel for the matrix product of bytes and four bits, and computes a product on bytes where what
    /// it reads was pooled from them; a convolution's weight is unpacked when the model is loaded.
    private static let convolutions: Set<String> = ["Conv", "ConvTranspose"]

    /// The ladders of the nodes that have a weight of their own; what others compute in does not change the size.
    ///
    /// - Throws: `invalidGraph`; `notFinite`, naming a weight.
    /// - Complexity: O(elements of the weights).
    static func ladders(in graph: Graph) throws(CompressionError) -> [PrecisionLadder] {
        let scope = try QuantizationScope(graph)
        var notes: [String] = []
        let forms = Dictionary(
            try WeightOnlyQuantization(.bfloat16).choices(for: graph, notes: &notes).map { ($0[0].value, $0) },
            uniquingKeysWith: { first, _ in first })
        var ladders: [PrecisionLadder] = []
        for node in graph.nodes.values {
            let role = scope.role(of: node)
            let weights = node.filledInputs.filter { role.channelAxis($0.slot) != nil && scope.isConstant($0.value) }
            guard weights.count == 1, let (slot, value) = weights.first, scope.isOwnFloat(value),
                let weight = graph.constants[value], let axis = role.channelAxis(slot)
            else { continue }
            let forms = forms[graph[value].name] ?? []
            var rungs = [Rung(precision: .float32, bytes: weight.byteCount.bytes)]
            if let halves = forms.first(where: { $0.dtype == .bfloat16 }) {
                rungs = [Rung(precision: .bfloat16, bytes: halves.byteCount.bytes, stored: halves)]
            }
            rungs.append(Rung(precision: .int8, bytes: weight.elementCount + 4 * weight.shape[axis]))
            if convolutions.contains(node.operatorName),
                let nibbles = forms.first(where: { [.int4, .uint4].contains($0.dtype) }),
                nibbles.byteCount.bytes < rungs[1].bytes
            {
                rungs.append(Rung(precision: .int4, bytes: nibbles.byteCount.bytes, stored: nibbles))
            }
            ladders.append(PrecisionLadder(node: node.name, rungs: rungs))
        }
        return ladders
    }

    /// The same without some of its rungs.
    func without(_ precisions: Set<OperatorPrecision>) -> PrecisionLadder {
        var ladder = self
        ladder.rungs.removeAll { precisions.contains($0.precision) }
        return ladder
    }
}
