import BantamGraph

/// What a pickle may refer to by name. Nothing of it is ever called: the names only say what the data beside them are.
enum PickleGlobal: Hashable {
    /// `collections.OrderedDict` and its like.
    case dictionary
    /// Functions that rebuild a tensor from its storage, shape and strides.
    case rebuildTensor
    case rebuildParameter
    case storage(TorchType)
    case dtype(TorchType)
    /// Plain values that no tensor depends on.
    case inert

    /// - Returns: `nil` for everything else: a file that wants it is refused.
    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"), ("collections", "Counter"): self = .dictionary
        case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"),
            ("torch._utils", "_rebuild_tensor_v3"):
            self = .rebuildTensor
        case ("torch._utils", "_rebuild_parameter"), ("torch._utils", "_rebuild_parameter_with_state"):
            self = .rebuildParameter
        case ("torch", "Size"), ("torch", "device"), ("_codecs", "encode"), ("__builtin__", "set"), ("builtins", "set"):
            self = .inert
        case ("torch.storage", "UntypedStorage"), ("torch.storage", "_UntypedStorage"): self = .storage(.untyped)
        case ("torch", _):
            if let type = TorchType(storageNamed: name) {
                self = .storage(type)
            } else if let type = TorchType(rawValue: name) ?? TorchType.otherNames[name] {
                self = .dtype(type)
            } else {
                return nil
            }
        case ("torch.cuda", _):
            guard let type = TorchType(storageNamed: name) else { return nil }
            self = .storage(type)
        default: return nil
        }
    }
}

/// PyTorch's element types, those without a counterpart in Bantam included: their storages are passed over.
enum TorchType: String, Hashable, CaseIterable {
    case float64, float32, float16, bfloat16
    case int64, int32, int16, int8
    case uint64, uint32, uint16, uint8
    case bool
    case complex32, complex64, complex128
    case qint8, quint8, qint32
    case float8_e4m3fn, float8_e5m2, float8_e4m3fnuz, float8_e5m2fnuz
    /// Bytes whose type the tensor itself names.
    case untyped

    /// Bantam's name for the type; `nil` where it has none.
    var dtype: DType? { DType(rawValue: rawValue) }

    /// Bytes of one element.
    var width: Int {
        switch self {
        case .complex128: 16
        case .float64, .int64, .uint64, .complex64: 8
        case .float32, .int32, .uint32, .complex32, .qint32: 4
        case .float16, .bfloat16, .int16, .uint16: 2
        case .int8, .uint8, .bool, .qint8, .quint8, .float8_e4m3fn, .float8_e5m2, .float8_e4m3fnuz, .float8_e5m2fnuz,
            .untyped:
            1
        }
    }

    static let otherNames: [String: TorchType] = [
        "double": .float64, "float": .float32, "half": .float16, "long": .int64, "int": .int32, "short": .int16,
        "cfloat": .complex64, "cdouble": .complex128,
    ]

    private static let storages: [String: TorchType] = [
        "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
        "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8,
        "ByteStorage": .uint8, "BoolStorage": .bool, "ComplexFloatStorage": .complex64,
        "ComplexDoubleStorage": .complex128, "QInt8Storage": .qint8, "QUInt8Storage": .quint8,
        "QInt32Storage": .qint32, "UntypedStorage": .untyped,
    ]

    init?(storageNamed name: String) {
        guard let type = Self.storages[name] else { return nil }
        self = type
    }
}
