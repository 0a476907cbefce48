import BantamEdge
import BantamGraph
import BantamModel
import BantamTestSupport
import Testing

@Suite struct InferenceSessionTests {
    @Test func `A session describes the model's inputs and outputs`() throws {
        let session = try InferenceSession(contentsOf: fixture("conv2d_dynamic_batch"))
        #expect(session.inputs == [TensorPort(name: "x", dtype: .float32, dimensions: [nil, 2, 4, 5])])
        #expect(session.outputs == [TensorPort(name: "y", dtype: .float32, dimensions: [nil, 3])])
        #expect(session.inputs[0].shape == nil)
        #expect(session.inputs[0].accepts([7, 2, 4, 5]))
        #expect(!session.inputs[0].accepts([7, 2, 4]))
    }

    @Test func `Inputs are taken by name and by position`() throws {
        let session = try InferenceSession(contentsOf: fixture("add"))
        let left = TensorData([2, 3], [1, 2, 3, 4, 5, 6] as [Float])
        let right = TensorData([2, 3], [10, 20, 30, 40, 50, 60] as [Float])
        let sum: [Float] = [11, 22, 33, 44, 55, 66]
        #expect(try session.run(["left": left, "right": right])["sum"]?.elements() == sum)
        #expect(try session.run([left, right])[0].elements() == sum)
    }

    @Test func `A compressed model is the plain one`() throws {
        let folder = try TemporaryFolder()
        let plain = try MappedFile.open(fixture("conv2d"))
        let path = folder.file("conv2d.onnx.gz")
        try AtomicFile.write(to: path, compressed: true) { (file) throws(GraphError) in try file.append(plain.bytes) }
        let session = try InferenceSession(contentsOf: path)
        #expect(session.path == path)
        #expect(try session.run([ramp([1, 2, 4, 5])])[0].isClose(to: Expected.conv2d))

        let compressed = try MappedFile.open(path)
        let damaged = folder.file("damaged.onnx.gz")
        try AtomicFile.write(to: damaged) { (file) throws(GraphError) in
            try file.append(UnsafeRawBufferPointer(rebasing: compressed.bytes.dropLast(9)))
        }
        let error = #expect(throws: EdgeError.self) { try InferenceSession(contentsOf: damaged) }
        #expect(error?.code == .unreadableModel && error.map { "\($0)" }?.hasPrefix(damaged) == true)
        #expect(error?.message.contains("it ends early") == true)
    }

    @Test(arguments: SessionOptions.Goal.allCases) func `A stream of inputs is answered in its order`(
        goal: SessionOptions.Goal
    ) throws {
        let options = SessionOptions(threads: 2, streams: goal == .throughput ? 2 : nil, goal: goal)
        let session = try InferenceSession(contentsOf: fixture("conv2d_dynamic_batch"), options: options)
        // Two shapes, so that the requests are made anew on the way.
        let inputs = (0..<23).map { index in
            let shape: Shape = [index < 10 ? 1 : 3, 2, 4, 5]
            return TensorData(shape, (0..<shape.elementCount).map { Float($0 * (index + 1) % 13) / 8 - 0.75 })
        }
        var remaining = inputs[...]
        var shown = 0
        try session.run({ remaining.popFirst().map { [$0] } }) { given, outputs in
            #expect(given == [inputs[shown]])
            let expected = try session.run(given)[0]
            #expect(outputs[0].shape == [inputs[shown].shape[0], 3] && outputs[0].isClose(to: expected.elements()))
            shown += 1
        }
        #expect(shown == inputs.count)
        try session.run({ nil }) { _, _ in Issue.record("nothing was run") }
    }

