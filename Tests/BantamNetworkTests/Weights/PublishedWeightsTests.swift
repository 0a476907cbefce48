import BantamGraph
import BantamNetwork
import BantamTestSupport
import FoundationEssentials
import Testing

/// Real weight files, which are not part of the repository: these tests pass over files that are not there.
///
/// They are looked for in `$BANTAM_SHARED/weights`, by default `../shared/weights` beside the repository.
@Suite struct PublishedWeightsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var architecture: String
        var file: String
        var tensors: Int
        var path: String?

        var testDescription: String { path == nil ? "\(architecture): \(file) is not there" : architecture }

        init(_ architecture: String, _ file: String, tensors: Int) {
            (self.architecture, self.file, self.tensors) = (architecture, file, tensors)
            let path = sharedFile("weights/\(file)")
            self.path = FileManager.default.fileExists(atPath: path) ? path : nil
        }
    }

    static let cases = [
        Case("cifar_resnet20", "resnet20-12fca82f.th", tensors: 97),
        Case("cifar_resnet56", "resnet56-4bfd9763.th", tensors: 277),
        Case("efficientnet_lite0", "efficientnet-lite0-57934424.pth", tensors: 247),
    ]

    /// Multiples of 1/500 from -1 to 1: `formula` of `Scripts/golden/published_weights.py`.
    private func formula(_ shape: Shape) -> TensorData {
        TensorData(shape, (0..<shape.elementCount).map { Float($0 * 7919 % 1001) / 500 - 1 })
    }

    @Test(arguments: cases) func `Published weights give PyTorch's logits`(_ sample: Case) throws {
        guard let path = sample.path else { return }
        let variant = try Architectures.variant(named: sample.architecture)
        var graph = variant.graph(weights: .zeros)
        let file = try WeightFile.read(path)
        let plan = try WeightLoading.plan(for: graph, from: file)
        #expect(plan.isComplete && plan.unloaded.isEmpty && plan.loaded.count == sample.tensors)
        WeightLoading.apply(plan, from: file, to: &graph)
        let input = formula(Shape([2] + variant.published.inputShape.dimensions))
        let logits = try #require(try graph.run([input]).first).elements(of: Float.self)
        let golden = try SafeTensors.read(fixture("goldens/published.safetensors"))
        let expected = try #require(golden.tensors[sample.architecture]).elements(of: Float.self)
        let difference = zip(logits, expected).map { abs($0 - $1) }.max() ?? .infinity
        #expect(logits.count == expected.count && difference <= 1e-4, "differs by \(difference)")
    }
}
