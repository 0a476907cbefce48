import Testing

@testable import BantamReport

@Suite struct NumberFormattingTests {
    @Test(arguments: [
        (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (21_840, "21,840"), (1_000_000, "1,000,000"),
        (-1234, "-1,234"), (-999, "-999"), (Int.max, "9,223,372,036,854,775,807"),
        (Int.min, "-9,223,372,036,854,775,808"),
    ])
    func `Thousands are set apart`(number: Int, text: String) {
        #expect(NumberFormatting.grouped(number) == text)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1.00 k"), (480_500, "481 k"), (999_499, "999 k"), (999_500, "1.00 M"),
        (1_810_000_000, "1.81 G"), (12_345_678, "12.3 M"), (5_000_000_000_000, "5000 G"),
    ])
    func `Operations are counted in thousands, millions and billions`(count: Int, text: String) {
        #expect(NumberFormatting.operations(count) == text)
    }

    @Test(
        arguments: [
            (0, "0"), (-0.0, "0"), (3.14159, "3.14"), (128, "128"), (0.0412, "0.0412"), (99.95, "100"), (9.996, "10.0"),
            (0.9996, "1.00"), (9.994, "9.99"), (123_456, "123456"), (-0.5, "-0.500"), (-12.34, "-12.3"),
            (0.000_000_123_4, "0.000000123"), (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"),
            (1e300, "1e+300"),
        ] as [(Double, String)])
    func `Three digits count`(number: Double, text: String) {
        #expect(NumberFormatting.significant(number) == text)
    }

    @Test(
        arguments: [
            (0, 0, "0"), (2.5, 0, "3"), (1.005, 1, "1.0"), (-0.04, 1, "0.0"), (-0.06, 1, "-0.1"), (12.3456, 2, "12.35"),
            (0.05, 3, "0.050"), (.nan, 1, "nan"), (-.infinity, 1, "-inf"), (1e20, 0, "1e+20"),
        ] as [(Double, Int, String)])
    func `Decimals are as many as asked for`(number: Double, decimals: Int, text: String) {
        #expect(NumberFormatting.fixed(number, decimals: decimals) == text)
    }

    @Test(
        arguments: [
            (1, 1, "="), (0, 0, "="), (47.9, 100, "-52.1 %"), (150, 100, "+50.0 %"), (0, 100, "-100.0 %"), (1, 0, nil),
            (1_000_001, 1_000_000, "0.0 %"), (999_999, 1_000_000, "0.0 %"),
        ] as [(Double, Double, String?)])
    func `Changes are in percent of the baseline`(value: Double, baseline: Double, text: String?) {
        #expect(NumberFormatting.relativeChange(value, from: baseline) == text)
    }

    @Test(
        arguments: [
            (0.9, 0.9, "="), (0.8958, 0.9, "-0.42 pt"), (0.91, 0.9, "+1.00 pt"), (0, 1, "-100.00 pt"),
            (0.900_001, 0.9, "0.00 pt"),
        ] as [(Double, Double, String)])
    func `Changes of rates are in points`(value: Double, baseline: Double, text: String) {
        #expect(NumberFormatting.points(value, from: baseline) == text)
    }

    @Test(arguments: [(0.001_234, "1.23 ms"), (0.000_05, "0.0500 ms"), (2, "2000 ms"), (0, "0 ms")])
    func `Seconds are shown as milliseconds`(seconds: Double, text: String) {
        #expect(NumberFormatting.milliseconds(seconds) == text)
    }
}
