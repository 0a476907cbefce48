import BantamTraining
import Testing

@Suite struct EarlyStoppingTests {
    private func actions(
        _ scores: [Double], patience: Int, minimumGain: Double = 0
    ) -> [EarlyStopping.Action] {
        var policy = EarlyStopping(patience: patience, minimumGain: minimumGain)
        return scores.map { policy.observe(score: $0) }
    }

    @Test func `The first score is the best so far`() {
        #expect(actions([0], patience: 1) == [.keepBest])
    }

    @Test func `Training stops after as many epochs without gain as patience lasts`() {
        #expect(
            actions([0.5, 0.6, 0.6, 0.55, 0.59], patience: 3) == [.keepBest, .keepBest, .goOn, .goOn, .stop])
    }

    @Test func `A gain begins the count anew`() {
        #expect(
            actions([0.5, 0.4, 0.6, 0.5, 0.5], patience: 2) == [.keepBest, .goOn, .keepBest, .goOn, .stop])
    }

    @Test func `A gain below the least that counts is none`() {
        #expect(actions([0.5, 0.509, 0.52], patience: 5, minimumGain: 0.01) == [.keepBest, .goOn, .keepBest])
    }

    @Test func `A score that is not a number is no gain`() {
        #expect(actions([0.5, .nan, 0.6], patience: 5) == [.keepBest, .goOn, .keepBest])
    }

    @Test func `It remembers the best`() {
        var policy = EarlyStopping(patience: 2)
        for score in [0.3, 0.7, 0.2] { _ = policy.observe(score: score) }
        #expect(policy.best == 0.7)
        #expect(policy.epochsSinceBest == 1)
    }
}
