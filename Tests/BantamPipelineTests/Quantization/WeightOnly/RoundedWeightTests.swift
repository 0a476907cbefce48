import BantamGraph
import BantamTestSupport
import Testing

@testable import BantamQuantization

@Suite struct RoundedWeightTests {
    private func rounded(_ values: [Float], bits: Int) throws -> (RoundedWeight, TensorData) {
        let data = TensorData([1, values.count], values)
        let groups = ScaleGroups(of: data.shape, channelAxis: 0, size: nil)
        return (try RoundedWeight.best(data, in: groups, bits: bits, name: "w"), data)
    }

    @Test func `A lopsided row takes a zero point, worked out by hand`() throws {
        // -3.5...7 in 15 steps of 0.7, zero at 5. Only 1 is changed, to 0.7.
        let (weight, data) = try rounded([7, -3.5, 0, 1], bits: 4)
        #expect(weight.dtype == .uint4 && weight.zeroPoints == [5])
        #expect(abs(weight.scales[0] - 0.7) < 1e-6 && abs(weight.squaredError - 0.09) < 1e-5)
        #expect(weight.integers(of: data).unpackingNibbles() == TensorData([1, 4], [15, 0, 5, 6] as [UInt8]))
        for (number, expected) in zip(weight.numbers(of: data).elements(of: Float.self), [7, -3.5, 0, 0.7] as [Float]) {
            #expect(abs(number - expected) < 1e-6)
        }
        #expect(weight.zeroPointData?.withUnsafeBytes { Array($0) } == [5])
    }

    @Test func `A row that is its own negative takes none`() throws {
        let (weight, data) = try rounded([7, -7, 3, -3, 1, -1, 0, 5, -5], bits: 4)
        #expect(weight.dtype == .int4 && weight.zeroPointData == nil)
        #expect(weight.scales == [1] && weight.squaredError == 0)
        #expect(
            weight.integers(of: data).unpackingNibbles()
                == TensorData([1, 9], [7, -7, 3, -3, 1, -1, 0, 5, -5] as [Int8]))
    }

    @Test func `Eight bits are symmetric and reach the largest number`() throws {
        let (weight, data) = try rounded([12.7, -6.35, 0, 0.1], bits: 8)
        #expect(weight.dtype == .int8 && abs(weight.scales[0] - 0.1) < 1e-6)
        #expect(weight.integers(of: data) == TensorData([1, 4], [127, -64, 0, 1] as [Int8]))
    }

    @Test func `An outlier is cut off where that costs less than what it makes coarse`() throws {
        let values = [1] + (0..<400).map { Float($0 % 9 - 4) * 0.1 }
        let (weight, data) = try rounded(values, bits: 4)
        // Covered in full, the error would be that of these scales.
        let groups = ScaleGroups(of: data.shape, channelAxis: 0, size: nil)
        let coarse = values.reduce(0) { sum, value in
            let rounded = (value / (1.0 / 7)).rounded(.toNearestOrEven) * (1.0 / 7)
            return sum + Double((rounded - value) * (rounded - value))
        }
        let symmetric = try RoundedWeight(data, in: groups, as: .int4, name: "w")
        #expect(symmetric.squaredError < coarse * 0.8)
        #expect(weight.squaredError <= symmetric.squaredError)
    }

    @Test(arguments: [DType.int8, .int4, .uint4]) func `Zeros stay zero, and groups of zeros too`(dtype: DType) throws {
        var random = SeededGenerator(seed: 1).stream("zeros")
        var values = TensorData.random([16, 24], in: -1...3, from: &random).elements(of: Float.self)
        for index in values.indices where index % 3 == 0 || index < 48 { values[index] = 0 }
        let data = TensorData([16, 24], values)
        let groups = ScaleGroups(of: data.shape, channelAxis: 0, size: 12)
        let weight = try RoundedWeight(data, in: groups, as: dtype, name: "w")
        let integers = weight.integers(of: data).unpackingNibbles().withUnsafeBytes { Array($0) }
        for (index, value) in values.enumerated() where value == 0 {
            let zero = weight.zeroPoints.isEmpty ? 0 : weight.zeroPoints[index / 12]
            #expect(Int(integers[index]) == zero)
        }
        #expect(weight.scales.allSatisfy { $0 > 0 && $0.isFinite })
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func `What is no number is refused by name`(bad: Float) {
        #expect(errorText { _ = try rounded([1, bad, 2], bits: 4) }.contains("The weight w holds NaN or infinity"))
    }

    @Test func `The largest and the smallest numbers survive`() throws {
        let (weight, _) = try rounded([-.greatestFiniteMagnitude, .greatestFiniteMagnitude / 2], bits: 4)
        #expect(weight.scales[0].isFinite)
        let (tiny, data) = try rounded([.leastNonzeroMagnitude, 0], bits: 8)
        #expect(tiny.scales[0].isNormal && tiny.integers(of: data) == TensorData([1, 2], [0, 0] as [Int8]))
    }
}
