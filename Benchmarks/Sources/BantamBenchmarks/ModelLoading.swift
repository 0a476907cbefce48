import BantamGraph
import BantamNetwork
import BantamONNX

/// Reads a model or a weight file over and over, all of it: each time every byte of every tensor is summed up, because
/// opening a mapped file alone reads nothing.
struct ModelLoading {
    private let path: String
    private let isModel: Bool
    /// Of the first time. It is the same each time, and comparing it keeps the sums from being optimized away.
    private var sum: UInt64?

    init(path: String) {
        self.path = path
        isModel = path.hasSuffix(".onnx")
    }

    mutating func milliseconds(perLoadOf count: Int) throws -> Double {
        let duration = try ContinuousClock().measure {
            for _ in 0..<count {
                let sum = try tensors().reduce(0 as UInt64) { $0 &+ $1.wordSum }
                guard sum == self.sum ?? sum else { throw BenchmarkError("\(path) has changed meanwhile") }
                self.sum = sum
            }
        }
        return duration.seconds * 1000 / Double(count)
    }

    private func tensors() throws -> [TensorData] {
        guard isModel else { return Array(try WeightFile.read(path).tensors.values) }
        let graph = try ONNXFile.read(path).graph
        try Verifier.verify(graph)
        return Array(graph.constants.values)
    }
}

extension TensorData {
    /// The sum of the tensor's 64-bit words.
    fileprivate var wordSum: UInt64 {
        withUnsafeBytes { bytes in
            var sum: UInt64 = 0
            for offset in stride(from: 0, to: bytes.count - 7, by: 8) {
                sum &+= bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            }
            return sum
        }
    }
}
