import BantamMedia
import Testing

/// The expected numbers are those of Pillow 11.3.0, printed by `Scripts/golden/resize.py`.
@Suite struct ImageResizeTests {
    private let image = patternImage(width: 7, height: 5)

    @Test func `Shrinking averages over all source pixels as Pillow does`() {
        let small = image.resized(to: ImageExtent(width: 3, height: 2))
        #expect(
            small.pixels == [
                91, 102, 116, 145, 132, 152, 142, 124, 146, 157, 153, 142, 115, 104, 137, 118, 142, 127,
            ])
    }

    @Test func `Growing interpolates as Pillow does`() {
        let wide = image.resized(to: ImageExtent(width: 14, height: 3))
        #expect(wide.pixels.prefix(12) == [25, 36, 47, 34, 46, 57, 53, 65, 77, 71, 84, 97])
        #expect(wide.pixels.suffix(4) == [84, 177, 106, 71])
    }

    @Test func `A tall image of a different proportion matches Pillow`() {
        let tall = image.resized(to: ImageExtent(width: 4, height: 9))
        #expect(tall.pixels.prefix(12) == [19, 30, 41, 77, 88, 99, 145, 156, 167, 203, 214, 225])
        #expect(tall.pixels.suffix(7) == [129, 125, 183, 190, 183, 125, 92])
    }

    @Test func `A grey image of 61x47 shrinks to the sums that Pillow gives`() {
        var pixels: [UInt8] = []
        for y in 0..<47 { for x in 0..<61 { pixels.append(UInt8((x * x * 7 + y * 13 + x * y * 5) % 256)) } }
        let result = Image(width: 61, height: 47, channels: 1, pixels: pixels)
            .resized(to: ImageExtent(width: 17, height: 13)).pixels
        #expect(result.reduce(0) { $0 + Int($1) } == 28798)
        #expect(result.enumerated().reduce(0) { $0 + $1.offset * Int($1.element) } == 3_167_463)
    }

    @Test func `Grey is the weighted brightness`() {
        let gray = image.gray()
        #expect(gray.channels == 1)
        #expect(gray.pixels.prefix(8) == [9, 46, 83, 120, 157, 194, 231, 68])
        #expect(
            gray.resized(to: ImageExtent(width: 3, height: 2)).pixels == [100, 138, 132, 152, 112, 133])
    }

    @Test func `An image of one colour keeps it at any extent`() {
        let flat = Image(width: 13, height: 9, filledWith: [255, 0, 128])
        for side in [1, 2, 5, 13, 40] {
            let result = flat.resized(to: ImageExtent(side: side))
            #expect(result == Image(width: side, height: side, filledWith: [255, 0, 128]))
        }
    }
}
