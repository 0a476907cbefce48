import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import Testing

@Suite struct MoViNetTests {
    static let frames = 6

    /// The features of each frame of a clip before the means over space and time, `[frames, 480, 1, 1]`.
    private func features(_ graph: Graph, of clip: TensorData) throws -> [[Float]] {
        let network = try Network(graph)
        let features = try #require(graph.value(named: "conv7.conv_1.norm.hardSwish.out"))
        let result = try withoutGradients {
            try network.forward([try Tensor(clip)], taps: [features]).taps[features]?.data()
        }
        let numbers = try #require(result).elements(of: Float.self)
        let count = numbers.count / Self.frames
        return (0..<Self.frames).map { Array(numbers[$0 * count..<($0 + 1) * count]) }
    }

    @Test func `What it says of a frame depends on no later frame`() throws {
        let shape: Shape = [3, Self.frames, 32, 32]
        let graph = try Architectures.variant(named: "movinet_a0").graph(inputShape: shape).withLivelyBatchNorms()
        var random = SeededGenerator(seed: 1)
        let clip = TensorData.random([1, 3, Self.frames, 32, 32], from: &random)
        for changed in [0, 3, 5] {
            var other = clip
            other.withUnsafeMutableElements(of: Float.self) { pixels in
                for index in pixels.indices where index / (32 * 32) % Self.frames == changed { pixels[index] += 1 }
            }
            let (before, after) = (try features(graph, of: clip), try features(graph, of: other))
            for frame in 0..<Self.frames { #expect((before[frame] == after[frame]) == (frame < changed)) }
        }
    }
}
