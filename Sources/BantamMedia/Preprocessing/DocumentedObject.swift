import BantamGraph

/// A JSON object of which every key is documented: what else it holds is an error, not ignored.
struct DocumentedObject {
    private let container: KeyedDecodingContainer<AnyKey>
    /// The path of the object, ending in a dot; empty for the outermost.
    private let prefix: String
    private let documented: [DocumentedKey]

    /// - Parameters:
    ///   - path: The keys that the object stands within; `nil` for the outermost.
    ///   - documented: The keys of the outermost object and all below it.
    /// - Throws: ``MediaError`` for something other than an object, and for unknown keys, all of them at once.
    init(_ decoder: any Decoder, named path: String?, keys documented: [DocumentedKey]) throws {
        let container: KeyedDecodingContainer<AnyKey>
        do {
            container = try decoder.container(keyedBy: AnyKey.self)
        } catch is DecodingError {
            throw MediaError.invalidPreprocessing("\(path.map { "\"\($0)\"" } ?? "it") must be a JSON object, {...}")
        }
        try self.init(container, prefix: path.map { $0 + "." } ?? "", documented)
    }

    private init(_ container: KeyedDecodingContainer<AnyKey>, prefix: String, _ documented: [DocumentedKey]) throws {
        self.container = container
        self.prefix = prefix
        self.documented = documented
        let known = documented.filter { $0.path.hasPrefix(prefix) }
            .map { String($0.path.dropFirst(prefix.count)) }.filter { !$0.contains(".") }
        let unknown = container.allKeys.map(\.stringValue).filter { !known.contains($0) }.sorted()
        guard unknown.isEmpty else {
            throw MediaError.unknownKeys(
                unknown.map { (prefix + $0, nearest(to: $0, among: known)) }, known: known.map { prefix + $0 })
        }
    }

    /// The key that was meant: one of this object's, or one of the same name that stands elsewhere.
    private func nearest(to name: String, among known: [String]) -> String? {
        for spelling in [name] + swapped(name) {
            if let key = Spelling.nearest(to: spelling, among: known).first { return prefix + key }
        }
        return documented.first { $0.path.split(separator: ".").last.map(String.init) == name }?.path
    }

    /// The name with each two neighbouring letters exchanged, which is the most common slip.
    private func swapped(_ name: String) -> [String] {
        let letters = Array(name)
        return letters.indices.dropLast().map { index in
            var copy = letters
            copy.swapAt(index, index + 1)
            return String(copy)
        }
    }

    /// Whether there is a value other than null.
    func has(_ key: String) -> Bool {
        container.contains(AnyKey(key)) && kind(of: key) != "null"
    }

    func missing(_ keys: [String]) -> MediaError { .missingKeys(keys.map { prefix + $0 }) }

    func object(_ key: String) throws -> DocumentedObject? {
        try read(key, as: "an object, {...}") {
            try container.nestedContainer(keyedBy: AnyKey.self, forKey: $0)
        }.map { try DocumentedObject($0, prefix: prefix + key + ".", documented) }
    }

    func wholeNumber(_ key: String) throws -> Int? {
        try read(key, as: "a whole number") { try container.decode(Int.self, forKey: $0) }
    }

    func number(_ key: String) throws -> Double? {
        try read(key, as: "a number") { try container.decode(Double.self, forKey: $0) }
    }

    /// A list of numbers; a single number is a list of one.
    func numbers(_ key: String) throws -> [Double]? {
        if isNumber(key) { return try number(key).map { [$0] } }
        return try read(key, as: "a number, or a list of numbers and nothing else") {
            try container.decode([Double].self, forKey: $0)
        }
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, of _: Choice.Type
    ) throws -> Choice? where Choice.RawValue == String {
        let known = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        guard let name = try read(key, as: "one of \(known)", { try container.decode(String.self, forKey: $0) })
        else { return nil }
        guard let choice = Choice(rawValue: name) else {
            throw MediaError.invalidPreprocessing("\"\(prefix)\(key)\" is \"\(name)\"; give one of \(known)")
        }
        return choice
    }

    private func read<Value>(
        _ key: String, as expected: String, _ decode: (AnyKey) throws -> Value
    ) throws -> Value? {
        guard has(key) else { return nil }
        do {
            return try decode(AnyKey(key))
        } catch {
            throw MediaError.invalidPreprocessing("\"\(prefix)\(key)\" is \(kind(of: key)); give \(expected)")
        }
    }

    private func isNumber(_ key: String) -> Bool { (try? container.decode(Double.self, forKey: AnyKey(key))) != nil }

    /// What a value is, in words; `"null"` for none.
    private func kind(of name: String) -> String {
        let key = AnyKey(name)
        if (try? container.decodeNil(forKey: key)) ?? true { return "null" }
        if (try? container.decode(Bool.self, forKey: key)) != nil { return "true or false" }
        if let number = try? container.decode(Double.self, forKey: key) { return "the number \(number)" }
        if (try? container.decode(String.self, forKey: key)) != nil { return "a text" }
        if (try? container.nestedUnkeyedContainer(forKey: key)) != nil { return "a list" }
        return (try? container.nestedContainer(keyedBy: AnyKey.self, forKey: key)) != nil ? "an object" : "unreadable"
    }
}

/// A key of whatever name.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
