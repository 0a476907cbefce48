extension TargetProfile {
    /// 64-bit ARM with the dot-product instructions, which multiply s8 by s8.
    public static let armDotProduct = TargetProfile(
        name: "arm-dot",
        summary: "64-bit ARM with dot product: int8 activations and weights",
        activations: .asymmetricInt8,
        weights: .int8,
        operators: [
            IntegerOperator("Conv", spatialRanks: [1, 2], depthwiseSpatialRanks: [1, 2]),
            IntegerOperator("Gemm"),
            IntegerOperator("MatMul"),
            IntegerOperator("Add"),
            IntegerOperator("Mul"),
            IntegerOperator("AveragePool", spatialRanks: [1, 2]),
            IntegerOperator("GlobalAveragePool", spatialRanks: [1, 2]),
        ],
        fusedActivations: ["Relu", "Clip"])
}
