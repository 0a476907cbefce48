package import BantamGraph
package import BantamLayerwise
package import BantamNetwork
package import BantamTensor
package import BantamTraining

/// The student learns from the teacher's features beside its answers.
///
/// A teacher is so sure of what it was trained on that its answers there say little more than the labels; its features
/// say in thousands of numbers what it sees. A pruned model has them in the same places, so no adapter is needed.
///
/// `distillation + weight * mean over features of |student - teacher|^2 / |teacher|^2`
///
/// - Reference: Romero et al., *FitNets: Hints for Thin Deep Nets*, ICLR 2015.
package struct FeatureMatching: Objective {
    private let distillation: Distillation
    private let teacher: NetworkTeacher
    private let features: [Feature]
    private let weight: Double

    /// A feature whose mean square is no more than this is taken for zero.
    private static let leastSquare = 1e-12

    /// A value that the teacher and the student both compute.
    package struct Feature: Hashable {
        package var value: ValueID
        /// Where its channels lie.
        package var axis: Int
        /// For each of the student's channels, which of the teacher's it is; `nil` where it has all.
        package var channels: [Int]?
    }

    /// - Parameters:
    ///   - distillation: How the student learns from the answers.
    ///   - teacher: The unpruned model.
    ///   - features: At least one.
    package init(_ distillation: Distillation, teacher: NetworkTeacher, features: [Feature], weight: Double) {
        precondition(!features.isEmpty)
        self.distillation = distillation
        self.teacher = teacher
        self.features = features
        self.weight = weight
    }

    package var taps: [ValueID] { features.map(\.value) }
    package var divergence: DivergenceGuard { distillation.divergence }

    package func loss(of result: Network.Result, on batch: TrainingBatch) throws -> Tensor {
        let known = try teacher.run(on: batch, taps: taps)
        var loss = try distillation.loss(of: result, on: batch, answers: known.outputs[0])
        for feature in features {
            guard let expected = known.taps[feature.value], let found = result.taps[feature.value] else {
                preconditionFailure("a feature was not computed")
            }
            let error = try Self.error(of: found, from: feature.kept(of: expected))
            loss = try loss.adding(error, scaledBy: weight / Double(features.count))
        }
        return loss
    }

    private static func error(of found: Tensor, from expected: Tensor) throws(TorchError) -> Tensor {
        let expected = try expected.converted(to: .float32)
        let square = try expected.meanSquare()
        // Of a feature that is zero everywhere, as behind a dead layer, there is no share: the error counts as it is.
        let isDead = try ATenOperation("aten::le", "Scalar").tensor(.tensor(square), .double(leastSquare))
        let size = try square.adding(try isDead.converted(to: .float32))
        return try found.converted(to: .float32).subtracting(expected).meanSquare().divided(by: size)
    }
}

extension FeatureMatching.Feature {
    /// The part of the teacher's that the student has.
    package func kept(of tensor: Tensor) throws(TorchError) -> Tensor {
        guard let channels else { return tensor }
        return try tensor.selecting(channels, axis: axis)
    }

    /// What a pruned model's stages end in: of all values of a shape, the last.
    ///
    /// In a residual model these are sums, as what a branch adds to them counts by nothing else; elsewhere results of
    /// layers, behind their normalization.
    ///
    /// - Parameters:
    ///   - pruned: What became of the original, with its ids of nodes and values.
    ///   - marks: Which channels it has.
    package static func stageEnds(of original: Graph, in pruned: Graph, _ marks: ChannelMarks) throws -> [Self] {
        let (before, after) = (try QuantizationScope(original), try QuantizationScope(pruned))
        var sums: [Shape: Self] = [:]
        var results: [Shape: Self] = [:]
        for node in pruned.nodes.values where SingleLayer.hasPatches(node) {
            guard let layout = WeightLayout(of: node, in: after), let outputs = marks.outputs(of: layout),
                let end = LayerEnd(of: node, in: pruned, after.types)
            else { continue }
            let value = rectified(end.value, in: pruned)
            guard let shape = before.types[value]?.shape, let left = after.types[value]?.shape, shape.rank > 2,
                !pruned.isOutput(value), layout.outputAxis < shape.rank, left[layout.outputAxis] == outputs.count
            else { continue }
            let isWhole = shape == left
            let feature = Self(value: value, axis: layout.outputAxis, channels: isWhole ? nil : outputs)
            if end.addend != nil { sums[shape] = feature } else { results[shape] = feature }
        }
        return (sums.isEmpty ? results : sums).values.sorted { $0.value < $1.value }
    }

    /// What a Relu cuts off is seen by nothing behind it.
    private static func rectified(_ value: ValueID, in graph: Graph) -> ValueID {
        guard let reader = LayerEnd.onlyReader(of: value, in: graph), reader.operatorName == "Relu" else {
            return value
        }
        return reader.mainOutput ?? value
    }
}
