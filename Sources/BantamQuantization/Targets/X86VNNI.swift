extension TargetProfile {
    /// x86-64 with the instructions that sum four products of u8 and s8 in 32 bits (VNNI, AMX).
    ///
    /// Follows what OpenVINO 2026.4 was seen to run in integers. A depthwise convolution in three dimensions whose
    /// input has a zero point is not among it: it runs in float32, with the conversions on top.
    public static let x86VNNI = TargetProfile(
        name: "x86-vnni",
        summary: "x86-64 with VNNI or AMX: uint8 activations, int8 weights",
        activations: .asymmetricUInt8,
        weights: .int8,
        operators: [
            IntegerOperator("Conv", spatialRanks: [1, 2, 3], depthwiseSpatialRanks: [1, 2]),
            IntegerOperator("ConvTranspose", spatialRanks: [1, 2, 3]),
            IntegerOperator("Gemm"),
            IntegerOperator("MatMul"),
            IntegerOperator("Add"),
            IntegerOperator("Mul"),
            IntegerOperator("AveragePool", spatialRanks: [1, 2, 3]),
            IntegerOperator("GlobalAveragePool", spatialRanks: [1, 2, 3]),
        ],
        fusedActivations: [
            "Relu", "Clip", "LeakyRelu", "PRelu", "Elu", "HardSwish", "HardSigmoid", "Sigmoid", "Tanh", "Gelu", "Mish",
        ],
        addsUnrounded: true)
}
