import FoundationEssentials
import Testing

extension EndToEnd {
    @Suite struct Sensitivity {
        private struct Output: Decodable {
            struct Report: Decodable {
                struct Group: Decodable {
                    var name: String
                    var channels: Int
                    var points: [Point]
                    var safeCut: Double?
                }

                struct Point: Decodable {
                    var fraction: Double
                    var removed: Int
                    var accuracy: Double?
                    var agreement: Double
                    var divergence: Double
                }

                var samples: Int
                var accuracy: Double?
                var groups: [Group]
            }

            var layersToProtect: [String]
            var sensitivity: Report
        }

        @Test(arguments: [("shop/images", true), ("shop/plain", false)])
        func `Each layer has its figures, as JSON, as a file and as a picture`(data: String, isLabelled: Bool) throws {
            let folder = try WorkingFolder()
            let run = try folder.bantam(
                "sensitivity", "shop/trained.onnx", "--data", data, "--samples", "24", "--fractions", "0.5,0.25,0.9",
                "-o", "figures.json", "-o", "chart.svg", "--json")
            let output = try run.succeeded().json(as: Output.self)
            #expect(output.sensitivity.samples == 24)
            #expect((output.sensitivity.accuracy != nil) == isLabelled)
            #expect(output.sensitivity.groups.map(\.channels) == [10, 20, 50])
            for group in output.sensitivity.groups {
                #expect(group.points.map(\.fraction) == [0.25, 0.5, 0.9])
                #expect(group.points.allSatisfy { ($0.accuracy != nil) == isLabelled && $0.removed > 0 })
                #expect(group.points[0].divergence > 0 && (0...1).contains(group.points[2].agreement))
            }
            #expect(
                output.layersToProtect == output.sensitivity.groups.filter { $0.safeCut == 0 }.map(\.name))
            #expect(try folder.contents() == ["chart.svg", "figures.json"])
            #expect(String(decoding: try folder.bytes(of: "figures.json"), as: UTF8.self) == run.output)
            let picture = String(decoding: try folder.bytes(of: "chart.svg"), as: UTF8.self)
            #expect(picture.hasPrefix("<svg") && picture.contains("conv1"))
        }

        @Test func `The chart has a line a layer, and names the layers to protect as prune takes them`() throws {
            let folder = try WorkingFolder()
            let run = try folder.bantam(
                "sensitivity", "shop/trained.onnx", "--data", "shop/images", "--samples", "24", "--tolerance", "0",
                "--fractions", "0.95")
            let lines = try run.succeeded().output.split(separator: "\n").map(String.init)
            #expect(lines[0].contains("24 samples answered right"))
            #expect(lines[1].hasPrefix("layer") && lines[1].contains("95 %") && lines[1].hasSuffix("safe cut"))
            #expect(lines[2...4].map { $0.prefix { $0 != " " } }.count == 3)
            // A layer that keeps one channel of twenty is missed.
            let advice = try #require(lines.last { $0.contains("--protect") })
            let words = advice.split(separator: " ").map(String.init)
            #expect(words.starts(with: ["bantam", "prune", "shop/trained.onnx", "--protect"]))
            let protected = words.dropFirst(3).dropLast()
            try folder.bantam(
                ["prune", "shop/trained.onnx", "--target-macs", "0.9", "-o", "out.onnx"] + protected + ["--explain"]
            ).succeeded()
        }

        @Test func `It says what it needs`() throws {
            let folder = try WorkingFolder()
            let refusals = [
                Refusal("no data", ["sensitivity", "shop/trained.onnx"], 64, says: "--data", "with labels or without"),
                Refusal(
                    "fraction", ["sensitivity", "shop/trained.onnx", "--data", "shop/plain", "--fractions", "0.5,2"],
                    64,
                    says: "--fractions"),
                Refusal(
                    "output", ["sensitivity", "shop/trained.onnx", "--data", "shop/plain", "-o", "chart.png"], 64,
                    says: ".json or .svg"),
                Refusal(
                    "criterion", ["sensitivity", "shop/trained.onnx", "--data", "shop/plain", "--criterion", "l3"], 64,
                    says: "There is no criterion l3"),
                Refusal(
                    "quantized", ["sensitivity", "shop/quantized.onnx", "--data", "shop/plain"], 65,
                    says: "quantized already"),
                Refusal(
                    "classes", ["sensitivity", "shop/trained.onnx", "--data", "shop/idx"], 65, says: "idx has 10"),
            ]
            for refusal in refusals { try folder.expect(refusal) }
        }
    }
}
