public import BantamGraph
import CTorch

/// Where a tensor lives and is computed.
public struct Device: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case cpu, cuda

        /// libtorch's number of this kind.
        var number: Int32 {
            switch self {
            case .cpu: 0
            case .cuda: 1
            }
        }
    }

    public var kind: Kind
    /// Which of several devices of a kind; 0 for the CPU.
    public var index: Int

    public init(_ kind: Kind, index: Int = 0) {
        self.kind = kind
        self.index = index
    }

    public static let cpu = Device(.cpu)
    public static func cuda(_ index: Int = 0) -> Device { Device(.cuda, index: index) }

    /// Reads `"cpu"`, `"cuda"` or `"cuda:1"`; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let kind = Kind(rawValue: String(parts[0])), parts.count <= 2 else { return nil }
        var index = 0
        if parts.count == 2 {
            guard kind != .cpu, let number = Int(parts[1]), 0..<128 ~= number else { return nil }
            index = number
        }
        self.init(kind, index: index)
    }

    /// The devices of a kind on this machine, for which libtorch's library of that kind is loaded.
    ///
    /// - Throws: `missingLibrary` when this libtorch was not built for the kind, or its libraries are absent.
    public static func count(of kind: Kind) throws(TorchError) -> Int {
        let table = try Torch.table()
        var status = ctorch_status()
        guard table.pointee.load_device(kind.number, &status) == CTORCH_OK else {
            throw .missingDeviceLibrary(kind, reason: Torch.takeText(status.message))
        }
        return Int(table.pointee.device_count(kind.number))
    }

    /// Makes the device ready for operators that name it. What creates or moves tensors does so by itself.
    ///
    /// - Throws: `missingLibrary` when it is not there.
    public func activate() throws(TorchError) {
        guard kind != .cpu else { return }
        let count = try Device.count(of: kind)
        guard index < count else { throw .missingDevice(self, count: count) }
    }

    var native: ctorch_device {
        // On the CPU libtorch's own tensors carry the index -1: no particular one.
        ctorch_device(type: kind.number, index: kind == .cpu ? -1 : Int32(index))
    }

    init(_ native: ctorch_device) {
        let kind = Kind.allCases.first { $0.number == native.type }
        guard let kind else { preconditionFailure("a tensor on the unknown device type \(native.type)") }
        self.init(kind, index: max(0, Int(native.index)))
    }
}

extension Device: CustomStringConvertible {
    public var description: String { kind == .cpu ? "cpu" : "\(kind.rawValue):\(index)" }
}
