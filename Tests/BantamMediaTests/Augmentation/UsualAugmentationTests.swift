import BantamGraph
import BantamMedia
import Testing

/// Which samples are changed unasked.
@Suite struct UsualAugmentationTests {
    private func data(side: Int, channels: Int = 3) -> SampleArray {
        let pixels = [UInt8](repeating: 7, count: side * side * channels)
        let image = Image(width: side, height: side, channels: channels, pixels: pixels)
        return SampleArray([Sample(.image(image), label: 0, name: "image")], classNames: ["a"])
    }

    @Test func `Photographs are mirrored, and shifted by a part of what the model sees`() throws {
        let preprocessing = try Preprocessing(resize: .shorterSide(pixels: 256), crop: ImageExtent(side: 224))
        let found = try Augmentation.usual(for: data(side: 300), as: preprocessing)
        #expect(found == [.horizontalFlip(probability: 0.5), .randomCrop(padding: 16)])
    }

    @Test(arguments: [(32, 3), (300, 1)]) func `Small or grey images may be anything, and stay as they are`(
        side: Int, channels: Int
    ) throws {
        let preprocessing = try Preprocessing(resize: .shorterSide(pixels: 256), crop: ImageExtent(side: 224))
        #expect(try Augmentation.usual(for: data(side: side, channels: channels), as: preprocessing) == [])
    }
}
