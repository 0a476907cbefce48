public import BantamGraph

extension InferenceSession {
    /// Runs the model on one set of inputs after another, and shows the outputs where the runtime keeps them.
    ///
    /// A session that aims at ``SessionOptions/Goal/throughput`` has several runs under way at once; what comes of them
    /// is shown in the order of the inputs all the same.
    ///
    /// - Parameters:
    ///   - next: The next inputs, by position; `nil` at the end.
    ///   - body: Given the inputs and one tensor for each output, in the order of ``outputs``. These must not be kept.
    /// - Throws: as ``run(_:)-([TensorData])`` does, and what `next` and `body` throw.
    public func run(
        _ next: () throws -> [TensorData]?,
        showing body: (_ inputs: [TensorData], _ outputs: [TensorData]) throws -> Void
    ) throws {
        var lanes: [Lane] = []
        var position = 0
        // A request must not be closed while it runs.
        defer { for lane in lanes where lane.isRunning { try? lane.request.wait() } }
        while let inputs = try next() {
            let variant = try variant(for: inputs)
            if lanes.first.map({ $0.variant !== variant }) ?? true {
                try finish(&lanes, from: position, body)
                lanes = try (0..<variant.bestRequestCount()).map { _ in Lane(variant, try variant.makeRequest()) }
                position = 0
            }
            let lane = position % lanes.count
            try lanes[lane].finish(body)
            try lanes[lane].start(inputs)
            position += 1
        }
        try finish(&lanes, from: position, body)
    }

    private func finish(
        _ lanes: inout [Lane], from position: Int, _ body: ([TensorData], [TensorData]) throws -> Void
    ) throws {
        for step in lanes.indices { try lanes[(position + step) % lanes.count].finish(body) }
    }

    /// Buffers for one of several runs at once.
    private struct Lane {
        let variant: CompiledModel
        let request: InferenceRequest
        private var inputs: [TensorData] = []
        private(set) var isRunning = false

        init(_ variant: CompiledModel, _ request: InferenceRequest) {
            self.variant = variant
            self.request = request
        }

        mutating func start(_ inputs: [TensorData]) throws(EdgeError) {
            self.inputs = inputs
            try request.bind(inputs)
            try request.start()
            isRunning = true
        }

        /// Waits for the run under way, if there is one, and shows what came of it.
        mutating func finish(_ body: ([TensorData], [TensorData]) throws -> Void) throws {
            guard isRunning else { return }
            isRunning = false
            try request.wait()
            try request.show { try body(inputs, $0) }
        }
    }
}
