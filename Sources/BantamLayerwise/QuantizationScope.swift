package import BantamGraph
package import BantamModel

/// What weights and inputs of a graph look like to the quantization methods.
package struct QuantizationScope {
    package let graph: Graph
    package let types: ShapeInference
    private let weightUses: [ValueID: [WeightUse]]

    /// One input slot that reads a constant.
    private struct WeightUse {
        var node: NodeID
        /// The axis of output channels, where the slot is one for weights.
        var channelAxis: Int?
    }

    /// - Parameter batchSize: The batch at which shapes are looked at, if the model takes it. 2 cannot be mistaken for
    ///   an axis of size 1 that broadcasts.
    /// - Throws: `invalidGraph` when the graph is not a valid model.
    package init(_ graph: Graph, batchSize: Int = 1) throws(CompressionError) {
        self.graph = graph
        do throws(GraphError) {
            types = try ShapeInference(of: graph, batchSize: batchSize)
            var uses: [ValueID: [WeightUse]] = [:]
            for node in graph.nodes.values {
                let role = try Operators.definition(of: node).quantization(of: types.context(of: node))
                for (slot, input) in node.inputs.enumerated() {
                    guard let input, graph.constants[input] != nil else { continue }
                    uses[input, default: []].append(WeightUse(node: node.id, channelAxis: role.channelAxis(slot)))
                }
            }
            weightUses = uses
        } catch {
            throw .invalidGraph(error)
        }
    }

    /// How the node's operator takes part in INT8 inference.
    package func role(of node: Node) -> QuantizationRole {
        // The initializer has found every operator.
        Operators.definition(named: node.operatorName, domain: node.domain)?
            .quantization(of: types.context(of: node)) ?? .float
    }

    package func context(of node: Node) -> NodeContext { types.context(of: node) }

    package func macs(of node: Node) -> Int {
        Operators.definition(named: node.operatorName, domain: node.domain)?.cost(of: context(of: node)).macs ?? 0
    }

    package func isFloat32(_ value: ValueID) -> Bool { types[value]?.dtype == .float32 }

    package func isConstant(_ value: ValueID) -> Bool { graph.constants[value] != nil }

    /// The nodes that read a constant.
    package func readers(of weight: ValueID) -> [NodeID] { weightUses[weight, default: []].map(\.node) }

    /// The axis along which a weight's scales differ, or why the weight cannot be stored as integers.
    package func channelAxis(ofWeight value: ValueID) -> Result<Int, Objection> {
        let name = graph[value].name
        guard let data = graph.constants[value] else {
            return .failure("its weight \(name) is computed by the model")
        }
        guard data.dtype == .float32 else { return .failure("its weight \(name) is \(data.dtype.rawValue)") }
        guard !graph.isOutput(value) else { return .failure("its weight \(name) is an output of the model") }
        let uses = weightUses[value, default: []]
        guard let axis = uses.first?.channelAxis, uses.allSatisfy({ $0.channelAxis == axis }) else {
            return .failure("its weight \(name) is also used in another role")
        }
        return .success(axis)
    }
}

extension ShapeInference {
    /// At a batch size, or at 1 where the model takes nothing else.
    fileprivate init(of graph: Graph, batchSize: Int) throws(GraphError) {
        if batchSize > 1 {
            do throws(GraphError) {
                self = try ShapeInference(of: graph, sizes: graph.sizes(batch: batchSize))
                return
            } catch {
                // Some models bind their batch to 1 inside.
            }
        }
        self = try ShapeInference(of: graph)
    }
}

/// Why an operator or a weight stays in floating point: a clause for people.
package struct Objection: Error, ExpressibleByStringInterpolation {
    package var text: String
    package init(stringLiteral text: String) { self.text = text }
}

extension QuantizationRole {
    /// What the input slot holds; the last entry serves the slots beyond it.
    package func slot(_ index: Int) -> SlotQuantization {
        guard case .integer(let slots) = self, let last = slots.last else { return .float }
        return index < slots.count ? slots[index] : last
    }

    package func channelAxis(_ index: Int) -> Int? {
        if case .weight(let axis) = slot(index) { axis } else { nil }
    }
}

extension Node {
    /// The filled input slots.
    package var filledInputs: [(slot: Int, value: ValueID)] {
        inputs.enumerated().compactMap { slot, value in value.map { (slot, $0) } }
    }

    /// The value by whose name plans refer to the node.
    package var mainOutput: ValueID? { outputs.lazy.compactMap(\.self).first }
}
