import BantamTestSupport
import FoundationEssentials
import Testing

/// What the tests share: tiny data, a model that has learned it, and what is broken about both.
///
/// | path | what it is |
/// |---|---|
/// | `images` | an image folder of three classes |
/// | `plain` | images without labels |
/// | `idx` | IDX pairs of ten classes |
/// | `model.onnx` | `simple_cnn` with random weights, for three classes |
/// | `trained.onnx` | the same, trained on `images` |
/// | `teacher.onnx` | `wide_cnn` with random weights, for three classes |
/// | `quantized.onnx` | `trained.onnx` in INT8 |
/// | `broken` | see ``BrokenFiles`` |
final class Workshop: Sendable {
    @TaskLocal static var current: Workshop?

    private let folder: TemporaryFolder

    var path: String { folder.path }

    init() throws {
        folder = try TemporaryFolder()
        try TinyData.writeImages(to: folder.file("images"))
        try TinyData.writePlainImages(to: folder.file("plain"))
        try TinyData.writeIDX(to: folder.file("idx"))
        for (name, file) in [("simple_cnn", "model.onnx"), ("wide_cnn", "teacher.onnx")] {
            try run("create", name, "--classes", "3", "--seed", "1", "-o", file)
        }
        try run(["train", "model.onnx", "--data", "images", "-o", "trained.onnx"] + Workshop.training)
        try run("quantize", "trained.onnx", "--dynamic", "-o", "quantized.onnx")
        try BrokenFiles.write(to: folder.file("broken"), workshop: path)
    }

    /// The options of a short training.
    static let training = ["--epochs", "1", "--batch-size", "8", "--seed", "1"]

    private func run(_ arguments: String...) throws { try run(arguments) }

    private func run(_ arguments: [String]) throws { try Binary.run(arguments, in: path).succeeded() }
}

/// Makes the ``Workshop`` for a suite, and clears it away after the last of its tests.
struct WorkshopTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Workshop.$current.withValue(Workshop(), operation: function)
    }
}

extension Trait where Self == WorkshopTrait {
    static var workshop: Self { WorkshopTrait() }
}

/// The whole command line, by its binary.
@Suite(.workshop) enum EndToEnd {}
