import BantamGraph

/// What a pickle holds, as far as tensors are concerned.
///
/// Sixteen bytes, and nothing on the heap: text stays in the file, containers are numbers into ``Pickle``. So a pickle
/// that builds a cycle or nests without end costs no more than its instructions.
enum PickleValue {
    case none
    case flag(Bool)
    case integer(Int)
    case text(PickleSpan)
    /// Bytes, or an integer of more than 64 bits.
    case bytes(PickleSpan)
    case container(Int32)
    case global(PickleGlobal)
    /// An index into ``Pickle/storages``.
    case storage(Int32)
    /// The container with the arguments of the function that would rebuild the tensor.
    case tensor(arguments: Int32)
    /// What has no meaning here: fractions, sets' contents, devices.
    case other
}

/// A part of the pickle's bytes.
struct PickleSpan {
    var start: UInt32
    var count: UInt32
}

/// A list, tuple or set, or a dictionary as keys and values in turn.
struct PickleContainer {
    enum Kind: UInt8 {
        case tuple, list, dictionary, set
    }

    var kind: Kind
    var items: [PickleValue] = []
}

/// A tensor's bytes, as the pickle names them.
struct StorageReference {
    var key: PickleSpan
    var type: TorchType
    /// Elements, or bytes where the type is ``TorchType/untyped``.
    var count: Int
    /// Legacy files of PyTorch 0.x: the storage is this part of a larger one.
    var view: Range<Int>?
}

/// The outcome of reading one pickle.
struct Pickle {
    let bytes: UnsafeRawBufferPointer
    var root = PickleValue.none
    var containers: [PickleContainer] = []
    var storages: [StorageReference] = []
    /// Where the next pickle of the same file starts.
    var end = 0

    func items(of value: PickleValue, _ kind: PickleContainer.Kind) -> [PickleValue]? {
        guard case .container(let index) = value, containers[Int(index)].kind == kind else { return nil }
        return containers[Int(index)].items
    }

    func bytes(of span: PickleSpan) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Int(span.start)..<Int(span.start) + Int(span.count)])
    }

    func text(_ span: PickleSpan) -> String { String(decoding: bytes(of: span), as: UTF8.self) }

    func equals(_ span: PickleSpan, _ text: StaticString) -> Bool {
        bytes(of: span).elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

/// What reading a pickle may use up, whatever it asks for.
struct PickleLimits {
    /// About 40 make a tensor, so a network of 20,000 tensors fits. Each costs at most some 40 bytes of memory.
    var instructions = 1_000_000
    /// How many containers may be open at the same time; real files have four or so.
    var nesting = 1000
}
