import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

/// What must hold for every optimizer. A new one gets a formula in `OptimizerFormula` and a line in the list.
@Suite struct OptimizerConformanceTests {
    static let optimizers: [OptimizerConfiguration] = [
        .sgd(), .sgd(momentum: 0, weightDecay: 0), .sgd(momentum: 0.5, weightDecay: 0.1),
        .adamW(), .adamW(beta1: 0.5, beta2: 0.7, epsilon: 1e-3, weightDecay: 0.2),
    ]

    /// A weight `[2, 3]` and a bias `[2]`: weight decay is for the first alone.
    private func network() throws -> Network {
        var build = LayerBuilder(name: "linear", weights: .random(seed: 3))
        let input = build.graph.input("input", .float32, ["N", 3])
        build.graph.output(build.linear(input, "fc", features: (3, 2)), name: "output")
        return try Network(build.graph.graph)
    }

    /// The loss `sum (w - 1)^2`, whose gradients it leaves at the parameters.
    private func quadratic(_ parameters: [Network.Parameter]) throws -> Double {
        var total = 0.0
        for parameter in parameters {
            try parameter.tensor.setGradient(nil)
            let distance = try parameter.tensor.adding(-1)
            let loss = try distance.multiplied(by: distance).sum()
            try loss.backward()
            total += try loss.item()
        }
        return total
    }

    private func step(_ optimizer: any Optimizer, rate: Double) throws {
        try withoutGradients { try optimizer.step(learningRate: rate) }
    }

    @Test(arguments: optimizers) func `It minimizes a quadratic`(_ configuration: OptimizerConfiguration) throws {
        var configuration = configuration
        // Decay moves the minimum.
        switch configuration {
        case .sgd(let momentum, _): configuration = .sgd(momentum: momentum, weightDecay: 0)
        case .adamW(let beta1, let beta2, let epsilon, _):
            configuration = .adamW(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: 0)
        }
        let network = try network()
        let optimizer = try configuration.optimizer(for: network.parameters)
        let start = try quadratic(network.parameters)
        var loss = start
        for _ in 0..<300 {
            try step(optimizer, rate: 0.01)
            loss = try quadratic(network.parameters)
        }
        #expect(start > 1)
        #expect(loss < 1e-3 * start)
    }

    @Test(arguments: optimizers) func `Three steps are its formula's, and biases do not decay`(
        _ configuration: OptimizerConfiguration
    ) throws {
        let network = try network()
        let optimizer = try configuration.optimizer(for: network.parameters)
        var weights = try network.parameters.map { try #require(try $0.tensor.data().doubles()) }
        var formulas = network.parameters.map {
            OptimizerFormula(configuration, count: $0.tensor.shape.elementCount, decays: $0.tensor.rank > 1)
        }
        for rate in [0.1, 0.05, 0.2] {
            _ = try quadratic(network.parameters)
            try step(optimizer, rate: rate)
            for index in weights.indices {
                let gradients = weights[index].map { 2 * ($0 - 1) }
                formulas[index].step(&weights[index], gradients: gradients, rate: rate)
            }
        }
        for (parameter, expected) in zip(network.parameters, weights) {
            let data = TensorData(parameter.tensor.type, rounding: expected)
            #expect(try parameter.tensor.data().difference(from: data, tolerance: 1e-6) == nil, "\(parameter.name)")
        }
    }

    @Test(arguments: optimizers) func `It goes on from a stored state as if it had never stopped`(
        _ configuration: OptimizerConfiguration
    ) throws {
        let network = try network()
        let optimizer = try configuration.optimizer(for: network.parameters)
        func run(_ optimizer: any Optimizer, _ network: Network, steps: Int) throws {
            for _ in 0..<steps {
                _ = try quadratic(network.parameters)
                try step(optimizer, rate: 0.1)
            }
        }
        try run(optimizer, network, steps: 2)
        var state: [String: TensorData] = [:]
        for (name, tensor) in optimizer.state { state[name] = try tensor.data() }
        #expect(state.count == optimizer.state.count)
        let resumedNetwork = try Network(try network.snapshot())
        let resumed = try configuration.optimizer(for: resumedNetwork.parameters)
        try resumed.restore(state)
        try run(optimizer, network, steps: 3)
        try run(resumed, resumedNetwork, steps: 3)
        #expect(try resumedNetwork.snapshot() == (try network.snapshot()))
        for ((name, tensor), (otherName, other)) in zip(optimizer.state, resumed.state) {
            #expect(name == otherName)
            #expect(try tensor.data() == (try other.data()), "\(name)")
        }
    }

    @Test(arguments: optimizers) func `A stored state of another shape is refused`(
        _ configuration: OptimizerConfiguration
    ) throws {
        let optimizer = try configuration.optimizer(for: try network().parameters)
        // Without momentum there is nothing to store.
        guard let name = optimizer.state.first?.name else { return }
        #expect(throws: TorchError.self) {
            try optimizer.restore([name: TensorData([7], [Float](repeating: 0, count: 7))])
        }
    }

    @Test(arguments: optimizers) func `A parameter without a gradient stays as it is`(
        _ configuration: OptimizerConfiguration
    ) throws {
        let network = try network()
        let before = try network.parameters.map { try $0.tensor.data() }
        let optimizer = try configuration.optimizer(for: network.parameters)
        _ = try quadratic(network.parameters)
        try network.parameters[0].tensor.setGradient(nil)
        try step(optimizer, rate: 0.1)
        #expect(try network.parameters[0].tensor.data() == before[0])
        #expect(try network.parameters[1].tensor.data() != before[1])
    }
}
