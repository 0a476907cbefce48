/// Every pass, and the orders in which they are run.
public enum Passes {
    /// A new pass is one file in this folder and one line here.
    public static let all: [any GraphPass] = [
        RemoveIdentity(), FoldShapeComputations(), FoldConstants(), RouteChannels(), FoldBatchNorm(), RemoveDeadNodes(),
        RoundPoolsDown(), PadAveragePool(),
    ]

    /// Makes a trained model ready to be compressed and deployed.
    public static let inference = PassPipeline([
        // First, so that no other pattern is interrupted by a node that does nothing.
        RemoveIdentity(),
        // Exporters compute reshape targets from shapes; channels cannot be removed while sizes hide in there.
        FoldShapeComputations(),
        // Before BatchNorm: exporters put a Transpose or Cast between a weight and its layer.
        FoldConstants(),
        // A shuffle costs as much as a layer.
        RouteChannels(),
        FoldBatchNorm(),
        // Last: it clears what the others left unread.
        RemoveDeadNodes(),
    ])

    /// Rewrites what OpenVINO computes in another way than ONNX says.
    public static let openVINO = PassPipeline([
        // Before pools are padded: dilated ones it can do without.
        RoundPoolsDown(), PadAveragePool(),
    ])

    /// Tidies a model that will be trained: nothing that learns or regularizes is touched.
    public static let training = PassPipeline([
        FoldShapeComputations(),
        // Before channels are chosen from: a shuffle ties those together that have nothing else in common.
        RouteChannels(),
        RemoveDeadNodes(),
    ])
}
