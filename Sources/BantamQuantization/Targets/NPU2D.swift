extension TargetProfile {
    /// A small accelerator for images: convolutions in two dimensions, symmetric int8 throughout, one scale for each
    /// tensor of weights.
    public static let npu2D = TargetProfile(
        name: "npu-2d",
        summary: "accelerators for 2-dimensional convolution only: symmetric int8, one scale a tensor",
        activations: .symmetricInt8,
        weights: WeightFormat(bits: 8, isPerChannel: false),
        operators: [
            IntegerOperator("Conv", spatialRanks: [2]),
            IntegerOperator("Gemm"),
            IntegerOperator("Add"),
            IntegerOperator("AveragePool", spatialRanks: [2]),
            IntegerOperator("GlobalAveragePool", spatialRanks: [2]),
        ],
        fusedActivations: ["Relu", "Clip"])
}
