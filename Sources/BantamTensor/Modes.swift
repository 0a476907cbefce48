public import BantamGraph
import CTorch

// libtorch keeps these modes per thread, so their scopes take synchronous closures: a task that is suspended may go
// on in another thread.

/// Runs `body` without recording for the backward pass, which saves the memory of the record.
public func withoutGradients<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
    try withGradientMode(enabled: false, body)
}

/// Runs `body` with recording for the backward pass, inside ``withoutGradients(_:)`` too.
public func withGradients<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    try withGradientMode(enabled: true, body)
}

private func withGradientMode<Result, Failure: Error>(
    enabled: Bool, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
    // Without libtorch there are no tensors for a mode to matter to; `body` reports that it is missing.
    guard let table = try? Torch.table() else { return try body() }
    let previous = table.pointee.set_gradients_enabled(enabled ? 1 : 0)
    defer { _ = table.pointee.set_gradients_enabled(previous) }
    return try body()
}

/// Runs `body` with convolutions and matrix products in a narrower type, their weights being cast once per scope.
///
/// Losses that need the range, such as cross-entropy, are computed in `float32`; what else there is takes the type of
/// its operands. Run the forward pass in it; the backward pass takes the types from there.
///
/// - Parameters:
///   - dtype: `bfloat16`, or `float16` where the device computes in it.
///   - kind: The kind of device the scope is for; operators on others are left alone.
public func withAutocast<Result, Failure: Error>(
    _ dtype: DType = .bfloat16, on kind: Device.Kind = .cpu, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
    guard let table = try? Torch.table() else { return try body() }
    guard dtype == .bfloat16 || dtype == .float16, let native = dtype.native else {
        preconditionFailure("autocast to \(dtype.rawValue)")
    }
    let previous = table.pointee.enter_autocast(
        ctorch_autocast(device_type: kind.number, dtype: native.rawValue, enabled: 1))
    defer { table.pointee.leave_autocast(previous) }
    return try body()
}
