/// What a model's input has for one stored value.
protocol PixelMap {
    associatedtype Source
    associatedtype Target

    /// What black, or zero, becomes.
    var background: Target { get }
    func callAsFunction(_ value: Source) -> Target
}

/// The look-up of 8-bit values in a table of all 256 results.
struct TableMap<Target>: PixelMap {
    let table: UnsafePointer<Target>

    var background: Target { table[0] }
    func callAsFunction(_ value: UInt8) -> Target { table[Int(value)] }
}

/// The scaling and normalization of a floating-point value.
struct NormalizingMap: PixelMap {
    let scale: Double
    let mean: Double
    let std: Double

    var background: Float { self(0) }
    func callAsFunction(_ value: Float) -> Float { Float((Double(value) * scale - mean) / std) }
}

/// One channel of the crop of a picture.
struct PixelPlane<Source> {
    /// Starts at the channel's first value within the crop.
    let source: UnsafePointer<Source>
    let pixelStride: Int
    let rowStride: Int

    /// Writes the channel through `map`, shifted and mirrored as drawn.
    ///
    /// Outside of the crop, where a shift looks, all is black.
    ///
    /// - Parameter target: Where the channel's first value goes.
    func write<Map: PixelMap>(
        to target: UnsafeMutablePointer<Map.Target>, _ layout: SampleLayout, draw: AugmentationDraw, through map: Map
    ) where Map.Source == Source {
        let (width, height) = (layout.extent.width, layout.extent.height)
        let first = min(max(0, -draw.shiftX), width)
        let end = max(min(width, width - draw.shiftX), first)
        let step = layout.pixelStride
        for y in 0..<height {
            let row = target + y * layout.rowStride
            let sourceY = y + draw.shiftY
            guard (0..<height).contains(sourceY) else {
                for x in 0..<width { row[x * step] = map.background }
                continue
            }
            if first > 0 || end < width {
                for x in 0..<width { row[x * step] = map.background }
            }
            guard first < end else { continue }
            let values = source + sourceY * rowStride + (first + draw.shiftX) * pixelStride
            if draw.isFlipped {
                let last = row + (width - 1 - first) * step
                for x in 0..<end - first { last[-x * step] = map(values[x * pixelStride]) }
            } else if pixelStride == 1, step == 1 {
                let start = row + first
                for x in 0..<end - first { start[x] = map(values[x]) }
            } else {
                let start = row + first * step
                for x in 0..<end - first { start[x * step] = map(values[x * pixelStride]) }
            }
        }
    }
}
