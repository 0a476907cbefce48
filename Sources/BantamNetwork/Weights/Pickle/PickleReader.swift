import BantamGraph

/// Reads a pickle without executing anything.
///
/// A pickle is a program for a stack machine that may call any function of any module. This one runs the instructions
/// that build plain data, and knows by name the few functions PyTorch has tensors rebuilt with (``PickleGlobal``); of
/// those it keeps the arguments. A file that names anything else is refused.
///
/// Memory is bounded by ``PickleLimits``, whatever the program does.
///
/// - Complexity: O(instructions).
struct PickleReader {
    private var pickle: Pickle
    private var input: ByteReader
    private let limits: PickleLimits
    private var stack: [PickleValue] = []
    /// The height of the stack at each open mark.
    private var marks: [Int] = []
    private var memo: [PickleValue] = []
    private var instructions = 0
    /// Where the current instruction stands, for errors.
    private var offset = 0

    /// - Parameter bytes: From the pickle's first byte; they may go on behind its end.
    private init(_ bytes: UnsafeRawBufferPointer, limits: PickleLimits) {
        pickle = Pickle(bytes: bytes)
        input = ByteReader(bytes)
        self.limits = limits
    }

    /// Reads the pickle that starts at `start`.
    ///
    /// - Throws: `invalidWeights` or `forbiddenGlobal`, with the byte's place in `file`.
    static func read(
        _ file: UnsafeRawBufferPointer, in range: Range<Int>, limits: PickleLimits = PickleLimits()
    ) throws(NetworkError) -> Pickle {
        // Places are kept in 32 bits.
        let bytes = UnsafeRawBufferPointer(rebasing: file[range].prefix(Int(Int32.max)))
        var reader = PickleReader(bytes, limits: limits)
        do throws(NetworkError) {
            return try reader.run()
        } catch {
            throw error.moved(by: range.lowerBound)
        }
    }

    private mutating func run() throws(NetworkError) -> Pickle {
        while true {
            offset = input.position
            instructions += 1
            guard instructions <= limits.instructions else {
                throw .damagedWeights("its pickle has more than \(limits.instructions) instructions", at: offset)
            }
            let code = try input.integer(UInt8.self)
            guard let opcode = PickleOpcode(rawValue: code) else {
                throw .damagedWeights("its pickle has the unknown instruction \(code)", at: offset)
            }
            if opcode == .stop {
                pickle.root = try pop()
                pickle.end = input.position
                return pickle
            }
            try execute(opcode)
        }
    }

