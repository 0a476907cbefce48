import BantamGraph
import BantamNetwork

extension ArchitectureVariant {
    /// Whether tests fill it with random numbers and run it many times: the smallest of each family does, where a
    /// debug build is done with it in a moment. `ArchitectureGoldenTests` run the others.
    var isQuick: Bool { Self.quickNames.contains(name) }

    private static let quickNames: Set<String> = {
        let smallest = Architectures.all.compactMap { family in
            family.variants.min { $0.parameterCount < $1.parameterCount }
        }
        return Set(smallest.filter { $0.parameterCount < 4_000_000 }.map(\.name))
    }()

    /// A quick network at its smallest, with random weights and ten classes. Tests share it: drawing the weights takes a
    /// debug build longer than running them.
    static let quickModels: [String: Graph] = {
        var models: [String: Graph] = [:]
        for variant in Architectures.variants where variant.isQuick {
            models[variant.name] = variant.graph(classCount: 10, inputShape: variant.smallestInputShape)
                .withLivelyBatchNorms()
        }
        return models
    }()

    private var parameterCount: Int {
        if let publishedParameters { return publishedParameters }
        let graph = graph(weights: .zeros)
        return graph.parameters.reduce(0) { $0 + (graph.constants[$1]?.elementCount ?? 0) }
    }
}
