/// Every operator Bantam knows. A new one is one file in this folder and one line here.
public enum Operators {
    public static let all: [any Operator.Type] = [
        // Layers and activations
        AveragePool.self,
        BatchNormalization.self,
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
        GlobalMaxPool.self,
        GroupNormalization.self,
        HardSigmoid.self,
        HardSwish.self,
        InstanceNormalization.self,
        LayerNormalization.self,
        LeakyRelu.self,
        LogSoftmax.self,
        MatMul.self,
        MatMulInteger.self,
        MaxPool.self,
        Mish.self,
        PRelu.self,
        Relu.self,
        Resize.self,
        Selu.self,
        Sigmoid.self,
        Softmax.self,
        Softplus.self,
        Tanh.self,

        // Tensors, arithmetic and quantization
        Abs.self,
        Add.self,
        And.self,
        ArgMax.self,
        Cast.self,
        Ceil.self,
        Concat.self,
        Constant.self,
        ConstantOfShape.self,
        DepthToSpace.self,
        DequantizeLinear.self,
        Div.self,
        DynamicQuantizeLinear.self,
        Equal.self,
        Exp.self,
        Expand.self,
        Flatten.self,
        Floor.self,
        Gather.self,
        Greater.self,
        GreaterOrEqual.self,
        Identity.self,
        Less.self,
        LessOrEqual.self,
        Log.self,
        Max.self,
        Mean.self,
        Min.self,
        Mod.self,
        Mul.self,
        Neg.self,
        Not.self,
        Or.self,
        Pad.self,
        Pow.self,
        QuantizeLinear.self,
        RangeOperator.self,
        Reciprocal.self,
        ReduceL2.self,
        ReduceMax.self,
        ReduceMean.self,
        ReduceMin.self,
        ReduceProd.self,
        ReduceSum.self,
        Reshape.self,
        Round.self,
        ShapeOperator.self,
        Slice.self,
        SpaceToDepth.self,
        Split.self,
        Sqrt.self,
        Squeeze.self,
        Sub.self,
        Sum.self,
        Tile.self,
        TopK.self,
        Transpose.self,
        Unsqueeze.self,
        Where.self,
    ]

    private static let byName: [String: any Operator.Type] = Dictionary(
        uniqueKeysWithValues: all.map { ("\($0.domain)/\($0.name)", $0) })

    /// The definition of an operator.
    public static func definition(named name: String, domain: String = "") -> (any Operator.Type)? {
        byName["\(domain == "ai.onnx" ? "" : domain)/\(name)"]
    }

    /// The definition of a node's operator.
    ///
    /// - Throws: `unknownOperator`, naming the node.
    public static func definition(of node: Node) throws(GraphError) -> any Operator.Type {
        guard let definition = definition(named: node.operatorName, domain: node.domain) else {
            throw .unknownOperator(of: node, supported: all.count)
        }
        return definition
    }
}
