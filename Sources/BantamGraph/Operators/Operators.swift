/// Every operator Bantam knows. A new one is one file in this folder and one line here.
public enum Operators {
    public static let all: [any Operator.Type] = [
        // Layers and activations
        AveragePool.self,
        BatchNormalization.self,
        Celu.self,
        Clip.self,
        Conv.self,
        ConvInteger.self,
        ConvTranspose.self,
        Dropout.self,
        Elu.self,
        Erf.self,
        Gelu.self,
        Gemm.self,
        GlobalAveragePool.self,
        GlobalLpPool.self,
        GlobalMaxPool.self,
        GridSample.self,
        GroupNormalization.self,
        GRU.self,
        Hardmax.self,
        HardSigmoid.self,
        HardSwish.self,
        InstanceNormalization.self,
        LayerNormalization.self,
        LeakyRelu.self,
        LogSoftmax.self,
        LpNormalization.self,
        LpPool.self,
        LRN.self,
        LSTM.self,
        MatMul.self,
        MatMulInteger.self,
        MaxPool.self,
        MaxUnpool.self,
        MeanVarianceNormalization.self,
        Mish.self,
        PRelu.self,
        QLinearConv.self,
        Relu.self,
        Resize.self,
        RNN.self,
        Selu.self,
        Shrink.self,
        Sigmoid.self,
        Softmax.self,
        Softplus.self,
        Softsign.self,
        Tanh.self,
        ThresholdedRelu.self,

        // Tensors, arithmetic and quantization
        Abs.self,
        Acos.self,
        Acosh.self,
        Add.self,
        AffineGrid.self,
        And.self,
        ArgMax.self,
        ArgMin.self,
        Asin.self,
        Asinh.self,
        Atan.self,
        Atanh.self,
        BitShift.self,
        BitwiseAnd.self,
        BitwiseNot.self,
        BitwiseOr.self,
        BitwiseXor.self,
        Cast.self,
        CastLike.self,
        Ceil.self,
        CenterCropPad.self,
        Col2Im.self,
        Compress.self,
        Concat.self,
        Constant.self,
        ConstantOfShape.self,
        Cos.self,
        Cosh.self,
        CumSum.self,
        DepthToSpace.self,
        DequantizeLinear.self,
        Div.self,
        DynamicQuantizeLinear.self,
        Einsum.self,
        Equal.self,
        Exp.self,
        Expand.self,
        EyeLike.self,
        Flatten.self,
        Floor.self,
        Gather.self,
        GatherElements.self,
        GatherND.self,
        Greater.self,
        GreaterOrEqual.self,
        Identity.self,
        IsInf.self,
        IsNaN.self,
        Less.self,
        LessOrEqual.self,
        Log.self,
        Max.self,
        Mean.self,
        Min.self,
        Mod.self,
        Mul.self,
        Neg.self,
        NonZero.self,
        Not.self,
        OneHot.self,
        Or.self,
        Pad.self,
        Pow.self,
        QuantizeLinear.self,
        RangeOperator.self,
        Reciprocal.self,
        ReduceL1.self,
        ReduceL2.self,
        ReduceLogSum.self,
        ReduceLogSumExp.self,
        ReduceMax.self,
        ReduceMean.self,
        ReduceMin.self,
        ReduceProd.self,
        ReduceSum.self,
        ReduceSumSquare.self,
        Reshape.self,
        ReverseSequence.self,
        Round.self,
        ScatterElements.self,
        ScatterND.self,
        ShapeOperator.self,
        Sign.self,
        Sin.self,
        Sinh.self,
        Size.self,
        Slice.self,
        SpaceToDepth.self,
        Split.self,
        Sqrt.self,
        Squeeze.self,
        Sub.self,
        Sum.self,
        Tan.self,
        Tile.self,
        TopK.self,
        Transpose.self,
        Trilu.self,
        Unsqueeze.self,
        Where.self,
        Xor.self,
    ]

    /// Operators of Bantam's own, which stand in graphs only while something is done to them: no file holds them.
    public static let own: [any Operator.Type] = [
        FakeQuantize.self
    ]

    /// The domain of ``own``.
    public static let ownDomain = "bantam"

    /// Those of ONNX, in alphabetical order.
    public static let names: [String] = all.map { $0.name }.sorted()

    private static let byName: [String: any Operator.Type] = Dictionary(
        uniqueKeysWithValues: (all + own).map { ("\($0.domain)/\($0.name)", $0) })

    /// The definition of an operator.
    public static func definition(named name: String, domain: String = "") -> (any Operator.Type)? {
        byName["\(domain == "ai.onnx" ? "" : domain)/\(name)"]
    }

    /// The definition of a node's operator.
    ///
    /// - Throws: `unknownOperator`, naming the node, and the operators there are.
    public static func definition(of node: Node) throws(GraphError) -> any Operator.Type {
        guard let definition = definition(named: node.operatorName, domain: node.domain) else {
            throw .unknownOperator(of: node, supported: names)
        }
        return definition
    }
}
