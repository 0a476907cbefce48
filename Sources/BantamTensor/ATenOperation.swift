public import BantamGraph
import CTorch
import Synchronization

/// One of libtorch's operators, called by name.
///
/// Every operator of ATen is within reach, with its autograd formula, on every device that implements it:
///
/// ```swift
/// static let hardSwish = ATenOperation("aten::hardswish")
/// let y = try hardSwish.tensor(.tensor(x))
/// ```
///
/// The name is looked up at the first call. Keep the operation (in a `static let`, in a compiled model): a further
/// call then costs about a microsecond beyond the kernel's own time.
public final class ATenOperation: Sendable {
    /// With its namespace, such as `"aten::add"`.
    public let name: String
    /// What follows the name in the schema, such as `"Tensor"` in `aten::add.Tensor`; often empty.
    public let overload: String

    /// The plugin's handle as a number, 0 until the first call.
    private let resolved = Atomic<UInt>(0)

    /// More than any operator returns.
    private static let resultCapacity = 16

    public init(_ name: String, _ overload: String = "") {
        self.name = name
        self.overload = overload
    }

    /// Calls the operator. Trailing arguments that are left out take the schema's defaults.
    ///
    /// - Returns: Its results, in the schema's order.
    /// - Throws: `unknownOperator`, `invalidArgument`, `operationFailed`, `unsupported`, `outOfMemory`.
    @discardableResult
    public func callAsFunction(_ arguments: ATenValue...) throws(TorchError) -> [ATenValue] {
        try call(arguments)
    }

    /// Calls an operator that returns one tensor.
    public func tensor(_ arguments: ATenValue...) throws(TorchError) -> Tensor {
        try tensor(arguments)
    }

    /// Calls an operator that returns one tensor.
    public func tensor(_ arguments: [ATenValue]) throws(TorchError) -> Tensor {
        let handle: OpaquePointer? = try invoke(arguments) { (results) throws(TorchError) in
            if results.count == 1, results[0].tag == CTORCH_TENSOR { return results[0].tensor }
            let values = try self.values(of: results)
            throw .missingResult(self.description, found: "\(values)")
        }
        return Tensor(owning: handle.unsafelyUnwrapped)
    }

    /// Calls the operator with a list of arguments made beforehand.
    @discardableResult
    public func call(_ arguments: [ATenValue]) throws(TorchError) -> [ATenValue] {
        try invoke(arguments) { (results) throws(TorchError) in try self.values(of: results) }
    }

    /// Looks the name up now instead of at the first call.
    public func resolve() throws(TorchError) {
        _ = try handle()
    }

    /// The operator's schema in ATen's notation, with argument names, types and defaults.
    public func schema() throws(TorchError) -> String {
        let handle = try handle()
        return Torch.takeText(Torch.loaded.pointee.copy_schema(handle))
    }

    private func handle() throws(TorchError) -> OpaquePointer {
        if let handle = OpaquePointer(bitPattern: resolved.load(ordering: .acquiring)) { return handle }
        let table = try Torch.table()
        var handle: OpaquePointer?
        try Torch.check(description) { status in
            _ = table.pointee.find_operation(name, overload, &handle, status)
        }
        resolved.store(UInt(bitPattern: handle), ordering: .releasing)
        return handle.unsafelyUnwrapped
    }

    private func values(of results: UnsafeMutableBufferPointer<ctorch_value>) throws(TorchError) -> [ATenValue] {
        var values: [ATenValue] = []
        values.reserveCapacity(results.count)
        for result in results { values.append(try ATenValue(taking: result, from: self)) }
        return values
    }

    private func invoke<Output>(
        _ arguments: [ATenValue],
        _ convert: (UnsafeMutableBufferPointer<ctorch_value>) throws(TorchError) -> Output
    ) throws(TorchError) -> Output {
        let handle = try handle()
        let count = arguments.count
        var scratchWords = 0
        for argument in arguments { scratchWords += argument.scratchWords }
        // Both blocks lie on the stack: arguments and results in one, the elements of lists in the other.
        let output: Result<Output, TorchError> = withUnsafeTemporaryAllocation(
            of: ctorch_value.self, capacity: count + Self.resultCapacity
        ) { values in
            withUnsafeTemporaryAllocation(byteCount: scratchWords * 8, alignment: 8) { scratch in
                if var words = scratch.baseAddress {
                    for index in 0..<count {
                        values.initializeElement(at: index, to: arguments[index].native(scratch: &words))
                    }
                }
                var results = UnsafeMutableBufferPointer(rebasing: values[count...])
                var filled = 0
                var status = ctorch_status()
                let code = withExtendedLifetime(arguments) {
                    Torch.loaded.pointee.call(
                        handle, values.baseAddress, count, results.baseAddress.unsafelyUnwrapped, results.count,
                        &filled, &status)
                }
                guard code == CTORCH_OK else {
                    let operands = "(" + arguments.map(\.description).joined(separator: ", ") + ")"
                    return .failure(Torch.error(description, operands: operands, status))
                }
                results = UnsafeMutableBufferPointer(rebasing: results[..<filled])
                do throws(TorchError) {
                    return .success(try convert(results))
                } catch {
                    return .failure(error)
                }
            }
        }
        return try output.get()
    }
}

extension ATenOperation: CustomStringConvertible {
    public var description: String { overload.isEmpty ? name : "\(name).\(overload)" }
}
