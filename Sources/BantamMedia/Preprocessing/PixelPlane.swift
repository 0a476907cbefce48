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

/// One channel of a picture of which a crop is taken.
struct PixelPlane<Source> {
    /// The channel's first value within the crop.
    let source: UnsafePointer<Source>
    let pixelStride: Int
    let rowStride: Int
    /// Where the picture has values, counted from the crop's corner.
    let rows: Range<Int>
    let columns: Range<Int>

    /// Writes the channel through `map`, shifted and mirrored as drawn.
    ///
    /// A shift looks at what the picture has around the crop; beyond the picture all is black.
    ///
    /// - Parameter target: Where the channel's first value goes.
    func write<Map: PixelMap>(
        to target: UnsafeMutablePointer<Map.Target>, _ layout: SampleLayout, draw: AugmentationDraw, through map: Map
    ) where Map.Source == Source {
        let (width, height) = (layout.extent.width, layout.extent.height)
        let first = min(max(0, columns.lowerBound - draw.shiftX), width)
        let end = max(min(width, columns.upperBound - draw.shiftX), first)
        for y in 0..<height {
            let row = target + y * layout.rowStride
            let sourceY = y + draw.shiftY
            let isInside = rows.contains(sourceY)
            if !isInside || first > 0 || end < width { fill(row, layout, with: map.background) }
            guard isInside, first < end else { continue }
            let values = source + sourceY * rowStride + (first + draw.shiftX) * pixelStride
            // A copy of the loop for each case: strides that the compiler knows make it a third faster.
            let count = end - first
            switch (draw.isFlipped, layout.pixelStride) {
            case (false, 1):
                let start = row + first
                if pixelStride == 1 {
                    for x in 0..<count { start[x] = map(values[x]) }
                } else {
                    for x in 0..<count { start[x] = map(values[x * pixelStride]) }
                }
            case (true, 1):
                let last = row + (width - 1 - first)
                for x in 0..<count { last[-x] = map(values[x * pixelStride]) }
            case (let isFlipped, let step):
                let start = row + (isFlipped ? width - 1 - first : first) * step
                let direction = isFlipped ? -step : step
                for x in 0..<count { start[x * direction] = map(values[x * pixelStride]) }
            }
        }
    }

    private func fill<Target>(_ row: UnsafeMutablePointer<Target>, _ layout: SampleLayout, with value: Target) {
        if layout.pixelStride == 1 {
            row.update(repeating: value, count: layout.extent.width)
        } else {
            for x in 0..<layout.extent.width { row[x * layout.pixelStride] = value }
        }
    }
}
