import BantamTensor

/// Adds up losses on the device and reads them at intervals.
struct LossMeter {
    let readingInterval: Int
    private var pending: [Tensor] = []
    private var sum = 0.0
    private var count = 0

    init(readingInterval: Int) {
        self.readingInterval = readingInterval
    }

    /// The mean of what was read.
    var mean: Double { count == 0 ? 0 : sum / Double(count) }

    /// - Returns: The mean loss since the last reading, when it is time for one.
    mutating func add(_ loss: Tensor, isLast: Bool) throws(TorchError) -> Double? {
        pending.append(loss)
        guard pending.count >= readingInterval || isLast else { return nil }
        let total = pending.count == 1 ? try pending[0].item() : try Tensor.stack(pending).sum().item()
        let reading = total / Double(pending.count)
        sum += total
        count += pending.count
        pending = []
        return reading
    }
}
