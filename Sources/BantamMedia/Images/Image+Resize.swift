extension Image {
    /// The image scaled to another extent, with a triangle filter.
    ///
    /// When an image shrinks the filter widens with the factor, so that every source pixel counts (antialiasing);
    /// when it grows this is bilinear interpolation. The arithmetic is in whole numbers, horizontally first, with
    /// 8-bit intermediate rows: the result is the same on every machine, and bit for bit that of `resize` with
    /// `BILINEAR` in Pillow 11, with which the published networks were trained. (Pillow 13 takes the cheaper direction
    /// first and differs by one in places.)
    ///
    /// - Precondition: `extent` is positive.
    /// - Complexity: O(pixels of the larger image).
    public func resized(to extent: ImageExtent) -> Image {
        precondition(extent.width > 0 && extent.height > 0, "an image of \(extent) has no pixels")
        var result = self
        if extent.width != width { result = result.resizedHorizontally(to: extent.width) }
        if extent.height != height { result = result.resizedVertically(to: extent.height) }
        return result
    }

    private func resizedHorizontally(to newWidth: Int) -> Image {
        let filter = TriangleFilter(from: width, to: newWidth)
        let count = newWidth * height * channels
        let result = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            pixels.withUnsafeBufferPointer { source in
                for y in 0..<height {
                    let row = UnsafeBufferPointer(rebasing: source[(y * width * channels)...])
                    let target = UnsafeMutableBufferPointer(rebasing: buffer[(y * newWidth * channels)...])
                    if channels == 3 {
                        filter.applyRGB(to: row, into: target)
                    } else {
                        filter.applyGray(to: row, into: target)
                    }
                }
            }
            initialized = count
        }
        return Image(width: newWidth, height: height, channels: channels, pixels: result)
    }

    private func resizedVertically(to newHeight: Int) -> Image {
        let filter = TriangleFilter(from: height, to: newHeight)
        let rowCount = width * channels
        let count = rowCount * newHeight
        let result = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            pixels.withUnsafeBufferPointer { source in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: rowCount) { sums in
                    for y in 0..<newHeight {
                        sums.update(repeating: TriangleFilter.half)
                        let taps = filter.taps(of: y)
                        // Whole rows at a time, which the compiler turns into vector instructions.
                        for (tap, weight) in taps.weights.enumerated() {
                            let start = (taps.first + tap) * rowCount
                            let row = UnsafeBufferPointer(rebasing: source[start..<start + rowCount])
                            for x in 0..<rowCount { sums[x] &+= Int32(row[x]) &* weight }
                        }
                        let target = UnsafeMutableBufferPointer(rebasing: buffer[(y * rowCount)...])
                        for x in 0..<rowCount { target[x] = TriangleFilter.pixel(sums[x]) }
                    }
                }
            }
            initialized = count
        }
        return Image(width: width, height: newHeight, channels: channels, pixels: result)
    }
}

/// Which pixels of a line make each pixel of the resized line, and with which weights.
struct TriangleFilter {
    /// Fraction bits of a weight: 8 of 32 bits hold the pixel, 2 the overshoot of the sum.
    static let precision: Int32 = 22
    static let half: Int32 = 1 << (precision - 1)

    private var firsts: [Int] = []
    /// Where the weights of each output pixel start; one entry more than there are pixels.
    private var offsets: [Int] = [0]
    private var weights: [Int32] = []

    init(from sourceLength: Int, to targetLength: Int) {
        let scale = Double(sourceLength) / Double(targetLength)
        let support = max(scale, 1)
        // Reciprocals, not quotients: their last bit decides some ties, and Pillow multiplies.
        let inverseSupport = 1 / support
        for target in 0..<targetLength {
            let center = (Double(target) + 0.5) * scale
            let first = max(Int(center - support + 0.5), 0)
            let end = min(Int(center + support + 0.5), sourceLength)
            let raw = (first..<end).map { max(0, 1 - abs((Double($0) - center + 0.5) * inverseSupport)) }
            let inverseTotal = 1 / raw.reduce(0, +)
            firsts.append(first)
            weights += raw.map {
                Int32(($0 * inverseTotal * Double(1 << Self.precision)).rounded(.toNearestOrAwayFromZero))
            }
            offsets.append(weights.count)
        }
    }

    func taps(of target: Int) -> (first: Int, weights: ArraySlice<Int32>) {
        (firsts[target], weights[offsets[target]..<offsets[target + 1]])
    }

    static func pixel(_ sum: Int32) -> UInt8 {
        UInt8(truncatingIfNeeded: min(max(sum >> precision, 0), 255))
    }

    func applyGray(to row: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) {
        weights.withUnsafeBufferPointer { weights in
            for x in 0..<firsts.count {
                var sum = Self.half
                var source = firsts[x]
                for tap in offsets[x]..<offsets[x + 1] {
                    sum &+= Int32(row[source]) &* weights[tap]
                    source += 1
                }
                target[x] = Self.pixel(sum)
            }
        }
    }

    func applyRGB(to row: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) {
        weights.withUnsafeBufferPointer { weights in
            for x in 0..<firsts.count {
                var (red, green, blue) = (Self.half, Self.half, Self.half)
                var source = 3 * firsts[x]
                for tap in offsets[x]..<offsets[x + 1] {
                    let weight = weights[tap]
                    red &+= Int32(row[source]) &* weight
                    green &+= Int32(row[source + 1]) &* weight
                    blue &+= Int32(row[source + 2]) &* weight
                    source += 3
                }
                target[3 * x] = Self.pixel(red)
                target[3 * x + 1] = Self.pixel(green)
                target[3 * x + 2] = Self.pixel(blue)
            }
        }
    }
}
