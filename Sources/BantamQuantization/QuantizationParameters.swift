public import BantamGraph

/// How integers stand for the numbers of one tensor: `number = (integer - zeroPoint) * scale`.
///
/// - Reference: Jacob et al., *Quantization and Training of Neural Networks for Efficient
///   Integer-Arithmetic-Only Inference*, CVPR 2018.
public struct QuantizationParameters: Hashable, Sendable, Codable {
    /// One scale for the tensor, or one for each index along ``axis``. Positive.
    public var scales: [Float]
    public var zeroPoint: Int
    public var dtype: DType
    /// The axis along which the scales differ; `nil` when one serves the whole tensor.
    public var axis: Int?
    /// The integers in use: all of the type's or fewer.
    public var limits: ClosedRange<Int>

    /// - Precondition: one scale where there is no axis, and all positive.
    public init(scales: [Float], zeroPoint: Int = 0, dtype: DType, axis: Int? = nil, limits: ClosedRange<Int>) {
        precondition(axis != nil || scales.count == 1, "\(scales.count) scales without an axis")
        precondition(scales.allSatisfy { $0 > 0 && $0.isFinite }, "a scale that is not positive")
        self.scales = scales
        self.zeroPoint = zeroPoint
        self.dtype = dtype
        self.axis = axis
        self.limits = limits
    }

    /// The scales as a constant of the model: a scalar, or `[C]`.
    var scaleData: TensorData {
        axis == nil ? TensorData(scalar: scales[0]) : TensorData([scales.count], scales)
    }

    /// The zero point as a constant of the model, of one element.
    var zeroPointData: TensorData {
        switch dtype {
        case .uint8: TensorData(scalar: UInt8(zeroPoint))
        case .int8: TensorData(scalar: Int8(zeroPoint))
        default: TensorData(scalar: Int32(zeroPoint))
        }
    }
}

extension QuantizationParameters {
    /// The integers nearest to the numbers of `data`; halves round to even, as in ONNX.
    ///
    /// - Parameter data: float32, with as many indices along ``axis`` as there are scales.
    /// - Complexity: O(elements).
    public func quantize(_ data: TensorData) -> TensorData {
        switch dtype {
        case .uint8: quantize(data, to: UInt8.self)
        case .int8: quantize(data, to: Int8.self)
        case .int32: quantize(data, to: Int32.self)
        default: preconditionFailure("quantization to \(dtype.rawValue)")
        }
    }

    /// The numbers that the integers of `data` stand for.
    public func dequantize(_ data: TensorData) -> TensorData {
        precondition(data.dtype == dtype, "\(data.type) is not \(dtype.rawValue)")
        switch dtype {
        case .uint8: return dequantize(data, from: UInt8.self)
        case .int8: return dequantize(data, from: Int8.self)
        case .int32: return dequantize(data, from: Int32.self)
        default: preconditionFailure("quantization to \(dtype.rawValue)")
        }
    }

    private func quantize<Integer: FixedWidthInteger & TensorElement>(
        _ data: TensorData, to _: Integer.Type
    ) -> TensorData {
        var integers = [Integer](repeating: 0, count: data.elementCount)
        data.withFloats { values in
            integers.withUnsafeMutableBufferPointer { integers in
                forEachRun(of: data.shape) { run, scale in
                    if Integer.bitWidth > 16 {
                        quantizeWide(values, run, scale, to: integers)
                    } else {
                        quantizeNarrow(values, run, scale, to: integers)
                    }
                }
            }
        }
        return TensorData(data.shape, integers)
    }

    /// As runtimes do: divided in float32, rounded to the nearest, ties to the even one.
    ///
    /// To a number of 2^23 times 1.5 a small one can only be added rounded; the sum's last bits are the integer. Nothing
    /// here branches, so that the compiler works on many elements at once.
    private func quantizeNarrow<Integer: FixedWidthInteger>(
        _ values: UnsafeBufferPointer<Float>, _ run: Range<Int>, _ scale: Float,
        to integers: UnsafeMutableBufferPointer<Integer>
    ) {
        let large: Float = 0x1.8p23
        let lower = Float(limits.lowerBound - zeroPoint)
        let upper = Float(limits.upperBound - zeroPoint)
        let offset = Int32(zeroPoint) &- Int32(bitPattern: large.bitPattern)
        for index in run {
            var quotient = values[index] / scale
            quotient = quotient < lower ? lower : quotient
            quotient = quotient > upper ? upper : quotient
            integers[index] = Integer(truncatingIfNeeded: Int32(bitPattern: (quotient + large).bitPattern) &+ offset)
        }
    }

    /// An int32 does not fit the 24 bits of a float32, and is ours to choose.
    private func quantizeWide<Integer: FixedWidthInteger>(
        _ values: UnsafeBufferPointer<Float>, _ run: Range<Int>, _ scale: Float,
        to integers: UnsafeMutableBufferPointer<Integer>
    ) {
        let (lower, upper) = (Double(limits.lowerBound), Double(limits.upperBound))
        for index in run {
            let rounded = (Double(values[index]) / Double(scale)).rounded(.toNearestOrEven) + Double(zeroPoint)
            integers[index] = Integer(min(max(rounded, lower), upper))
        }
    }

    private func dequantize<Integer: FixedWidthInteger & TensorElement>(
        _ data: TensorData, from _: Integer.Type
    ) -> TensorData {
        let integers = data.elements(of: Integer.self)
        var values = [Float](repeating: 0, count: integers.count)
        forEachRun(of: data.shape) { run, scale in
            for index in run { values[index] = Float(Int(integers[index]) - zeroPoint) * scale }
        }
        return TensorData(data.shape, values)
    }

    /// Visits the stretches of adjacent elements that share one scale.
    private func forEachRun(of shape: Shape, _ body: (Range<Int>, Float) -> Void) {
        guard let axis else { return body(0..<shape.elementCount, scales[0]) }
        precondition(shape[axis] == scales.count, "\(scales.count) scales along axis \(axis) of \(shape)")
        let length = shape.dimensions[(axis + 1)...].reduce(1, *)
        guard length > 0 else { return }
        for (run, start) in stride(from: 0, to: shape.elementCount, by: length).enumerated() {
            body(start..<start + length, scales[run % scales.count])
        }
    }
}
