import BantamGraph
import BantamNetwork
import BantamTestSupport
import FoundationEssentials
import Testing

/// Networks are those of the original projects: the same names and shapes, and the same logits from the same weights.
///
/// The references are made by `Scripts/golden/architectures.py`, whose formula for the weights is repeated here.
@Suite struct ArchitectureGoldenTests {
    @Test(arguments: ArchitectureGolden.all) func `Names and shapes are the original's`(
        _ golden: ArchitectureGolden
    ) throws {
        let graph = try golden.graph(weights: .zeros)
        let state = graph.parameters + graph.statistics
        let lines = state.map { value in
            let shape = graph.constants[value]?.shape.dimensions ?? []
            return "\(graph[value].name) [\(shape.map(String.init).joined(separator: ", "))]"
        }
        let listing = lines.sorted().joined(separator: "\n")
        #expect(golden.reference.names == fnv(listing).hexadecimal, "\(listing)")
    }

    @Test(arguments: ArchitectureGolden.all) func `Logits are the original's`(_ golden: ArchitectureGolden) throws {
        let reference = golden.reference
        var graph = try golden.graph(weights: .zeros)
        for value in graph.parameters + graph.statistics {
            guard let shape = graph.constants[value]?.shape else { continue }
            graph.setConstant(value, to: weight(graph[value].name, shape))
        }
        let input = numbers("input", Shape([reference.logits.count] + reference.input), in: -1...1)
        let logits = try graph.run([input])[0]
        let (classes, columns) = (logits.shape[1], reference.logits[0].count)
        let numbers = logits.elements(of: Float.self).map(Double.init)
        for (sample, expected) in reference.logits.enumerated() {
            for (position, expected) in expected.enumerated() {
                let column = position * (classes - 1) / (columns - 1)
                let error = abs(numbers[sample * classes + column] - expected) / reference.largest
                #expect(error < 1e-4, "logit \(column) of sample \(sample)")
            }
        }
    }

    /// The formula of `Scripts/golden/architectures.py`.
    private func weight(_ name: String, _ shape: Shape) -> TensorData {
        let bounds: ClosedRange<Float>
        if name.hasSuffix("running_mean") || name.hasSuffix("bias") {
            bounds = -0.1...0.1
        } else if shape.rank > 1 {
            let bound = Float((6 / Double(shape.elementCount / shape[0])).squareRoot())
            bounds = -bound...bound
        } else {
            bounds = 0.5...1.5
        }
        return numbers(name, shape, in: bounds)
    }

    /// As many random numbers as a debug build draws in a moment, repeated.
    private func numbers(_ name: String, _ shape: Shape, in bounds: ClosedRange<Float>) -> TensorData {
        var random = SeededGenerator(seed: fnv(name))
        let period = (0..<4099).map { _ in random.uniform(in: bounds) }
        var elements: [Float] = []
        elements.reserveCapacity(shape.elementCount)
        while elements.count + period.count <= shape.elementCount { elements += period }
        return TensorData(shape, elements + period.prefix(shape.elementCount - elements.count))
    }
}

/// What the original network is called and computes.
struct ArchitectureGolden: Sendable, CustomTestStringConvertible {
    struct Reference: Decodable, Sendable {
        /// Without the batch.
        var input: [Int]
        var parameters: Int
        /// A digest of the sorted lines `"name shape"`.
        var names: String
        /// For each sample, the logits of a few classes, evenly spread from the first to the last.
        var logits: [[Double]]
        /// The largest logit's magnitude.
        var largest: Double
    }

    var name: String
    var reference: Reference

    var testDescription: String { name }

    static let all: [ArchitectureGolden] = {
        do {
            let file = try Data(contentsOf: URL(filePath: fixture("goldens/architectures.json")))
            return try JSONDecoder().decode([String: Reference].self, from: file)
                .map { ArchitectureGolden(name: $0.key, reference: $0.value) }.sorted { $0.name < $1.name }
        } catch {
            preconditionFailure("goldens/architectures.json: \(error)")
        }
    }()

    func graph(weights: InitialWeights) throws -> Graph {
        try Architectures.variant(named: name).graph(inputShape: Shape(reference.input), weights: weights)
    }
}

/// FNV-1a of 64 bits.
private func fnv(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

extension UInt64 {
    fileprivate var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
