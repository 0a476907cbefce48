import BantamGraph

/// Finds the named tensors in what `torch.save` was given.
///
/// That is the dictionary itself, or a training's whole state, of which one entry is the network's:
/// `{"epoch": 90, "state_dict": {...}, "optimizer": {...}}`. Everything else in it is passed over.
struct StateDictionary {
    /// The keys that led to the tensors: `["state_dict"]`; empty when they lie at the top.
    private(set) var path: [String] = []
    /// Each tensor's name, and the container with its arguments.
    private(set) var entries: [(name: String, arguments: Int32)] = []

    /// In the order in which they are looked for. Averages (`..._ema`) are taken where there is nothing else.
    static let wrappers: [StaticString] = [
        "state_dict", "model_state", "model_state_dict", "model", "net", "network", "module", "weights", "params",
        "state_dict_ema", "model_ema", "ema_state_dict", "params_ema",
    ]

    static let depthLimit = 8
    static let nameLimit = 512
    /// More tensors than any network has.
    static let tensorLimit = 65_536

    private let pickle: Pickle

    /// - Throws: `invalidWeights` when there are no tensors, or names no one can mean.
    init(of pickle: Pickle) throws(NetworkError) {
        self.pickle = pickle
        var items = pickle.items(of: pickle.root, .dictionary) ?? []
        while path.count < Self.depthLimit, let (key, inner) = wrapped(in: items) {
            path.append(key)
            items = inner
        }
        try collect(items)
        guard !entries.isEmpty else { throw .noTensors() }
    }

    /// The dictionary of tensors under the first wrapper's key there is.
    private func wrapped(in items: [PickleValue]) -> (String, [PickleValue])? {
        for wrapper in Self.wrappers {
            for index in stride(from: 0, to: items.count, by: 2) {
                guard case .text(let key) = items[index], pickle.equals(key, wrapper),
                    let inner = pickle.items(of: items[index + 1], .dictionary),
                    holdsTensors(inner) || wrapped(oneDeeper: inner)
                else { continue }
                return (pickle.text(key), inner)
            }
        }
        return nil
    }

    private func wrapped(oneDeeper items: [PickleValue]) -> Bool {
        stride(from: 1, to: items.count, by: 2).contains { index in
            pickle.items(of: items[index], .dictionary).map(holdsTensors) ?? false
        }
    }

    private func holdsTensors(_ items: [PickleValue]) -> Bool {
        stride(from: 1, to: items.count, by: 2).contains { index in
            if case .tensor = items[index] { true } else { false }
        }
    }

    /// The tensors of a dictionary; if it has none itself, those of the dictionaries in it, `outer.inner`.
    private mutating func collect(_ items: [PickleValue]) throws(NetworkError) {
        guard !holdsTensors(items) else { return try collect(items, prefix: "") }
        for index in stride(from: 0, to: items.count, by: 2) {
            guard case .text(let key) = items[index], let inner = pickle.items(of: items[index + 1], .dictionary)
            else { continue }
            try collect(inner, prefix: pickle.text(try short(key)) + ".")
        }
    }

    private mutating func collect(_ items: [PickleValue], prefix: String) throws(NetworkError) {
        for index in stride(from: 0, to: items.count, by: 2) {
            guard case .text(let key) = items[index], case .tensor(let arguments) = items[index + 1] else { continue }
            guard entries.count < Self.tensorLimit else {
                throw .damagedWeights("it names more than \(Self.tensorLimit) tensors")
            }
            entries.append((prefix + pickle.text(try short(key)), arguments))
        }
    }

    private func short(_ key: PickleSpan) throws(NetworkError) -> PickleSpan {
        guard key.count <= Self.nameLimit else { throw .damagedWeights("a tensor's name is too long") }
        return key
    }
}
