import BantamGraph
import COpenVINO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A model made ready for fixed input shapes, with the buffers of one run.
final class CompiledModel {
    let inputShapes: [Shape]
    /// The buffers for runs one after another.
    let request: InferenceRequest
    private let functions: OpenVINO.Functions
    private let handle: OpaquePointer
    private let path: String
    private let outputNames: [String]

    init(
        model: OpaquePointer, inputShapes: [Shape], outputNames: [String], options: SessionOptions, path: String,
        functions: OpenVINO.Functions
    ) throws(EdgeError) {
        // C strings that live for the call.
        let strings = options.properties.map { (key: strdup($0.key), value: strdup($0.value)) }
        defer {
            for string in strings {
                free(string.key)
                free(string.value)
            }
        }
        let properties = strings.map { copenvino_property(key: $0.key, value: $0.value) }
        let compiled = try OpenVINO.call({
            functions.compile(model, options.device, properties, properties.count, $0)
        }) { reason in
            reason.contains("is not registered")
                ? .unsupportedDevice(options.device, reason: reason) : .unsupportedModel(path, reason: reason)
        }
        do throws(EdgeError) {
            self.request = try InferenceRequest(
                compiled: compiled, outputNames: outputNames, path: path, functions: functions)
        } catch {
            functions.close_compiled(compiled)
            throw error
        }
        self.inputShapes = inputShapes
        self.functions = functions
        self.handle = compiled
        self.path = path
        self.outputNames = outputNames
    }

    deinit { functions.close_compiled(handle) }

    /// Buffers for one more run at the same time.
    func makeRequest() throws(EdgeError) -> InferenceRequest {
        try InferenceRequest(compiled: handle, outputNames: outputNames, path: path, functions: functions)
    }

    /// The runs at once that keep all of the runtime's streams busy.
    func bestRequestCount() throws(EdgeError) -> Int {
        max(try Int(property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")) ?? 1, 1)
    }

    /// A property as the runtime settled it, such as `INFERENCE_PRECISION_HINT`.
    func property(_ key: String) throws(EdgeError) -> String {
        try OpenVINO.string({ $0.compiled_property(handle, key, $1) }) { .inferenceFailed(path, reason: $0) }
    }
}