    private mutating func execute(_ opcode: PickleOpcode) throws(NetworkError) {
        switch opcode {
        case .stop: break
        case .proto: try requireKnownProtocol()
        case .frame: _ = try input.integer(UInt64.self)
        case .mark, .pop, .popMark, .dup, .binput, .longBinput, .memoize, .binget, .longBinget:
            try moveOnStack(opcode)
        case .none: stack.append(.none)
        case .newTrue: stack.append(.flag(true))
        case .newFalse: stack.append(.flag(false))
        case .binint: stack.append(.integer(Int(try input.integer(Int32.self))))
        case .binint1: stack.append(.integer(Int(try input.integer(UInt8.self))))
        case .binint2: stack.append(.integer(Int(try input.integer(UInt16.self))))
        case .long1: stack.append(try long(byteCount: Int(try input.integer(UInt8.self))))
        case .long4: stack.append(try long(byteCount: Int(try input.integer(UInt32.self))))
        case .binfloat:
            try input.skip(8)
            stack.append(.other)
        case .binunicode, .binstring: stack.append(.text(try span(try input.integer(UInt32.self))))
        case .shortBinunicode, .shortBinstring: stack.append(.text(try span(try input.integer(UInt8.self))))
        case .binunicode8: stack.append(.text(try span(try input.integer(UInt64.self))))
        case .binbytes: stack.append(.bytes(try span(try input.integer(UInt32.self))))
        case .shortBinbytes: stack.append(.bytes(try span(try input.integer(UInt8.self))))
        case .binbytes8, .bytearray8: stack.append(.bytes(try span(try input.integer(UInt64.self))))
        case .emptyTuple, .tuple, .tuple1, .tuple2, .tuple3, .emptyList, .list, .emptyDict, .dict, .emptySet,
            .frozenSet:
            try makeContainer(opcode)
        case .append, .appends, .setItem, .setItems, .addItems: try fillContainer(opcode)
        case .global: try pushGlobal(module: try input.line(limit: 1000), name: try input.line(limit: 1000))
        case .stackGlobal:
            guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
                throw damaged("names something by what is no text")
            }
            try pushGlobal(module: range(of: module), name: range(of: name))
        case .reduce, .newObject: try call()
        case .build: _ = try pop()
        case .binPersistentID: try pushStorage()
        }
    }

    func damaged(_ what: String) -> NetworkError { .damagedWeights("its pickle \(what)", at: offset) }

    private mutating func requireKnownProtocol() throws(NetworkError) {
        let version = try input.integer(UInt8.self)
        guard (2...5).contains(version) else { throw damaged("has protocol \(version); 2 to 5 are known") }
    }

    /// An integer of any size, two's complement.
    private mutating func long(byteCount: Int) throws(NetworkError) -> PickleValue {
        guard byteCount <= 8 else { return .bytes(try span(byteCount)) }
        let range = try input.skip(byteCount)
        guard let last = range.last else { return .integer(0) }
        var number: Int = input.bytes[last] >= 0x80 ? -1 : 0
        for index in range.reversed() { number = number << 8 | Int(input.bytes[index]) }
        return .integer(number)
    }

    private mutating func span(_ count: some BinaryInteger) throws(NetworkError) -> PickleSpan {
        let range = try input.skip(count)
        return PickleSpan(start: UInt32(range.lowerBound), count: UInt32(range.count))
    }

    private func range(of span: PickleSpan) -> Range<Int> { Int(span.start)..<Int(span.start) + Int(span.count) }
}

// MARK: - Stack and memo

extension PickleReader {
    private mutating func moveOnStack(_ opcode: PickleOpcode) throws(NetworkError) {
        switch opcode {
        case .mark:
            guard marks.count < limits.nesting else { throw damaged("nests more than \(limits.nesting) deep") }
            marks.append(stack.count)
        case .pop:
            if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
        case .popMark: _ = try popToMark()
        case .dup: stack.append(try top())
        case .binput: try remember(at: Int(try input.integer(UInt8.self)))
        case .longBinput: try remember(at: Int(try input.integer(UInt32.self)))
        case .memoize: try remember(at: memo.count)
        case .binget: try recall(Int(try input.integer(UInt8.self)))
        default: try recall(Int(try input.integer(UInt32.self)))
        }
    }

    private func top() throws(NetworkError) -> PickleValue {
        guard stack.count > marks.last ?? 0, let value = stack.last else { throw damaged("takes what is not there") }
        return value
    }

    private mutating func pop() throws(NetworkError) -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    /// Takes all values above the last mark.
    private mutating func popToMark() throws(NetworkError) -> [PickleValue] {
        guard let start = marks.popLast() else { throw damaged("ends a group that has no start") }
        defer { stack.removeSubrange(start...) }
        return Array(stack[start...])
    }

    /// Picklers number what they remember without holes, from 0 on, or in Python 2 from 1.
    private mutating func remember(at index: Int) throws(NetworkError) {
        let value = try top()
        if memo.isEmpty, index == 1 { memo.append(.none) }
        guard index <= memo.count else { throw damaged("remembers number \(index) after \(memo.count) others") }
        if index == memo.count { memo.append(value) } else { memo[index] = value }
    }

    private mutating func recall(_ index: Int) throws(NetworkError) {
        guard index < memo.count else { throw damaged("recalls number \(index) of \(memo.count)") }
        stack.append(memo[index])
    }
}

// MARK: - Containers

extension PickleReader {
    private mutating func makeContainer(_ opcode: PickleOpcode) throws(NetworkError) {
        switch opcode {
        case .emptyTuple: push(.tuple)
        case .emptyList: push(.list)
        case .emptyDict: push(.dictionary)
        case .emptySet: push(.set)
        case .tuple: push(.tuple, try popToMark())
        case .list: push(.list, try popToMark())
        case .frozenSet: push(.set, try popToMark())
        case .dict: push(.dictionary, try pairs(try popToMark()))
        case .tuple1: push(.tuple, [try pop()])
        case .tuple2:
            let second = try pop()
            push(.tuple, [try pop(), second])
        default:
            let third = try pop()
            let second = try pop()
            push(.tuple, [try pop(), second, third])
        }
    }

