import BantamGraph
import CTorch

// Between `ATenValue` and the tagged union of the C interface.
//
// Lists travel as pointers to machine words. All lists of a call are laid end to end in one piece of scratch memory
// on the stack, so a call allocates nothing for them.

extension ATenValue {
    /// The machine words of scratch memory that this value needs.
    var scratchWords: Int {
        switch self {
        case .ints(let values): values.count
        case .doubles(let values): values.count
        case .bools(let values): values.count
        case .tensors(let tensors): tensors.count
        case .optionalTensors(let tensors): tensors.count
        case .string(let text): (text.utf8.count + 7) / 8
        default: 0
        }
    }

    /// - Parameter scratch: Room for ``scratchWords``; advanced beyond what is used.
    /// - Returns: A value that is good as long as `self` and the scratch memory are.
    func native(scratch: inout UnsafeMutableRawPointer) -> ctorch_value {
        var value = ctorch_value()
        switch self {
        case .none: value.tag = CTORCH_NONE
        case .tensor(let tensor):
            value.tag = CTORCH_TENSOR
            value.tensor = tensor.handle
        case .int(let number):
            value.tag = CTORCH_INT
            value.integer = Int64(number)
        case .double(let number):
            value.tag = CTORCH_DOUBLE
            value.real = number
        case .bool(let flag):
            value.tag = CTORCH_BOOLEAN
            value.integer = flag ? 1 : 0
        case .dtype(let dtype):
            guard let native = dtype.native else { preconditionFailure("libtorch has no \(dtype.rawValue)") }
            value.tag = CTORCH_INT
            value.integer = Int64(native.rawValue)
        case .memoryFormat(let format):
            value.tag = CTORCH_INT
            value.integer = Int64(format.native.rawValue)
        case .device(let device):
            value.tag = CTORCH_DEVICE
            value.device = device.native
        case .generator(let generator):
            value.tag = CTORCH_GENERATOR
            value.generator = generator.handle
        case .ints(let values):
            value.setList(CTORCH_INT_LIST, values, scratch: &scratch) { Int64($0) }
        case .doubles(let values):
            value.setList(CTORCH_DOUBLE_LIST, values, scratch: &scratch) { $0 }
        case .bools(let values):
            value.setList(CTORCH_BOOLEAN_LIST, values, scratch: &scratch) { Int64($0 ? 1 : 0) }
        case .tensors(let tensors):
            value.setList(CTORCH_TENSOR_LIST, tensors, scratch: &scratch) { $0.handle }
        case .optionalTensors(let tensors):
            value.setList(CTORCH_OPTIONAL_TENSOR_LIST, tensors, scratch: &scratch) { $0?.handle }
        case .string(let text):
            value.tag = CTORCH_STRING
            value.count = text.utf8.count
            value.items = UnsafeRawPointer(scratch)
            UnsafeMutableRawBufferPointer(start: scratch, count: value.count).copyBytes(from: text.utf8)
            scratch += scratchWords * 8
        }
        return value
    }

    /// Takes over what a result holds.
    init(taking value: ctorch_value, from operation: ATenOperation) throws(TorchError) {
        defer { withUnsafePointer(to: value) { Torch.loaded.pointee.release_value($0) } }
        switch value.tag {
        case CTORCH_NONE: self = .none
        case CTORCH_TENSOR: self = value.tensor.map { .tensor(Tensor(owning: $0)) } ?? .none
        case CTORCH_INT: self = .int(Int(value.integer))
        case CTORCH_DOUBLE: self = .double(value.real)
        case CTORCH_BOOLEAN: self = .bool(value.integer != 0)
        case CTORCH_DEVICE: self = .device(Device(value.device))
        case CTORCH_STRING: self = .string(String(decoding: value.list(of: UInt8.self), as: UTF8.self))
        case CTORCH_INT_LIST: self = .ints(value.list(of: Int64.self).map(Int.init))
        case CTORCH_DOUBLE_LIST: self = .doubles(Array(value.list(of: Double.self)))
        case CTORCH_TENSOR_LIST: self = .tensors(value.list(of: OpaquePointer.self).map(Tensor.init(owning:)))
        default: throw .unsupportedResult(operation.description, tag: value.tag.rawValue)
        }
    }
}

extension ctorch_value {
    fileprivate mutating func setList<Element, Word>(
        _ tag: ctorch_tag, _ elements: [Element], scratch: inout UnsafeMutableRawPointer, _ word: (Element) -> Word
    ) {
        self.tag = tag
        count = elements.count
        items = UnsafeRawPointer(scratch)
        for element in elements {
            scratch.storeBytes(of: word(element), as: Word.self)
            scratch += 8
        }
    }

    fileprivate func list<Element>(of _: Element.Type) -> UnsafeBufferPointer<Element> {
        UnsafeBufferPointer(start: items?.assumingMemoryBound(to: Element.self), count: count)
    }
}
