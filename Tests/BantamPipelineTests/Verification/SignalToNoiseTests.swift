import BantamGraph
import BantamModel
import Testing

@Suite struct SignalToNoiseTests {
    @Test func `A tenth of error is 20 dB, and a hundredth 40`() throws {
        for (error, decibels) in [(Float(0.1), 20.0), (0.01, 40)] {
            var ratio = SignalToNoise()
            for index in 0..<100 {
                let reference: Float = index.isMultiple(of: 2) ? 2 : -2
                ratio.observe(reference * (1 + error), reference: reference)
            }
            #expect(abs(try #require(ratio.decibels) - decibels) < 1e-3)
        }
    }

    /// Bennett: rounding in steps of s adds noise of s²/12, which makes 6.02 dB a bit for a full-scale uniform signal.
    @Test(arguments: [4, 6, 8]) func `Rounding costs 6 dB for each bit that is missing`(bits: Int) throws {
        var random = SeededGenerator(seed: 1)
        let step = 2 / Float(1 << bits)
        var ratio = SignalToNoise()
        for _ in 0..<20_000 {
            let value = Float(random.uniform(in: -1...1))
            ratio.observe((value / step).rounded() * step, reference: value)
        }
        #expect(abs(try #require(ratio.decibels) - 6.0206 * Double(bits)) < 0.1)
    }

    @Test func `Sums that are known count as the values do, in whatever pieces they come`() {
        var (values, sums) = (SignalToNoise(), SignalToNoise())
        for (value, reference) in [(1, 2), (3, 3), (-4, -2)] as [(Float, Float)] {
            values.observe(value, reference: reference)
            sums.observe(
                signal: Double(reference * reference), noise: Double((value - reference) * (value - reference)))
        }
        #expect(values == sums && values.signal == 17 && values.noise == 5)
    }

    @Test func `Without an error there is no figure, and without a signal the lowest`() {
        var ratio = SignalToNoise()
        ratio.observe(3, reference: 3)
        #expect(ratio.decibels == nil)
        ratio = SignalToNoise()
        ratio.observe(1, reference: 0)
        #expect(ratio.decibels == -300)
    }
}
