import BantamMedia
import Testing

@Suite struct ClipSamplingTests {
    @Test func `A clip lies at the start, in the middle or at the end`() {
        let sampling = ClipSampling(frameCount: 4, stride: 2)
        #expect(sampling.positions(in: 20, sourceRate: 30, start: 0) == [0, 2, 4, 6])
        #expect(sampling.positions(in: 20, sourceRate: 30, start: 0.5) == [6, 8, 10, 12])
        #expect(sampling.positions(in: 20, sourceRate: 30, start: 1) == [13, 15, 17, 19])
    }

    @Test func `A rate of its own resamples the video`() {
        let sampling = ClipSampling(frameCount: 4, framesPerSecond: 15)
        #expect(sampling.positions(in: 100, sourceRate: 30, start: 0) == [0, 2, 4, 6])
        #expect(sampling.positions(in: 100, sourceRate: 7.5, start: 0) == [0, 0, 1, 1])
        #expect(sampling.positions(in: 100, sourceRate: nil, start: 0) == [0, 1, 2, 3])
    }

    @Test func `A short video repeats its last frame`() {
        #expect(ClipSampling(frameCount: 5).positions(in: 3, sourceRate: 30, start: 0.5) == [0, 1, 2, 2, 2])
        #expect(ClipSampling(frameCount: 2).positions(in: 0, sourceRate: 30, start: 0.5) == [0, 0])
    }

    @Test func `Evaluation clips are spread evenly`() {
        #expect(ClipSampling(frameCount: 4).evaluationStarts == [0.5])
        #expect(ClipSampling(frameCount: 4, clipCount: 3).evaluationStarts == [0, 0.5, 1])
    }
}