    private mutating func push(_ kind: PickleContainer.Kind, _ items: [PickleValue] = []) {
        stack.append(.container(Int32(pickle.containers.count)))
        pickle.containers.append(PickleContainer(kind: kind, items: items))
    }

    private func pairs(_ items: [PickleValue]) throws(NetworkError) -> [PickleValue] {
        guard items.count.isMultiple(of: 2) else { throw damaged("has a key without a value") }
        return items
    }

    private mutating func fillContainer(_ opcode: PickleOpcode) throws(NetworkError) {
        let items: [PickleValue]
        let kind: PickleContainer.Kind
        switch opcode {
        case .append: (items, kind) = ([try pop()], .list)
        case .appends: (items, kind) = (try popToMark(), .list)
        case .addItems: (items, kind) = (try popToMark(), .set)
        case .setItem:
            let value = try pop()
            (items, kind) = ([try pop(), value], .dictionary)
        default: (items, kind) = (try pairs(try popToMark()), .dictionary)
        }
        switch try top() {
        case .container(let index) where pickle.containers[Int(index)].kind == kind:
            pickle.containers[Int(index)].items += items
        case .other: break
        default: throw damaged("adds to what is no \(kind)")
        }
    }
}

// MARK: - Python objects

extension PickleReader {
    private mutating func pushGlobal(module: Range<Int>, name: Range<Int>) throws(NetworkError) {
        let words = [module, name].map { String(decoding: pickle.bytes[$0].prefix(200), as: UTF8.self) }
        guard let global = PickleGlobal(module: words[0], name: words[1]) else {
            throw .forbiddenGlobal(words.joined(separator: "."), at: offset)
        }
        stack.append(.global(global))
    }

    /// Stands for the call of a function or class with a tuple of arguments.
    private mutating func call() throws(NetworkError) {
        let arguments = try pop()
        guard case .global(let function) = try pop(), case .container(let index) = arguments,
            let items = pickle.items(of: arguments, .tuple)
        else { throw damaged("calls what is no known function") }
        switch function {
        case .dictionary: push(.dictionary, listedPairs(items.first))
        case .rebuildTensor: stack.append(.tensor(arguments: index))
        case .rebuildParameter:
            guard let data = items.first else { throw damaged("has a parameter without a tensor") }
            stack.append(data)
        case .inert: stack.append(.other)
        case .storage, .dtype: throw damaged("calls what is no function")
        }
    }

    /// Python 2 gave an `OrderedDict` its entries as a list of pairs.
    private func listedPairs(_ argument: PickleValue?) -> [PickleValue] {
        guard let list = argument.flatMap({ pickle.items(of: $0, .list) }) else { return [] }
        let pairs = list.map { pickle.items(of: $0, .list) ?? pickle.items(of: $0, .tuple) ?? [] }
        return pairs.allSatisfy { $0.count == 2 } ? pairs.flatMap { $0 } : []
    }

    /// `('storage', type, key, device, count[, view])`: where PyTorch's pickler leaves out a tensor's bytes.
    private mutating func pushStorage() throws(NetworkError) {
        guard let items = pickle.items(of: try pop(), .tuple), items.count >= 5, case .text(let kind) = items[0],
            pickle.equals(kind, "storage"), case .global(.storage(let type)) = items[1], case .text(let key) = items[2],
            case .integer(let count) = items[4]
        else { throw damaged("refers to something outside of it that is no tensor storage") }
        guard count >= 0 else { throw damaged("has a storage of \(count) elements") }
        var reference = StorageReference(key: key, type: type, count: count)
        if items.count > 5, case .container = items[5] {
            guard let view = pickle.items(of: items[5], .tuple), view.count == 3, case .integer(let start) = view[1],
                case .integer(let count) = view[2], start >= 0, count >= 0, start <= .max - count
            else { throw damaged("has a storage with a view that makes no sense") }
            reference.view = start..<start + count
        }
        stack.append(.storage(Int32(pickle.storages.count)))
        pickle.storages.append(reference)
    }
}
