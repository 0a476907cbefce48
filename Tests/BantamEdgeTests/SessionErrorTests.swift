import BantamGraph
import Testing

@testable import BantamEdge

@Suite struct SessionErrorTests {
    private func opening(_ path: String, _ options: SessionOptions = SessionOptions()) -> EdgeError? {
        do throws(EdgeError) {
            _ = try InferenceSession(contentsOf: path, options: options)
            return nil
        } catch {
            return error
        }
    }

    private func running(_ name: String, _ inputs: [String: TensorData]) -> EdgeError? {
        #expect(throws: EdgeError.self) { try InferenceSession(contentsOf: fixture(name)).run(inputs) }
    }

    private let zeros = TensorData(zeros: TensorType(.float32, [2, 3]))

    @Test func `A file that is not there is named`() throws {
        let error = try #require(opening("no/such/model.onnx"))
        #expect(error.code == .unreadableModel)
        #expect(error.category == .badInput)
        #expect(error.description == "no/such/model.onnx: the model cannot be opened: No such file or directory.")
    }

    @Test func `A folder is no model`() throws {
        #expect(try #require(opening("/tmp")).description == "/tmp: the model cannot be opened: it is not a file.")
    }

    @Test func `A truncated file is named, without the runtime's own source paths`() throws {
        let path = fixture("truncated")
        let error = try #require(opening(path))
        #expect(error.code == .unreadableModel)
        #expect(error.location?.file == path)
        #expect(error.message.hasPrefix("not an ONNX model, or a damaged one"))
        #expect(!error.description.contains(".cpp"))
    }

    @Test func `An operator that the runtime lacks is named`() throws {
        let error = try #require(opening(fixture("unknown_operator")))
        #expect(error.code == .unsupportedModel)
        #expect(error.message.contains("bantam.test.Wobble"))
        #expect(!error.message.contains("\n"))
    }

    @Test func `A device that is not there is named`() throws {
        let error = try #require(opening(fixture("add"), SessionOptions(device: "XPU")))
        #expect(error.code == .unsupportedDevice)
        #expect(error.category == .missingRuntime)
        #expect(error.message.contains("XPU"))
    }

    @Test func `Options outside their range are named with their value`() throws {
        #expect(
            opening(fixture("add"), SessionOptions(threads: 0))?.description
                == "threads is 0; give a number of 1 or more.")
        #expect(opening(fixture("add"), SessionOptions(streams: -1))?.category == .usage)
        #expect(opening(fixture("add"), SessionOptions(batchSize: 0))?.code == .invalidOption)
    }

    @Test func `Shapes for inputs that the model does not have, or does not leave free, are refused`() throws {
        let path = fixture("conv2d_dynamic_batch")
        let stranger = opening(path, SessionOptions(inputShapes: ["image": [1, 2, 4, 5]]))
        #expect(stranger?.message == "the model has no input \"image\"; its inputs are \"x\".")
        let misfit = opening(path, SessionOptions(inputShapes: ["x": [1, 3, 4, 5]]))
        #expect(
            misfit?.message
                == "input \"x\" takes [?, 2, 4, 5] and was given [1, 3, 4, 5]; resize or reshape the data.")
    }

    @Test func `A wrong input name is answered with the right ones`() throws {
        let stranger = running("add", ["left": zeros, "write": zeros])
        #expect(stranger?.code == .inputMismatch)
        #expect(stranger?.message == "the model has no input \"write\"; its inputs are \"left\", \"right\".")
        let surplus = running("add", ["left": zeros, "right": zeros, "third": zeros])
        #expect(surplus?.message == "the model has no input \"third\"; its inputs are \"left\", \"right\".")
        let missing = running("add", ["left": zeros])
        #expect(missing?.message == "input \"right\" was not given, only \"left\".")
    }

    @Test func `A wrong number of inputs is answered with the right one`() throws {
        let zeros = zeros
        let error = #expect(throws: EdgeError.self) {
            try InferenceSession(contentsOf: fixture("add")).run([zeros])
        }
        #expect(error?.message == "1 inputs were given to a model that takes 2: \"left\", \"right\".")
    }

    @Test func `A wrong shape and a wrong type name both sides`() throws {
        let shape = running("add", ["left": zeros, "right": TensorData(zeros: TensorType(.float32, [3, 2]))])
        #expect(shape?.code == .shapeMismatch)
        #expect(
            shape?.message == "input \"right\" takes [2, 3] and was given [3, 2]; resize or reshape the data.")
        let dtype = running("add", ["left": zeros, "right": TensorData(zeros: TensorType(.int64, [2, 3]))])
        #expect(dtype?.code == .dtypeMismatch)
        #expect(dtype?.message == "input \"right\" takes float32 and was given int64; convert the data.")
    }

    @Test func `A session still works after a refused input`() throws {
        let session = try InferenceSession(contentsOf: fixture("conv2d"))
        #expect(throws: EdgeError.self) { try session.run([TensorData(zeros: TensorType(.float32, [1, 2, 4, 6]))]) }
        #expect(try session.run([ramp([1, 2, 4, 5])])[0].isClose(to: Expected.conv2d))
    }

    @Test func `The runtime's text is cut down to what it says`() {
        let text = """
            Exception from src/inference/src/cpp/core.cpp:84:
            Check 'false' failed at src/frontends/common_translators/src/unconverted_ops_report.cpp:151:
            FrontEnd API failed with OpConversionFailure:
            Model wasn't fully converted.
            Summary:
            -- No conversion rule found for operations: Wobble

            """
        #expect(
            OpenVINO.condensed(text)
                == "Model wasn't fully converted. No conversion rule found for operations: Wobble")
        #expect(OpenVINO.condensed("Exception from a.cpp:1:") == "Exception from a.cpp:1:")
        #expect(OpenVINO.condensed(String(repeating: "x", count: 1000)).count == 403)
    }
}
