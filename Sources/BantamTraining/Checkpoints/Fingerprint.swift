public import BantamGraph
import BantamMedia

/// A short text that differs for models and data that differ: to tell whether a checkpoint belongs to a training.
///
/// Not cryptographic: it guards against mistakes, not against attacks.
/// Fowler, Noll and Vo's hash (FNV-1a), over words of 64 bits.
public struct Fingerprint {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    public init() {}

    /// 16 hexadecimal digits.
    public var text: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    public mutating func add(_ text: String) {
        for byte in text.utf8 { add(UInt64(byte)) }
        add(UInt64(text.utf8.count))
    }

    /// The graph's nodes and all of its constants.
    public mutating func add(_ graph: Graph) {
        for node in graph.nodes.values {
            add(node.operatorName)
            add(node.name)
        }
        for (value, data) in graph.constants {
            add(graph[value].name)
            add("\(data.type)")
            data.withUnsafeBytes { bytes in
                var position = 0
                while position + 8 <= bytes.count {
                    add(bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                    position += 8
                }
                while position < bytes.count {
                    add(UInt64(bytes[position]))
                    position += 1
                }
            }
        }
    }

    /// The classes, the label of each sample, the preprocessing, and what some samples look like.
    ///
    /// - Throws: What reading a sample throws.
    public mutating func add(_ data: TrainingData) throws {
        for name in data.dataset.classNames { add(name) }
        for index in 0..<data.count { add(UInt64(bitPattern: Int64(data.dataset.label(at: index)))) }
        add(try data.preprocessing.json())
        for part in 0..<Self.lookedAt where data.count > 0 {
            try add(data.dataset.sample(at: part * data.count / Self.lookedAt))
        }
    }

    private static let lookedAt = 4

    private mutating func add(_ sample: Sample) {
        switch sample.content {
        case .image(let image): add(image)
        case .clip(let frames): frames.forEach { add($0) }
        case .video(let path): add(path)
        case .tensor(let tensor): add("\(tensor)")
        }
    }

    private mutating func add(_ image: Image) {
        add(UInt64(image.extent.width))
        add(UInt64(image.extent.height))
        image.pixels.withUnsafeBytes { bytes in
            for byte in bytes { add(UInt64(byte)) }
        }
    }

    private mutating func add(_ word: UInt64) { state = (state ^ word) &* 0x100_0000_01b3 }
}
