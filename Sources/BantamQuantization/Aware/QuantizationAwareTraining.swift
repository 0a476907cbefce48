public import BantamTraining

/// How a model is trained for INT8: its weights learn to be rounded, and the scales to round by are learned with them.
///
/// It starts where calibration ends, so that its first step sees the model that static quantization would give, and it
/// ends in the same kind of file. Zeros stay zeros.
///
/// - Reference: Jacob et al., *Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
///   Inference*, CVPR 2018; Esser et al., *Learned Step Size Quantization*, ICLR 2020.
public struct QuantizationAwareTraining: Codable, Hashable, Sendable {
    /// Where the scales start, and for which hardware.
    public var quantization: StaticQuantizationConfiguration
    /// Its `freezeAfter` says when statistics and scales are left alone.
    public var training: TrainingConfiguration
    /// How the float model teaches the rounded one; `nil` for labels alone.
    public var distillation: DistillationConfiguration?
    /// Whether BatchNorm layers follow the statistics of the batches until the freeze. Otherwise they are folded into
    /// the layers before them from the start, as in models that came that way. A batch's statistics are further from the
    /// stored ones than rounding to 8 bits is from float: that pays in long trainings only.
    public var trainsNorms: Bool

    public init(
        quantization: StaticQuantizationConfiguration = StaticQuantizationConfiguration(),
        training: TrainingConfiguration, distillation: DistillationConfiguration? = DistillationConfiguration(),
        trainsNorms: Bool = false
    ) {
        self.quantization = quantization
        self.training = training
        self.distillation = distillation
        self.trainsNorms = trainsNorms
    }
}
