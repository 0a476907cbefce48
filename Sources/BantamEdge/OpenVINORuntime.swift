public import BantamGraph
public import BantamModel

/// OpenVINO on this machine's processor, for models that are in memory.
public struct OpenVINORuntime: Runtime {
    /// The threads that compute; `nil` for one a core.
    public var threads: Int?

    public init(threads: Int? = nil) {
        self.threads = threads
    }

    /// - Throws: `EdgeError`: `missingLibrary` without OpenVINO; `unsupportedModel` for an operator that it lacks.
    public func load(_ graph: Graph, precision: ArithmeticPrecision) throws -> any Executable {
        var options = SessionOptions(threads: threads)
        if precision == .bfloat16, try EdgeRuntime.capabilities(of: options.device).contains("BF16") {
            options.precision = .bfloat16
        }
        let session = try InferenceSession(graph, options: options)
        // What cannot be compiled is known at once, and not in the first run, where nothing but the batch is free.
        let shapes = session.inputs.compactMap { port in
            port.dimensions.flatMap { $0.isEmpty || $0.dropFirst().contains(nil) ? nil : Shape($0.map { $0 ?? 1 }) }
        }
        if shapes.count == session.inputs.count { try session.prepare(for: shapes) }
        return session
    }

    /// Bounds and means are as good in bfloat16, which is several times as fast where the processor has it: they are off
    /// by less than a step of INT8. A histogram of numbers of eight bits would have gaps.
    ///
    /// - Throws: as ``load(_:precision:)`` does, and what `next` and `show` throw.
    public func observe(
        _ observations: [Observation], in graph: Graph, next: () throws -> TensorData?,
        show: (_ observation: Int, _ data: TensorData, _ samples: Int) throws -> Void
    ) throws {
        try EdgeRuntime.returnLargeBlocks()
        let observed = try ObservedGraph(of: graph, observations)
        var options = SessionOptions(threads: threads, goal: .throughput)
        options.batchSize = batchSize(for: graph, observing: observations)
        if Processor.multipliesBFloat16, !observed.showsElements { options.precision = .bfloat16 }
        let session = try InferenceSession(observed.graph, options: options)
        // The runtime has its own copy, and the weights are not needed until something is made of what is seen.
        for constant in graph.constants.values { constant.dropPages() }
        let dtype = session.inputs.first?.dtype ?? .float32
        try session.run({ try next().map { [$0.fitting(dtype)] } }) { inputs, outputs in
            let samples = inputs[0].shape.dimensions.first ?? 1
            try observed.show(input: inputs[0], outputs: outputs) { try show($0, $1, samples) }
        }
    }

    /// One, so that memory does not grow with the batch; the samples of several run side by side.
    public func batchSize(for graph: Graph, observing observations: [Observation]) -> Int { 1 }
}

extension InferenceSession: Executable {}
