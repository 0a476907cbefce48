import BantamEdge
import BantamGraph
import BantamNetwork
import BantamTestSupport
import Testing

/// The models and logits come from `Scripts/golden/quantized_networks.py`, which runs them in ONNX Runtime.
@Suite struct QuantizedNetworkTests {
    @Test(arguments: ["image", "clip"])
    func `OpenVINO gives ONNX Runtime's logits within one step of the last activation`(name: String) throws {
        let golden = try SafeTensors.read(BantamTestSupport.fixture("quantized/\(name).safetensors")).tensors
        let session = try InferenceSession(contentsOf: BantamTestSupport.fixture("quantized/\(name).onnx"))
        let logits = try session.run([try #require(golden["input"])])[0].elements(of: Float.self)
        let expected = try #require(golden["fused"]).elements(of: Float.self)
        let step = try #require(golden["step"]).elements(of: Float.self)
        #expect(logits.count == expected.count)
        for (index, pair) in zip(logits, expected).enumerated() {
            #expect(abs(pair.0 - pair.1) <= step[index % step.count], "logit \(index): \(pair)")
        }
    }

    @Test func `Scores are handed on batch by batch, as many classes as there are`() throws {
        let golden = try SafeTensors.read(BantamTestSupport.fixture("quantized/image.safetensors")).tensors
        let session = try InferenceSession(contentsOf: BantamTestSupport.fixture("quantized/image.onnx"))
        let input = try #require(golden["input"])
        var batches = [input, input]
        var (rows, progress): ([Int], [Int]) = ([], [])
        try Evaluation.scores(
            session, onBatch: { progress.append($0) }, nextImages: { batches.popLast() },
            onScores: { scores, classes in rows.append(scores.count / classes) })
        #expect(rows == [4, 4] && progress == [4, 8])
        #expect(throws: EdgeError.self) {
            try Evaluation.scores(session, nextImages: { nil }, onScores: { _, _ in })
        }
    }
}
