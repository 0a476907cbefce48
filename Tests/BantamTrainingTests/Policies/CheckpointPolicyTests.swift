import BantamTraining
import Testing

@Suite struct CheckpointPolicyTests {
    @Test func `One is due at each interval and at the end`() {
        let policy = CheckpointPolicy(interval: 3)
        #expect((1...7).filter { policy.isDue(afterEpoch: $0, of: 7) } == [3, 6, 7])
    }

    @Test func `All but the latest may go, in whatever order they are listed`() {
        #expect(CheckpointPolicy(retained: 2).expired(among: [9, 10, 2, 11]) == [2, 9])
        #expect(CheckpointPolicy(retained: 2).expired(among: [4]) == [])
        #expect(CheckpointPolicy(retained: 2).expired(among: []) == [])
    }

    @Test func `At least one is kept, and an interval is at least one epoch`() {
        let policy = CheckpointPolicy(interval: 0, retained: 0)
        #expect(policy.isDue(afterEpoch: 1, of: 9))
        #expect(policy.expired(among: [1, 2]) == [1])
    }
}
