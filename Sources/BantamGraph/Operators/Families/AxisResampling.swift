/// Which input entries each output entry along one axis is made from, as `Resize` defines it.
///
/// Coordinates are computed in single precision, as runtimes do, so that ties fall the same way.
struct AxisResampling {
    enum CoordinateMode: String {
        case halfPixel = "half_pixel"
        case halfPixelSymmetric = "half_pixel_symmetric"
        case pytorchHalfPixel = "pytorch_half_pixel"
        case alignCorners = "align_corners"
        case asymmetric
        case cropAndResize = "tf_crop_and_resize"
    }

    enum Rounding: String {
        case preferFloor = "round_prefer_floor"
        case preferCeil = "round_prefer_ceil"
        case floor
        case ceil
    }

    /// How neighbours are weighed by their distance, in entries.
    enum Kernel {
        case linear
        /// Keys' cubic convolution; the coefficient is his `a`.
        case cubic(Double)

        /// Entries farther away have no weight.
        var support: Double {
            switch self {
            case .linear: 1
            case .cubic: 2
            }
        }

        func weight(at distance: Double) -> Double {
            let x = abs(distance)
            switch self {
            case .linear: return max(0, 1 - x)
            case .cubic(let a):
                if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
                return x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0
            }
        }
    }

    var input: Int
    var output: Int
    /// The factor in the model; `output` is `input * scale` rounded down.
    var scale: Float
    /// The part of the input that is resampled, as fractions; only ``CoordinateMode/cropAndResize`` has another.
    var region: ClosedRange<Float> = 0...1
    /// The output's length before rounding, where corners are aligned by it.
    var alignedLength: Float?

    /// Whether every entry stays where it is.
    var isIdentity: Bool { input == output && scale == 1 && region == 0...1 }

    /// Where output entry `index` lies on the input.
    func coordinate(of index: Int, _ mode: CoordinateMode) -> Float {
        let index = Float(index)
        let last = Float(input - 1)
        switch mode {
        case .halfPixel: return (index + 0.5) / scale - 0.5
        case .pytorchHalfPixel: return output > 1 ? (index + 0.5) / scale - 0.5 : 0
        case .alignCorners:
            let length = alignedLength ?? Float(output)
            return length != 1 && output > 1 ? index * last / (length - 1) : 0
        case .asymmetric: return index / scale
        case .halfPixelSymmetric:
            let adjustment = Float(output) / (scale * Float(input))
            return Float(input) / 2 * (1 - adjustment) + (index + 0.5) / scale - 0.5
        case .cropAndResize:
            let (start, end) = (region.lowerBound, region.upperBound)
            guard output > 1 else { return (start + end) / 2 * last }
            return start * last + index * (end - start) * last / Float(output - 1)
        }
    }

    /// Whether each output entry lies on the input; only ``CoordinateMode/cropAndResize`` gives those that do not
    /// another value.
    func isInside(_ mode: CoordinateMode) -> [Bool] {
        (0..<output).map { (0...Float(input - 1)).contains(coordinate(of: $0, mode)) }
    }

    /// The input entry nearest to each output entry.
    func nearest(_ mode: CoordinateMode, _ rounding: Rounding) -> [Int] {
        (0..<output).map { index in
            let coordinate = coordinate(of: index, mode)
            let rounded =
                switch rounding {
                case .preferFloor: (coordinate - 0.5).rounded(.up)
                case .preferCeil: (coordinate + 0.5).rounded(.down)
                case .floor: coordinate.rounded(.down)
                case .ceil: coordinate.rounded(.up)
                }
            return min(max(Int(rounded), 0), input - 1)
        }
    }

    /// The input entries on either side of each output entry, and the share of the upper one.
    func linear(_ mode: CoordinateMode) -> (lower: [Int], upper: [Int], share: [Float]) {
        let coordinates = (0..<output).map { min(max(coordinate(of: $0, mode), 0), Float(input - 1)) }
        let lower = coordinates.map { Int($0) }
        return (lower, lower.map { min($0 + 1, input - 1) }, zip(coordinates, lower).map { $0 - Float($1) })
    }

    /// The weight of each input entry in each output entry, `[output, input]`.
    ///
    /// - Parameters:
    ///   - antialiasing: Widens the kernel where the axis shrinks, so that every input entry counts.
    ///   - excludingOutside: Gives no weight to entries outside of the input; otherwise the edge is repeated there.
    func weights(
        _ kernel: Kernel, _ mode: CoordinateMode, antialiasing: Bool, excludingOutside: Bool
    ) -> [Float] {
        let narrowing = antialiasing ? Double(min(scale, 1)) : 1
        let reach = Int((kernel.support / narrowing).rounded(.up))
        var weights = [Float](repeating: 0, count: output * input)
        for index in 0..<output {
            let center = Double(coordinate(of: index, mode))
            let first = Int(center.rounded(.down))
            var row = [Double](repeating: 0, count: input)
            var sum = 0.0
            for place in first - reach...first + reach + 1 {
                if excludingOutside && !(0..<input).contains(place) { continue }
                let weight = kernel.weight(at: (Double(place) - center) * narrowing)
                row[min(max(place, 0), input - 1)] += weight
                sum += weight
            }
            for place in 0..<input { weights[index * input + place] = Float(row[place] / sum) }
        }
        return weights
    }
}
