import BantamGraph

/// What a list of augmentations does to one sample.
///
/// It is carried out while the pixels are normalised, so an augmented sample costs one pass like any other; only for a
/// ``patch`` another sample is loaded.
struct AugmentationDraw {
    /// Source pixels right of and below the centred position.
    var shiftX = 0
    var shiftY = 0
    var isFlipped = false
    var brightness = 1.0
    var contrast = 1.0
    var erasure: Rectangle?
    /// What is taken from another sample.
    var patch: Patch?
    /// Where the clip starts in its video, in `0...1`.
    var start = 0.5

    var changesColor: Bool { brightness != 1 || contrast != 1 }

    /// The 8-bit value after the change of colours.
    func adjusted(_ value: Double) -> Double {
        guard changesColor else { return value }
        return min(max(((value - 127.5) * contrast + 127.5) * brightness, 0), 255)
    }

    /// A rectangle in proportions of an image whose extent is not known yet.
    struct Rectangle {
        var area: Double
        /// Height by width; `nil` for the image's own.
        var aspect: Double?
        /// Place of the rectangle between the left or upper edge (0) and the right or lower (1).
        var x: Double
        var y: Double

        func rectangle(in extent: ImageExtent) -> (rows: Range<Int>, columns: Range<Int>) {
            let pixels = area * Double(extent.width * extent.height)
            let aspect = aspect ?? Double(extent.height) / Double(extent.width)
            let height = min(Int((pixels * aspect).squareRoot().rounded()), extent.height)
            let width = min(Int((pixels / aspect).squareRoot().rounded()), extent.width)
            let top = Int(Double(extent.height - height + 1) * y)
            let left = Int(Double(extent.width - width + 1) * x)
            return (top..<top + height, left..<left + width)
        }
    }

    /// A part of another sample.
    struct Patch {
        var rectangle: Rectangle
        /// Which sample: its place between the first of the data set (0) and the last (1).
        var place: Double
    }
}

extension [Augmentation] {
    /// - Parameter random: The sample's own generator.
    func draw(using random: inout SeededGenerator) -> AugmentationDraw {
        var draw = AugmentationDraw()
        for augmentation in self {
            switch augmentation {
            case .randomCrop(let padding):
                draw.shiftX = random.integer(below: 2 * padding + 1) - padding
                draw.shiftY = random.integer(below: 2 * padding + 1) - padding
            case .horizontalFlip(let probability):
                draw.isFlipped = random.uniform() < probability
            case .colorJitter(let brightness, let contrast):
                draw.brightness = 1 + brightness * (2 * random.uniform() - 1)
                draw.contrast = 1 + contrast * (2 * random.uniform() - 1)
            case .randomErasing(let probability, let largestArea):
                let isErased = random.uniform() < probability
                let smallest = Swift.min(0.02, largestArea)
                let erasure = AugmentationDraw.Rectangle(
                    area: smallest + (largestArea - smallest) * random.uniform(),
                    aspect: random.aspect(), x: random.uniform(), y: random.uniform())
                draw.erasure = isErased ? erasure : nil
            case .cutMix(let probability):
                let isMixed = random.uniform() < probability
                let patch = AugmentationDraw.Patch(
                    rectangle: .init(area: random.uniform(), x: random.uniform(), y: random.uniform()),
                    place: random.uniform())
                draw.patch = isMixed ? patch : nil
            case .randomWindow:
                draw.start = random.uniform()
            }
        }
        return draw
    }
}

extension SeededGenerator {
    /// From 0.3 to 3.3; tall and wide are equally likely.
    fileprivate mutating func aspect() -> Double {
        let factor = 1 + 2.3 * uniform()
        return next() & 1 == 0 ? factor : 1 / factor
    }
}
