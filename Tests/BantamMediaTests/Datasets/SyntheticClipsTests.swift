import BantamMedia
import Testing

@Suite struct SyntheticClipsTests {
    private func frames(_ data: SyntheticClips, _ index: Int) throws -> [Image] {
        guard case .clip(let frames) = try data.sample(at: index).content else { return [] }
        return frames
    }

    @Test func `Clips depend on the seed and their place alone`() throws {
        let data = SyntheticClips(count: 10, frameCount: 4, seed: 7)
        let again = SyntheticClips(count: 99, frameCount: 4, seed: 7)
        let other = SyntheticClips(count: 10, frameCount: 4, seed: 8)
        for index in 0..<10 {
            #expect(try frames(data, index) == frames(again, index))
            #expect(try frames(data, index) != frames(other, index))
        }
    }

    @Test(arguments: [1, 3])
    func `The bright shape moves in the direction of the class`(channels: Int) throws {
        let extent = ImageExtent(width: 40, height: 24)
        let data = SyntheticClips(count: 50, frameCount: 3, extent: extent, channels: channels, seed: 3)
        for index in 0..<50 {
            let pictures = try frames(data, index)
            #expect(pictures.count == 3 && pictures[0].extent == extent && pictures[0].channels == channels)
            let lit = pictures.map { picture in
                Set((0..<40 * 24).filter { picture.pixels[$0 * channels] >= 150 })
            }
            // Some shift by 0 to 4 pixels in the class's direction turns each frame into the next.
            let (dx, dy) = [(-1, 0), (1, 0), (0, -1), (0, 1), (0, 0)][data.label(at: index)]
            let speeds = data.label(at: index) == 4 ? 0...0 : 1...4
            let moved = { (pixels: Set<Int>, speed: Int) -> Set<Int> in
                Set(
                    pixels.map { pixel in
                        let x = (pixel % 40 + dx * speed + 40) % 40
                        let y = (pixel / 40 + dy * speed + 24) % 24
                        return y * 40 + x
                    })
            }
            #expect(speeds.contains { moved(lit[0], $0) == lit[1] && moved(lit[1], $0) == lit[2] })
        }
    }
}
