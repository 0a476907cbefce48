extension Graph {
    /// The graph with its batch left free, where the export fixed it, as exporters do by default.
    ///
    /// ```
    /// Given:   input [1, 3, 224, 224]  ->  ... -> Reshape to [1, 512] -> Gemm
    /// Result:  input [N, 3, 224, 224]  ->  ... -> Reshape to [-1, 512] -> Gemm
    /// ```
    ///
    /// Shapes are checked for several batches, not what is computed: a sum over the batch would pass.
    ///
    /// - Returns: `nil` where the batch is free already, or where the graph holds it in another way than as the first
    ///   entry of a reshape's target.
    /// - Complexity: O(nodes), and some shape inferences.
    public func freeingBatch() throws(GraphError) -> Graph? {
        guard let batch = inputs.first?.dimensions.first?.fixedSize, batch > 0,
            inputs.allSatisfy({ $0.dimensions.first?.fixedSize == batch })
        else { return nil }
        let fixed = try ShapeInference(of: self)
        var freed = self
        for index in freed.inputs.indices { freed.inputs[index].dimensions[0] = .free(Self.freedBatchName) }
        for node in nodes.values where node.operatorName == "Reshape" {
            guard let input = node.inputs.first ?? nil, let target = freed.reshapeTarget(of: node),
                let first = target.first, first > 0, first.isMultiple(of: Int64(batch))
            else { continue }
            var sizes = target
            if target.contains(-1) {
                // An entry of 0 takes the input's size, where the rest is left to -1 already.
                guard first == batch, fixed[input]?.shape.dimensions.first == batch,
                    node.attributes["allowzero"] != .int(1)
                else { continue }
                sizes[0] = 0
            } else {
                sizes[0] = -1
            }
            freed.setReshapeTarget(of: node.id, to: sizes)
        }
        let trial = freed
        for size in [1, 2, 3, 5] {
            guard let types = Self.inference(of: trial, batch: size) else { return nil }
            let scales = outputs.allSatisfy { output in
                guard let before = fixed[output]?.shape.dimensions, let after = types[output]?.shape.dimensions,
                    let rows = before.first, rows.isMultiple(of: batch)
                else { return false }
                return after == [rows / batch * size] + before.dropFirst()
            }
            guard scales else { return nil }
        }
        return freed
    }

    private static let freedBatchName = "N"

    /// `nil` where the model does not take the batch.
    private static func inference(of graph: Graph, batch: Int) -> ShapeInference? {
        do throws(GraphError) {
            return try ShapeInference(of: graph, sizes: [freedBatchName: batch])
        } catch {
            return nil
        }
    }

    private func reshapeTarget(of node: Node) -> [Int64]? {
        guard let data = constant(1, of: node), data.dtype == .int64 else { return nil }
        return data.elements(of: Int64.self)
    }

    /// Gives the node a target of its own: other reshapes may share the one that it had.
    private mutating func setReshapeTarget(of node: NodeID, to sizes: [Int64]) {
        let name = "\(nodes[node]?.name ?? "Reshape").free_batch"
        let target = addConstant(name, TensorData([sizes.count], sizes))
        setInput(1, of: node, to: target)
    }
}