    @Test func `An error on the way ends a stream`() throws {
        struct Stop: Error {}
        let options = SessionOptions(threads: 2, streams: 2, goal: .throughput)
        let session = try InferenceSession(contentsOf: fixture("conv2d"), options: options)
        var count = 0
        #expect(throws: Stop.self) {
            try session.run({ [ramp([1, 2, 4, 5])] }) { _, _ in
                count += 1
                if count == 5 { throw Stop() }
            }
        }
        #expect(throws: EdgeError.self) { try session.run({ [ramp([1, 2, 4, 6])] }) { _, _ in } }
    }

    @Test func `A 2-D convolution gives the reference's numbers`() throws {
        let session = try InferenceSession(contentsOf: fixture("conv2d"))
        let output = try session.run([ramp([1, 2, 4, 5])])[0]
        #expect(output.shape == [1, 3])
        #expect(output.isClose(to: Expected.conv2d))
    }

    @Test func `A 3-D convolution of a clip gives the reference's numbers`() throws {
        let session = try InferenceSession(contentsOf: fixture("conv3d"))
        let output = try session.run([ramp([1, 2, 4, 3, 5])])[0]  // [N, C, T, H, W]
        #expect(output.shape == [1, 2])
        #expect(output.isClose(to: Expected.conv3d))
    }

    @Test func `An INT8 convolution gives the reference's numbers, computed in INT8`() throws {
        let session = try InferenceSession(
            contentsOf: fixture("conv2d_int8"), options: SessionOptions(recordsLayerTimes: true))
        #expect(try session.layerTimes().isEmpty)
        // One step of the quantized input is 1/64 times the largest weight, 5/4.
        #expect(try session.run([ramp([1, 2, 4, 5])])[0].isClose(to: Expected.conv2dInt8, tolerance: 1e-4))
        let convolution = try #require(try session.layerTimes().first { $0.type == "Convolution" })
        #expect(convolution.precision == .int8)
    }

    @Test func `A free batch takes any size, again and again`() throws {
        let session = try InferenceSession(contentsOf: fixture("conv2d_dynamic_batch"))
        for _ in 0..<2 {
            #expect(try session.run([ramp([1, 2, 4, 5])])[0].isClose(to: Expected.conv2d))
            #expect(try session.run([ramp([3, 2, 4, 5])])[0].isClose(to: Expected.conv2dBatchOfThree))
        }
        // More sizes than stay compiled.
        for batch in 1...InferenceSession.keptVariants + 2 {
            #expect(try session.run([ramp([batch, 2, 4, 5])])[0].shape == [batch, 3])
        }
        #expect(try session.run([ramp([1, 2, 4, 5])])[0].isClose(to: Expected.conv2d))
    }

    @Test func `Options fix what the file leaves free`() throws {
        let byBatch = try InferenceSession(
            contentsOf: fixture("conv2d_dynamic_batch"), options: SessionOptions(batchSize: 3))
        #expect(byBatch.inputs[0].shape == [3, 2, 4, 5])
        #expect(try byBatch.run([ramp([3, 2, 4, 5])])[0].isClose(to: Expected.conv2dBatchOfThree))
        let byShape = try InferenceSession(
            contentsOf: fixture("conv2d_dynamic_batch"), options: SessionOptions(inputShapes: ["x": [1, 2, 4, 5]]))
        #expect(try byShape.run([ramp([1, 2, 4, 5])])[0].isClose(to: Expected.conv2d))
    }

    @Test func `Outputs outlive the next run and the input's next contents`() throws {
        let session = try InferenceSession(contentsOf: fixture("identity"))
        var input = TensorData([1, 6], [1, 2, 3, 4, 5, 6] as [Float])
        let first = try session.run([input])[0]
        input.withUnsafeMutableElements(of: Float.self) { $0[0] = 9 }
        let second = try session.run([input])[0]
        #expect(first.elements() == [1, 2, 3, 4, 5, 6] as [Float])
        #expect(second.elements() == [9, 2, 3, 4, 5, 6] as [Float])
    }

    @Test func `Bytes that lie at an odd address, as in a mapped file, are read correctly`() throws {
        let session = try InferenceSession(contentsOf: fixture("identity"))
        let numbers: [Float] = [1, 2, 3, 4, 5, 6]
        let bytes = [0] + numbers.withUnsafeBytes { [UInt8]($0) }
        let storage = bytes.withUnsafeBytes { TensorStorage(copying: $0) }
        let input = TensorData(TensorType(.float32, [1, 6]), storage: storage, byteOffset: 1)
        #expect(try session.run([input])[0].elements() == numbers)
    }

    @Test func `bfloat16 is used when asked for, and only then`() throws {
        func convolution(_ precision: ArithmeticPrecision) throws -> (LayerTime, TensorData) {
            let session = try InferenceSession(
                contentsOf: fixture("conv2d"), options: SessionOptions(precision: precision, recordsLayerTimes: true))
            let output = try session.run([ramp([1, 2, 4, 5])])[0]
            return (try #require(try session.layerTimes().first { $0.type == "Convolution" }), output)
        }
        #expect(try convolution(.float32).0.precision == .float32)

        let device = try #require(try EdgeRuntime.devices().first { $0.name == "CPU" })
        if device.capabilities.contains("BF16") {
            let (layer, output) = try convolution(.bfloat16)
            #expect(layer.precision == .bfloat16)
            #expect(output.isClose(to: Expected.conv2d, tolerance: 0.02))
        } else {
            let error = #expect(throws: EdgeError.self) { try convolution(.bfloat16) }
            #expect(error?.code == .unsupportedDevice)
        }
    }

    @Test func `Any number of threads gives the same answer`() throws {
        for threads in [1, 2] {
            let session = try InferenceSession(
                contentsOf: fixture("conv2d"), options: SessionOptions(threads: threads))
            #expect(try session.run([ramp([1, 2, 4, 5])])[0].isClose(to: Expected.conv2d))
        }
    }
}
