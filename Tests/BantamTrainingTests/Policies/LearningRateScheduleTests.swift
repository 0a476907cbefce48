import BantamTraining
import Testing

/// Against numbers worked out by hand.
@Suite struct LearningRateScheduleTests {
    @Test func `Warm-up rises in even steps to the peak`() {
        let schedule = LearningRateSchedule(peak: 1.1, decay: .constant, warmup: 0.1)
        let rates = (0..<100).map { schedule.rate(step: $0, of: 100) }
        for (step, rate) in zip(0..., rates.prefix(10)) { #expect(abs(rate - 0.1 * Double(step + 1)) < 1e-12) }
        #expect(rates.dropFirst(10).allSatisfy { $0 == 1.1 })
    }

    @Test(arguments: [(0, 0.8), (25, 0.6945584412), (50, 0.44), (75, 0.1854415588), (100, 0.08), (120, 0.08)])
    func `Half a cosine falls from the peak to the floor`(_ step: Int, _ rate: Double) {
        // 0.8 (0.1 + 0.9 (1 + cos(pi t)) / 2)
        let schedule = LearningRateSchedule(peak: 0.8, decay: .cosine(floor: 0.1))
        #expect(abs(schedule.rate(step: step, of: 100) - rate) < 1e-9)
    }

    @Test func `The cosine begins where warm-up ends`() {
        let schedule = LearningRateSchedule(peak: 2, decay: .cosine(floor: 0), warmup: 0.2)
        #expect(schedule.rate(step: 20, of: 100) == 2)
        #expect(abs(schedule.rate(step: 60, of: 100) - 1) < 1e-12)
        #expect(abs(schedule.rate(step: 100, of: 100)) < 1e-12)
        let rates = (20..<100).map { schedule.rate(step: $0, of: 100) }
        #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test(arguments: [(0, 1.0), (49, 1.0), (50, 0.1), (74, 0.1), (75, 0.01), (99, 0.01)])
    func `Steps multiply the rate at each milestone`(_ step: Int, _ rate: Double) {
        let schedule = LearningRateSchedule(peak: 1, decay: .step(milestones: [0.5, 0.75], factor: 0.1))
        #expect(abs(schedule.rate(step: step, of: 100) - rate) < 1e-12)
    }

    @Test(arguments: [0, 1, 3]) func `Trainings of few steps or none have finite rates`(_ total: Int) {
        for decay in [LearningRateSchedule.Decay.constant, .cosine(floor: 0), .step(milestones: [0, 1], factor: 0.5)] {
            for warmup in [0, 0.5, 1] {
                let schedule = LearningRateSchedule(peak: 1, decay: decay, warmup: warmup)
                for step in 0...total {
                    let rate = schedule.rate(step: step, of: total)
                    #expect(rate >= 0 && rate <= 1)
                }
            }
        }
    }
}
