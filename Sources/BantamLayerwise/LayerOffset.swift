package import BantamGraph

/// What can take up the mean of a layer's results, channel by channel, so that its weights need not.
package enum LayerOffset {
    case bias(ValueID)
    /// What a normalization behind the layer subtracts.
    case mean(ValueID)

    /// `nil` where the layer has neither a bias nor a normalization of its own.
    package init?(_ layout: WeightLayout, _ end: LayerEnd?, in scope: QuantizationScope) {
        if let bias = layout.bias {
            self = .bias(bias)
        } else if let mean = end?.normalization?.inputs[3], scope.isOwnFloat(mean) {
            self = .mean(mean)
        } else {
            return nil
        }
    }

    /// - Parameter shift: What is added to each channel.
    package func add(_ shift: [Float], in graph: inout Graph) {
        switch self {
        case .bias(let bias): graph.add(shift, to: bias)
        case .mean(let mean): graph.add(shift.map { -$0 }, to: mean)
        }
    }
}
