import BantamGraph

/// How weights are drawn. The original project's rule is part of an architecture: training recipes assume it.
///
/// The deviations are those of He et al., *Delving Deep into Rectifiers*, ICCV 2015.
public enum WeightInitialization: Hashable, Sendable {
    /// As PyTorch's modules do: uniform within `1 / sqrt(fan in)`, biases too.
    case uniformFanIn
    /// Uniform with variance `2 / fan in`, biases zero.
    case heUniformFanIn
    /// Normal with variance `2 / fan in`, biases as PyTorch's modules draw them.
    case normalFanIn
    /// Normal with variance `2 / fan out`, biases zero. As in PyTorch, the fan out of a convolution counts the
    /// outputs of all groups, so that a depthwise convolution starts with small weights.
    case normalFanOut
    /// As ``normalFanOut``, with the outputs of one group only: TensorFlow's rule.
    case normalFanOutOfGroup
    /// Normal with this deviation, biases zero.
    case normal(standardDeviation: Float)

    func weight(_ fans: Fans, from generator: inout SeededGenerator) -> Float {
        switch self {
        case .uniformFanIn: generator.uniform(in: -fans.bound...fans.bound)
        case .heUniformFanIn: generator.uniform(in: -fans.heBound...fans.heBound)
        case .normalFanIn: generator.normal(standardDeviation: Fans.heDeviation(fans.input))
        case .normalFanOut: generator.normal(standardDeviation: Fans.heDeviation(fans.output))
        case .normalFanOutOfGroup: generator.normal(standardDeviation: Fans.heDeviation(fans.output / fans.groups))
        case .normal(let deviation): generator.normal(standardDeviation: deviation)
        }
    }

    func bias(_ fans: Fans, from generator: inout SeededGenerator) -> Float {
        switch self {
        case .uniformFanIn, .normalFanIn: generator.uniform(in: -fans.bound...fans.bound)
        case .heUniformFanIn, .normalFanOut, .normalFanOutOfGroup, .normal: 0
        }
    }
}

/// How many inputs an output has, and how many outputs an input.
struct Fans {
    var input: Int
    /// Of all groups together.
    var output: Int
    var groups = 1

    var bound: Float { 1 / Float(max(input, 1)).squareRoot() }
    var heBound: Float { (6 / Float(max(input, 1))).squareRoot() }

    static func heDeviation(_ fan: Int) -> Float { (2 / Float(max(fan, 1))).squareRoot() }
}
