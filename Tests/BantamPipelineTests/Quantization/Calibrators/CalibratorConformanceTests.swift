import BantamGraph
import BantamModel
import BantamQuantization
import BantamTestSupport
import Testing

/// What every calibrator must do. A new one is tested by being listed in ``Calibrators``.
@Suite struct CalibratorConformanceTests {
    @Test func `Each is found by a name of its own`() throws {
        #expect(Set(Calibrators.all.map { $0.name }).count == Calibrators.all.count)
        for type in Calibrators.all {
            #expect(try Swift.type(of: Calibrators.calibrator(named: type.name)) == type)
        }
        let text = errorText { _ = try Calibrators.calibrator(named: "median") }
        #expect(text.contains("median") && text.contains("percentile"))
    }

    @Test(arguments: Calibrators.all.indices)
    func `Without data there is no range, and the error names the activation`(index: Int) {
        #expect(Calibrators.all[index].init().range == nil)
        let calibration = Calibration(of: ["relu1.out"], with: Calibrators.all[index].init())
        #expect(errorCode { _ = try calibration.ranges() } == .noCalibrationData)
        #expect(errorText { _ = try calibration.ranges() }.contains("relu1.out"))
    }

    @Test(arguments: Calibrators.all.indices)
    func `An empty tensor and another type than float32 are errors`(index: Int) {
        var calibrator: any Calibrator = Calibrators.all[index].init()
        let empty = TensorData([0, 3], [] as [Float])
        let integers = TensorData([2], [1, 2] as [Int32])
        #expect(errorCode { try calibrator.observe(empty, of: "x") } == .noCalibrationData)
        #expect(errorCode { try calibrator.observe(integers, of: "x") } == .dtypeMismatch)
        #expect(calibrator.range == nil)
    }

    @Test(arguments: Calibrators.all.indices, [Float.nan, .infinity, -.infinity])
    func `NaN and infinity are errors that name the activation`(index: Int, bad: Float) {
        for position in [0, 7, 32, 40] {
            var values = (0..<41).map { Float($0) - 20 }
            values[position] = bad
            var calibrator: any Calibrator = Calibrators.all[index].init()
            let data = TensorData([41], values)
            #expect(errorCode { try calibrator.observe(data, of: "conv7.out") } == .notFinite)
            #expect(errorText { try calibrator.observe(data, of: "conv7.out") }.contains("conv7.out"))
            #expect(calibrator.range == nil)
        }
    }

    @Test(arguments: Calibrators.all.indices, [Float(0), 3.5, -2, 1e-30, 1e30])
    func `A constant activation gives a scale that represents it`(index: Int, value: Float) throws {
        var calibrator: any Calibrator = Calibrators.all[index].init()
        for _ in 0..<3 { try calibrator.observe(TensorData([9], [Float](repeating: value, count: 9)), of: "x") }
        let range = try #require(calibrator.range)
        for format in [ActivationFormat.asymmetricUInt8, .asymmetricInt8, .symmetricInt8] {
            let parameters = QuantizationParameters(covering: range, as: format)
            let scale = parameters.scales[0]
            #expect(scale > 0 && scale.isFinite)
            let restored = parameters.dequantize(parameters.quantize(TensorData(scalar: value)))
            // A histogram knows a constant to within its bin, 1 / 1024 of the largest value.
            let error = abs(restored.elements(of: Float.self)[0] - value)
            #expect(error <= max(scale, abs(value) / 100), "\(range), \(parameters)")
        }
    }

    @Test(arguments: Calibrators.all.indices)
    func `The range lies within what was seen and zero, and holds most of it`(index: Int) throws {
        let batches = Self.batches(count: 12)
        let range = try #require(try Self.range(Calibrators.all[index].init(), of: batches))
        let values = batches.flatMap { $0.elements(of: Float.self) }
        #expect(range.lower >= min(values.min() ?? 0, 0) && range.upper <= max(values.max() ?? 0, 0))
        let inside = values.count { range.lower <= $0 && $0 <= range.upper }
        #expect(Double(inside) > 0.95 * Double(values.count), "\(range) holds \(inside) of \(values.count)")
    }

    @Test(arguments: Calibrators.all.indices)
    func `Memory does not grow with the number of batches`(index: Int) throws {
        var calibrator: any Calibrator = Calibrators.all[index].init()
        try calibrator.observe(Self.batches(count: 1)[0], of: "x")
        let before = calibrator.stateSize
        for batch in Self.batches(count: 50) { try calibrator.observe(batch, of: "x") }
        #expect(calibrator.stateSize == before)
        #expect(before.bytes < 64 << 10)
    }

    @Test(arguments: Calibrators.all.indices)
    func `Where it is promised the order of the batches does not matter`(index: Int) throws {
        guard Calibrators.all[index].isOrderIndependent else { return }
        let batches = Self.batches(count: 9)
        let reference = try Self.range(Calibrators.all[index].init(), of: batches)
        var random = SeededGenerator(seed: 3)
        for _ in 0..<5 {
            let order = random.permutation(count: batches.count)
            #expect(try Self.range(Calibrators.all[index].init(), of: order.map { batches[$0] }) == reference)
        }
    }

    /// Normally distributed batches of growing spread.
    private static func batches(count: Int) -> [TensorData] {
        var random = SeededGenerator(seed: 1)
        return (0..<count).map { batch in
            TensorData([4, 50], (0..<200).map { _ in random.normal(standardDeviation: 1 + Float(batch % 7) / 4) })
        }
    }

    private static func range(_ calibrator: any Calibrator, of batches: [TensorData]) throws -> ActivationRange? {
        var calibrator = calibrator
        for batch in batches { try calibrator.observe(batch, of: "x") }
        return calibrator.range
    }
}
