import BantamGraph
import COpenVINO

/// The functions of the OpenVINO plugin, opened at first use, and the one way to call them.
enum OpenVINO {
    typealias Functions = copenvino_api
    typealias Status = UnsafeMutablePointer<copenvino_status>

    private static let table: Result<Functions, EdgeError> = {
        do throws(GraphError) {
            let address = try NativeLibrary.open(plugin: "OpenVINOPlugin", symbol: COPENVINO_SYMBOL)
            return .success(address.assumingMemoryBound(to: copenvino_api.self).pointee)
        } catch {
            return .failure(.missingLibrary(error))
        }
    }()

    static func functions() throws(EdgeError) -> Functions {
        try table.get()
    }

    /// Calls one function, and turns a null result into an error made from OpenVINO's own text.
    static func call<Value>(
        _ body: (Status) -> Value?, orThrow failure: (String) -> EdgeError
    ) throws(EdgeError) -> Value {
        // The status is two kilobytes that only a failure writes: uninitialized, it costs a run nothing.
        try withUnsafeTemporaryAllocation(of: copenvino_status.self, capacity: 1) { statuses throws(EdgeError) in
            guard let status = statuses.baseAddress else { throw failure("no memory") }
            if let value = body(status) { return value }
            let offset = MemoryLayout<copenvino_status>.offset(of: \.message) ?? 0
            let message = UnsafeRawPointer(status).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            throw failure(condensed(String(cString: message)))
        }
    }

    static func call(_ body: (Status) -> Bool, orThrow failure: (String) -> EdgeError) throws(EdgeError) {
        try call({ status in body(status) ? () : nil }, orThrow: failure)
    }

    /// Calls a function that returns a string for the caller to release.
    static func string(
        _ body: (Functions, Status) -> UnsafeMutablePointer<CChar>?, orThrow failure: (String) -> EdgeError
    ) throws(EdgeError) -> String {
        let functions = try functions()
        let text = try call({ body(functions, $0) }, orThrow: failure)
        defer { functions.free_string(text) }
        return String(cString: text)
    }

    /// OpenVINO's text without the places in its sources, on one line and without a full stop.
    ///
    /// ```
    /// Exception from src/inference/src/cpp/core.cpp:84:
    /// Check 'false' failed at src/frontends/common_translators/src/unconverted_ops_report.cpp:151:
    /// FrontEnd API failed with OpConversionFailure:
    /// Model wasn't fully converted.
    /// ```
    /// becomes `Model wasn't fully converted`.
    static func condensed(_ text: String) -> String {
        let noise = ["Exception from ", "Check '", "FrontEnd API failed", "Summary:"]
        let lines = text.split(whereSeparator: \.isNewline).map { line in
            line.drop { $0 == " " || $0 == "-" }
        }
        var telling = lines.filter { line in !line.isEmpty && !noise.contains { line.hasPrefix($0) } }
        if telling.isEmpty { telling = lines }
        var result = telling.joined(separator: " ")
        while let last = result.last, last == "." || last == " " { result.removeLast() }
        return result.count > 400 ? result.prefix(400) + "..." : result
    }
}

extension DType {
    /// `nil` for a type that Bantam does not know.
    init?(_ dtype: copenvino_dtype) {
        guard let match = DType.allCases.first(where: { $0.openVINO == dtype }) else { return nil }
        self = match
    }

    var openVINO: copenvino_dtype {
        switch self {
        case .float64: COPENVINO_FLOAT64
        case .float32: COPENVINO_FLOAT32
        case .float16: COPENVINO_FLOAT16
        case .bfloat16: COPENVINO_BFLOAT16
        case .int64: COPENVINO_INT64
        case .int32: COPENVINO_INT32
        case .int16: COPENVINO_INT16
        case .int8: COPENVINO_INT8
        case .int4: COPENVINO_INT4
        case .uint64: COPENVINO_UINT64
        case .uint32: COPENVINO_UINT32
        case .uint16: COPENVINO_UINT16
        case .uint8: COPENVINO_UINT8
        case .uint4: COPENVINO_UINT4
        case .bool: COPENVINO_BOOL
        }
    }
}

extension copenvino_shape {
    /// - Precondition: the rank is at most `COPENVINO_MAXIMUM_RANK`.
    init(_ shape: Shape) {
        precondition(shape.rank <= COPENVINO_MAXIMUM_RANK, "a tensor of rank \(shape.rank)")
        self.init()
        rank = Int64(shape.rank)
        withUnsafeMutableBytes(of: &dimensions) { bytes in
            let dimensions = bytes.assumingMemoryBound(to: Int64.self)
            for axis in 0..<shape.rank { dimensions[axis] = Int64(shape[axis]) }
        }
    }

    /// The dimensions, `nil` where one is free; `nil` altogether where even their number is.
    var known: [Int?]? {
        guard rank >= 0 else { return nil }
        return withUnsafeBytes(of: dimensions) { bytes in
            bytes.assumingMemoryBound(to: Int64.self).prefix(Int(rank)).map { $0 < 0 ? nil : Int($0) }
        }
    }
}
