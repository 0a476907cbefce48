/// Which input entries each output entry along one axis is made from, as `Resize` defines it.
///
/// Computed in single precision, as runtimes do, so that ties fall the same way.
struct AxisResampling {
    enum CoordinateMode: String {
        case halfPixel = "half_pixel"
        case halfPixelSymmetric = "half_pixel_symmetric"
        case pytorchHalfPixel = "pytorch_half_pixel"
        case alignCorners = "align_corners"
        case asymmetric
    }

    enum Rounding: String {
        case preferFloor = "round_prefer_floor"
        case preferCeil = "round_prefer_ceil"
        case floor
        case ceil
    }

    var input: Int
    var output: Int
    /// The factor in the model; `output` is `input * scale` rounded down.
    var scale: Float

    /// Whether every entry stays where it is.
    var isIdentity: Bool { input == output && scale == 1 }

    /// Where output entry `index` lies on the input.
    func coordinate(of index: Int, _ mode: CoordinateMode) -> Float {
        let index = Float(index)
        switch mode {
        case .halfPixel: return (index + 0.5) / scale - 0.5
        case .pytorchHalfPixel: return output > 1 ? (index + 0.5) / scale - 0.5 : 0
        case .alignCorners: return output > 1 ? index * Float(input - 1) / Float(output - 1) : 0
        case .asymmetric: return index / scale
        case .halfPixelSymmetric:
            let adjustment = Float(output) / (scale * Float(input))
            return Float(input) / 2 * (1 - adjustment) + (index + 0.5) / scale - 0.5
        }
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
}
