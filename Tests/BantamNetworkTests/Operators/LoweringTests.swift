import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import Glibc
import Testing

/// Every operator's lowering against ONNX Runtime; a new operator is tested by being listed.
///
/// The reference values in `Tests/Fixtures/operators` are made by `Scripts/golden/operators.py`.
@Suite struct LoweringTests {
    @Test(arguments: ExampleCase.all) func `A lowering computes what ONNX Runtime does`(_ sample: ExampleCase) throws {
        let reference = try ReferenceValues(of: sample)
        let (graph, data) = exampleGraph(of: sample.definition, sample.example)
        let results = try graph.run(try graph.inputs.map { try #require(data[graph[$0.value].name]) })
        #expect(results.count == reference.outputs.count)
        for (result, expected) in zip(results, reference.outputs) {
            // Rounding to 8 bits of mantissa agrees exactly or not at all; all else is compared at 1e-5.
            #expect(result.difference(from: expected) == nil)
        }
    }

    @Test(arguments: ExampleCase.all) func `Results have the inferred types, in training too`(
        _ sample: ExampleCase
    ) throws {
        let (graph, data) = exampleGraph(of: sample.definition, sample.example)
        let inputs = try graph.inputs.map { try #require(data[graph[$0.value].name]) }
        for mode in [NodeContext.Mode.inference, .training] {
            let types = try ShapeInference(of: graph, inputShapes: inputs.map(\.shape), mode: mode)
            let results = try graph.run(inputs, mode: mode)
            #expect(results.map(\.type) == graph.outputs.map { types[$0] })
        }
    }
}

/// What ONNX Runtime computed for an example.
private struct ReferenceValues {
    let outputs: [TensorData]

    /// - Throws: when there are none, or they are for an example that looked different.
    init(of sample: ExampleCase) throws {
        let path = fixture("operators/\(sample.definition.name).safetensors")
        let advice: Comment = "make the reference values anew: see Scripts/golden/operators.py"
        guard access(path, F_OK) == 0 else { throw MissingReference(path: path) }
        let file = try SafeTensors.read(path)
        try #require(file.metadata["\(sample.number)"] == (try sample.description()), advice)
        for (name, tensor) in sample.tensors() { try #require(file.tensors[name] == tensor, advice) }
        outputs = try (0..<sample.example.outputCount).map {
            try #require(file.tensors["\(sample.number)/output\($0)"], advice)
        }
    }

    struct MissingReference: Error, CustomStringConvertible {
        var path: String
        var description: String { "\(path) is missing: see Scripts/golden/operators.py" }
    }
}

/// Writes the examples for the script that makes the reference values.
@Suite struct ExampleDump {
    static let folder = getenv("BANTAM_DUMP_EXAMPLES").map { String(cString: $0) }

    @Test(.enabled(if: folder != nil)) func `Examples are written for ONNX Runtime`() throws {
        let folder = try #require(Self.folder)
        for definition in Operators.all {
            var file = SafeTensors()
            for sample in ExampleCase.all where sample.definition == definition {
                file.metadata["\(sample.number)"] = try sample.description()
                file.tensors.merge(sample.tensors()) { _, tensor in tensor }
            }
            try file.write(to: "\(folder)/\(definition.name).safetensors")
        }
    }
}
