public import BantamTensor

/// A part of what training minimizes that depends on the weights alone, such as a penalty on channels.
///
/// It is given by its gradient, which is cheaper than recording its computation at every step. As with weight decay,
/// the losses that a training reports leave it out, and the clipping of gradients does not touch it.
public protocol WeightPenalty {
    /// Adds the penalty's gradient to those of the parameters. Called after each backward pass, without recording.
    ///
    /// - Parameter progress: The share of the training's steps that are done, 0...1.
    func addGradients(progress: Double) throws(TorchError)
}
