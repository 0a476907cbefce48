import BantamGraph
import BantamONNX
import Testing

extension EndToEnd {
    @Suite struct `Zeroing weights` {
        /// What `inspect` prints with `--json`.
        private struct Inspection: Decodable {
            var parameters: Int
            var sparsity: Double
            var sparsityPattern: String?
            var patternedWeights: Int
            var fileBytes: Int
            var expandedBytes: Int?
        }

        private func inspection(of model: String, in folder: WorkingFolder) throws -> Inspection {
            try folder.bantam("inspect", model, "--json").succeeded().json(as: Inspection.self)
        }

        private let fineTuning = ["--data", "shop/images"] + Workshop.training

        @Test func `A compressed model is smaller by its zeros, and every command takes it`() throws {
            let folder = try WorkingFolder()
            let pruning = ["prune", "shop/trained.onnx", "--sparsity", "0.9", "--scope", "local", "--protect", "fc2"]
            try folder.bantam(pruning + ["-o", "sparse.onnx"] + fineTuning).succeeded()
            let run = try folder.bantam(pruning + ["-o", "sparse.onnx.gz", "--json"] + fineTuning).succeeded()
            let change = try run.json(as: Change.self)
            let (plain, compressed) = (
                try inspection(of: "sparse.onnx", in: folder), try inspection(of: "sparse.onnx.gz", in: folder)
            )
            #expect(compressed.fileBytes == change.after.fileBytes && compressed.expandedBytes == plain.fileBytes)
            #expect(compressed.fileBytes * 5 < plain.fileBytes && plain.expandedBytes == nil)
            #expect(compressed.sparsity == plain.sparsity && abs(plain.sparsity - 0.88) < 0.02)

            #expect(try folder.bantam("inspect", "sparse.onnx.gz").succeeded().output.contains(", compressed from "))
            let expected = try folder.accuracy(of: "sparse.onnx")
            #expect(try folder.accuracy(of: "sparse.onnx.gz").top1 == expected.top1)
            try folder.bantam("bench", "sparse.onnx.gz", "--against", "sparse.onnx", "--seconds", "0.1").succeeded()
            try folder.bantam(
                ["train", "sparse.onnx.gz", "--keep-zeros", "-o", "more.onnx.gz"] + fineTuning
            ).succeeded()
            #expect(try inspection(of: "more.onnx.gz", in: folder).sparsity >= compressed.sparsity)
            try folder.bantam("quantize", "sparse.onnx.gz", "--data", "shop/images", "-o", "int8.onnx.gz").succeeded()
            let integer = try inspection(of: "int8.onnx.gz", in: folder)
            #expect(integer.fileBytes * 3 < integer.expandedBytes ?? 0 && integer.sparsity >= compressed.sparsity)
            _ = try folder.accuracy(of: "int8.onnx.gz")
        }

        @Test func `Two of four stay, in rounds, through fine-tuning and quantization`() throws {
            let folder = try WorkingFolder()
            let (_, graph) = try folder.change(
                ["prune", "shop/trained.onnx", "--sparsity-pattern", "2:4", "--rounds", "2"] + fineTuning)
            let sparsity = try Sparsity(of: graph)
            // conv1 sums over one channel and conv2 over ten.
            #expect(sparsity.pattern == .twoOfFour && sparsity.patternedWeights == 1)
            let text = try folder.bantam("inspect", "out.onnx").succeeded().output
            #expect(text.contains("%, 2:4 in all 1 weights that sum over a multiple of 4"))
            try folder.bantam("quantize", "out.onnx", "--data", "shop/images", "-o", "int8.onnx").succeeded()
            try folder.bantam("quantize", "out.onnx", "--dynamic", "-o", "dynamic.onnx").succeeded()
            for file in ["int8.onnx", "dynamic.onnx"] {
                #expect(try inspection(of: file, in: folder).sparsityPattern == "2:4", "\(file)")
            }
        }

        @Test func `The target of a compressed file is its own size`() throws {
            let folder = try WorkingFolder()
            let size = try folder.bytes(of: "shop/trained.onnx").count
            try folder.bantam(
                "prune", "shop/trained.onnx", "--target-file-size", "\(size / 2)B", "-o", "out.onnx.gz"
            ).succeeded()
            let written = try inspection(of: "out.onnx.gz", in: folder)
            // The file says how it was made, which the target does not count.
            #expect(written.fileBytes <= size / 2 + 1000 && written.expandedBytes ?? 0 > size / 2)
        }

        @Test func `A person who writes a plain file hears how to make it smaller`() throws {
            let folder = try WorkingFolder()
            let run = try folder.bantam("prune", "shop/trained.onnx", "--sparsity", "0.5", "-o", "out.onnx").succeeded()
            #expect(run.output.contains("-o out.onnx.gz compresses the file"))
        }
    }
}
