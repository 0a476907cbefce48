import BantamTraining
import Testing

@Suite struct DivergenceGuardTests {
    @Test func `A loss that is no number diverges at once`() {
        var watch = DivergenceGuard()
        let answers = [2.3, .nan, .infinity].map { watch.diverges(at: $0) }
        #expect(answers == [false, true, true])
    }

    @Test func `A single high loss is chance, several are not, and a very high one is enough`() {
        func answers(_ losses: [Double]) -> [Bool] {
            var watch = DivergenceGuard(multiple: 10, harmlessLoss: 8)
            return losses.map { watch.diverges(at: $0) }
        }
        #expect(!answers([2, 2, 2, 2, 2, 40, 2, 2, 2, 2]).contains(true))
        #expect(answers([2, 2, 2, 30, 30, 30, 30, 30]) == [false, false, false, false, false, false, false, true])
        #expect(answers([2, 2, 2, 500]) == [false, false, false, true])
        // From the first step on.
        #expect(answers([2, 5000]) == [false, true])
    }

    @Test func `What learns from a teacher alone may not go far from where it began`() {
        func answers(_ losses: [Double]) -> [Bool] {
            var watch = DivergenceGuard.fromTeacherAlone
            return losses.map { watch.diverges(at: $0) }
        }
        #expect(answers([0.1, 0.1, 0.1, 0.4, 0.4, 0.4, 0.4, 0.4]).last == true)
        #expect(!answers([0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.2]).contains(true))
        #expect(!answers([0.001, 0.001, 0.001, 0.02, 0.02, 0.02, 0.02, 0.02]).contains(true))
    }

    @Test func `A loss that began near zero may rise to that of guessing`() {
        var watch = DivergenceGuard()
        let answers = [0.01, 0.01, 0.01, 2.3, 2.3, 2.3, 2.3, 2.3, 6.9, 6.9, 6.9, 6.9].map { watch.diverges(at: $0) }
        #expect(!answers.contains(true))
    }
}
