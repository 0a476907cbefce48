import Testing

extension EndToEnd {
    @Suite struct `Creating and inspecting` {
        struct Inspection: Decodable {
            var parameters: Int
            var macs: Int
            var weightBytes: Int
            var fileBytes: Int
            var peakActivationBytes: Int
            var operators: [String: Int]
            var inputs: [String: String]
            var metadata: [String: String]
            var text: String?
        }

        @Test func `A created model has the published parameters, MACs and bytes`() throws {
            let folder = try WorkingFolder()
            try folder.bantam("create", "simple_cnn", "-o", "cnn.onnx").succeeded()
            let model = try folder.bantam("inspect", "cnn.onnx", "--json").succeeded().json(as: Inspection.self)
            #expect(model.parameters == 21_840)
            #expect(model.macs == 480_500)
            #expect(model.weightBytes == 87_360)
            #expect(try model.fileBytes == folder.bytes(of: "cnn.onnx").count)
            // The first convolution's output, [10, 24, 24], and its pooled half.
            #expect(model.peakActivationBytes == 4 * (10 * 24 * 24 + 10 * 12 * 12))
            #expect(model.operators == ["Conv": 2, "MaxPool": 2, "Relu": 3, "Flatten": 1, "Gemm": 2])
            #expect(model.inputs == ["input": "float32[N, 1, 28, 28]"])
            #expect(model.text == nil)
        }

        @Test func `MACs and activations grow with the batch, parameters do not`() throws {
            let folder = try WorkingFolder()
            let run = try folder.bantam("inspect", "shop/model.onnx", "--batch", "4", "--graph", "--json").succeeded()
            let four = try run.json(as: Inspection.self)
            let one = try folder.bantam("inspect", "shop/model.onnx", "--json").succeeded().json(as: Inspection.self)
            #expect(four.macs == 4 * one.macs && four.peakActivationBytes == 4 * one.peakActivationBytes)
            #expect(four.parameters == one.parameters && four.fileBytes == one.fileBytes)
            #expect(four.text?.contains("conv1") == true)
        }

        @Test func `The seed decides the weights`() throws {
            let folder = try WorkingFolder()
            for (seed, name) in [("3", "a"), ("3", "b"), ("4", "c")] {
                try folder.bantam("create", "simple_cnn", "--seed", seed, "-o", "\(name).onnx").succeeded()
            }
            #expect(try folder.bytes(of: "a.onnx") == folder.bytes(of: "b.onnx"))
            #expect(try folder.bytes(of: "a.onnx") != folder.bytes(of: "c.onnx"))
        }

        @Test func `The architectures are listed with their size`() throws {
            let folder = try WorkingFolder()
            struct Listing: Decodable {
                struct Entry: Decodable {
                    var name: String
                    var parameters: Int
                }
                var architectures: [Entry]
            }
            let listing = try folder.bantam("create", "--list", "--json").succeeded().json(as: Listing.self)
            let sizes = Dictionary(uniqueKeysWithValues: listing.architectures.map { ($0.name, $0.parameters) })
            #expect(sizes["simple_cnn"] == 21_840)
            #expect(try #require(sizes["wide_cnn"]) >= 10 * 21_840)
        }

        @Test func `A trained model carries its classes and preprocessing`() throws {
            let folder = try WorkingFolder()
            let run = try folder.bantam("inspect", "shop/trained.onnx", "--json").succeeded()
            let metadata = try run.json(as: Inspection.self).metadata
            #expect(metadata["bantam.classes"] == #"["left","middle","right"]"#)
            #expect(metadata["bantam.preprocessing"]?.contains(#""colorOrder":"gray""#) == true)
        }

        @Test func `The doctor finds every library`() throws {
            let folder = try WorkingFolder()
            struct Findings: Decodable {
                struct Library: Decodable {
                    var name: String
                    var version: String?
                }
                var isComplete: Bool
                var libraries: [Library]
            }
            let findings = try folder.bantam("doctor", "--json").succeeded().json(as: Findings.self)
            #expect(findings.isComplete)
            #expect(findings.libraries.map(\.name) == ["libtorch", "OpenVINO", "FFmpeg"])
            #expect(try folder.bantam("doctor").succeeded().output.hasSuffix("All is there.\n"))
        }
    }
}
