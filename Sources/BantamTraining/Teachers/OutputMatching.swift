import BantamGraph
public import BantamNetwork
public import BantamTensor

/// The distance of all of a model's outputs from a teacher's, each in units of its own spread.
///
/// ```
/// mean over outputs of  mean((student - teacher)²) / variance(teacher)
/// ```
///
/// It needs no labels and knows nothing of what the outputs mean: scores, boxes, masks or coordinates count alike.
/// A loss of 1 is that of a model that always answers the mean. Outputs of integers, such as indices of classes, and
/// constant ones are left out.
///
/// - Reference: Ba and Caruana, *Do Deep Nets Really Need to be Deep?*, NeurIPS 2014.
public struct OutputMatching: Objective {
    private let teacher: any LiveTeacher

    public var divergence: DivergenceGuard { .fromTeacherAlone }

    /// Spreads below this count as none.
    private static let leastVariance = 1e-12

    /// - Parameter teacher: A model with the student's outputs, in its order.
    public init(to teacher: any LiveTeacher) {
        self.teacher = teacher
    }

    public func loss(of result: Network.Result, on batch: TrainingBatch) throws -> Tensor {
        let expected = try teacher.outputs(for: batch)
        guard result.outputs.count == expected.count,
            zip(result.outputs, expected).allSatisfy({ $0.shape == $1.shape })
        else {
            throw TrainingError.otherOutputs(result.outputs.map(\.shape), teacher: expected.map(\.shape))
        }
        var sum: Tensor?
        var count = 0
        for (found, expected) in zip(result.outputs, expected) where found.dtype.isFloatingPoint {
            let centred = try expected.subtracting(try expected.mean())
            let variance = try centred.multiplied(by: centred).mean()
            guard try variance.item() > Self.leastVariance else { continue }
            let error = try found.converted(to: .float32).subtracting(expected)
            let share = try error.multiplied(by: error).mean().divided(by: variance)
            sum = try sum?.adding(share) ?? share
            count += 1
        }
        guard let sum else { throw TrainingError.nothingToMatch }
        return try sum.multiplied(by: 1 / Double(count))
    }
}
