public import BantamTensor

/// A property of the weights that every update must restore, such as being zero where they were pruned.
public protocol WeightConstraint {
    /// Called after each step.
    func enforce() throws(TorchError)
}
