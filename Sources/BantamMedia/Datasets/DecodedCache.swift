public import BantamGraph
import Synchronization

/// Keeps the decoded images of another data set, up to a limit of memory.
///
/// Decoding a small PNG takes longer than a training step spends on it; from the second epoch on it is free. Samples
/// beyond the limit, and videos, are read anew each time.
public final class DecodedCache: Dataset {
    private struct State {
        var samples: [Sample?]
        var bytes = 0
    }

    private let base: any Dataset
    private let limit: ByteCount
    private let state: Mutex<State>

    public var classNames: [String] { base.classNames }
    public var count: Int { base.count }

    public init(_ base: any Dataset, limit: ByteCount = .mebibytes(1024)) {
        self.base = base
        self.limit = limit
        state = Mutex(State(samples: Array(repeating: nil, count: base.count)))
    }

    public func label(at index: Int) -> Int { base.label(at: index) }
    public func name(at index: Int) -> String { base.name(at: index) }
    public var passedOver: [PassedOver] { base.passedOver }

    public func sample(at index: Int) throws(MediaError) -> Sample {
        if let known = state.withLock({ $0.samples[index] }) { return known }
        let sample = try base.sample(at: index)
        let bytes = sample.decodedBytes
        guard bytes > 0 else { return sample }
        state.withLock { state in
            // Two threads may have decoded the same sample.
            guard state.samples[index] == nil, state.bytes + bytes <= limit.bytes else { return }
            state.samples[index] = sample
            state.bytes += bytes
        }
        return sample
    }
}

extension Sample {
    fileprivate var decodedBytes: Int {
        switch content {
        case .image(let image): image.pixels.count
        case .clip(let images): images.reduce(0) { $0 + $1.pixels.count }
        case .tensor(let tensor): tensor.byteCount.bytes
        case .video: 0
        }
    }
}
