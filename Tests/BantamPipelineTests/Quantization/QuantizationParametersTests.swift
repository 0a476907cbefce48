import BantamGraph
import BantamTestSupport
import Testing

@testable import BantamModel
@testable import BantamQuantization

@Suite struct QuantizationParametersTests {
    @Test func `Asymmetric uint8 spreads 256 integers over the range`() {
        let parameters = QuantizationParameters(covering: ActivationRange(-1, 1.55), as: .asymmetricUInt8)
        #expect(abs(parameters.scales[0] - 0.01) < 1e-7)
        #expect(parameters.zeroPoint == 100 && parameters.dtype == .uint8)
        let data = TensorData([6], [-1, 0, 1.55, -9, 9, 0.104] as [Float])
        #expect(parameters.quantize(data) == TensorData([6], [0, 100, 255, 0, 255, 110] as [UInt8]))
    }

    @Test func `A range that excludes zero is extended to it`() {
        let positive = QuantizationParameters(covering: ActivationRange(2, 5.1), as: .asymmetricUInt8)
        #expect(positive.zeroPoint == 0 && abs(positive.scales[0] - 0.02) < 1e-7)
        let negative = QuantizationParameters(covering: ActivationRange(-5.1, -2), as: .asymmetricUInt8)
        #expect(negative.zeroPoint == 255)
        let signed = QuantizationParameters(covering: ActivationRange(2, 5.1), as: .asymmetricInt8)
        #expect(signed.zeroPoint == -128 && signed.dtype == .int8)
    }

    @Test func `Symmetric int8 stores zero as 0`() {
        let parameters = QuantizationParameters(covering: ActivationRange(-0.5, 12.7), as: .symmetricInt8)
        #expect(parameters.zeroPoint == 0 && abs(parameters.scales[0] - 0.1) < 1e-7)
        #expect(
            parameters.quantize(TensorData([4], [-12.7, 0, 12.7, 99] as [Float]))
                == TensorData([4], [-127, 0, 127, 127] as [Int8]))
    }

    @Test func `Halves round to even`() {
        let parameters = QuantizationParameters(scales: [2], dtype: .int8, limits: -127...127)
        #expect(
            parameters.quantize(TensorData([6], [1, 3, 5, -1, -3, -5] as [Float]))
                == TensorData([6], [0, 2, 2, 0, -2, -2] as [Int8]))
    }

    @Test func `Each channel's largest weight is represented exactly, along any axis`() throws {
        for axis in 0..<3 {
            var random = SeededGenerator(seed: 8)
            let weight = TensorData.random([3, 4, 5], from: &random)
            let parameters = try QuantizationParameters(
                covering: weight, channelAxis: axis, as: .int8, name: "weight")
            #expect(parameters.scales.count == weight.shape[axis] && parameters.axis == axis)
            let restored = parameters.dequantize(parameters.quantize(weight)).elements(of: Float.self)
            let strides = weight.shape.strides
            var largest = [Float](repeating: 0, count: weight.shape[axis])
            for (index, value) in weight.elements(of: Float.self).enumerated() {
                let channel = index / strides[axis] % weight.shape[axis]
                largest[channel] = max(largest[channel], abs(value))
                #expect(abs(restored[index] - value) <= parameters.scales[channel] * 0.5001)
            }
            for (scale, largest) in zip(parameters.scales, largest) { #expect(abs(scale * 127 - largest) < 1e-6) }
        }
    }

    @Test func `Pruned weights stay exactly zero, and -128 is not used`() throws {
        let weight = TensorData([2, 4], [0, -0.5, 0, 0.25, 0, 0, 0, 0] as [Float])
        let parameters = try QuantizationParameters(covering: weight, channelAxis: 0, as: .int8, name: "weight")
        #expect(parameters.quantize(weight) == TensorData([2, 4], [0, -127, 0, 64, 0, 0, 0, 0] as [Int8]))
        // The channel of zeros has a scale all the same.
        #expect(parameters.scales[1] == parameters.scales[0])
        let zeros = try QuantizationParameters(
            covering: TensorData(zeros: TensorType(.float32, [2, 4])), channelAxis: 0, as: .int8, name: "weight")
        #expect(zeros.scales == [1, 1])
    }

    @Test func `Seven bits leave room for the sum of two products in 16 bits`() throws {
        let format = TargetProfile.x86.weights
        #expect(2 * 255 * format.largest <= Int(Int16.max))
        #expect(2 * 255 * TargetProfile.x86VNNI.weights.largest > Int(Int16.max))
        let weight = TensorData([1, 2], [1, -1] as [Float])
        let parameters = try QuantizationParameters(covering: weight, channelAxis: 0, as: format, name: "weight")
        #expect(parameters.quantize(weight) == TensorData([1, 2], [63, -63] as [Int8]))
    }

    @Test func `One scale serves the whole tensor where channels have none of their own`() throws {
        let weight = TensorData([2, 2], [1, 0, 0.5, 0.25] as [Float])
        let format = WeightFormat(bits: 8, isPerChannel: false)
        let parameters = try QuantizationParameters(covering: weight, channelAxis: 0, as: format, name: "weight")
        #expect(parameters.scales.count == 1 && parameters.axis == nil)
        #expect(parameters.quantize(weight) == TensorData([2, 2], [127, 0, 64, 32] as [Int8]))
    }

    @Test(arguments: [Float.nan, .infinity]) func `A weight that is not finite is named`(bad: Float) {
        let weight = TensorData([2, 2], [1, 0, bad, 0.25] as [Float])
        let text = errorText {
            _ = try QuantizationParameters(covering: weight, channelAxis: 0, as: .int8, name: "conv1.weight")
        }
        #expect(text.contains("conv1.weight"))
    }

    @Test func `A bias is stored at the product of the scales`() throws {
        let input = QuantizationParameters(scales: [0.5], dtype: .uint8, limits: 0...255)
        let weight = QuantizationParameters(scales: [0.25, 0.5], dtype: .int8, axis: 0, limits: -127...127)
        let bias = try #require(QuantizationParameters.bias(input: input, weight: weight, axis: 0, count: 2))
        #expect(bias.scales == [0.125, 0.25])
        #expect(bias.quantize(TensorData([2], [1, -3] as [Float])) == TensorData([2], [8, -12] as [Int32]))
    }

    @Test func `A bias far larger than its weights still fits int32`() throws {
        let weight = TensorData([2, 1], [1e-12, 1] as [Float])
        var parameters = try QuantizationParameters(covering: weight, channelAxis: 0, as: .int8, name: "weight")
        let input = QuantizationParameters(scales: [0.01], dtype: .uint8, limits: 0...255)
        parameters.makeRoom(forBias: [5, 5], inputScale: 0.01)
        let bias = try #require(QuantizationParameters.bias(input: input, weight: parameters, axis: 0, count: 2))
        let restored = bias.dequantize(bias.quantize(TensorData([2], [5, 5] as [Float]))).elements(of: Float.self)
        #expect(restored.allSatisfy { abs($0 - 5) < 1e-3 })
        #expect(abs(parameters.scales[1] - 1 / 127) < 1e-9)
    }

    @Test func `Parameters survive JSON`() throws {
        let parameters = QuantizationParameters(scales: [0.5, 0.1], dtype: .int8, axis: 1, limits: -63...63)
        #expect(try throughJSON(parameters) == parameters)
    }
}
