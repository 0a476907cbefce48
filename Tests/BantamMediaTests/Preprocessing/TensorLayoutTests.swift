import BantamGraph
import BantamMedia
import Testing

@Suite struct TensorLayoutTests {
    private let image = patternImage(width: 5, height: 4)

    /// `[C, rest...]` as `[rest..., C]`.
    private func channelsLast<Element: TensorElement>(_ tensor: TensorData, of _: Element.Type) -> [Element] {
        let values = tensor.elements(of: Element.self)
        let (channels, count) = (tensor.shape[0], values.count / tensor.shape[0])
        return (0..<count).flatMap { place in (0..<channels).map { values[$0 * count + place] } }
    }

    @Test(arguments: [Preprocessing.ColorOrder.rgb, .bgr, .gray])
    func `Channels last has the values of channels first in another order`(order: Preprocessing.ColorOrder) throws {
        let first = try Preprocessing(
            resize: .exact(width: 6, height: 5), crop: ImageExtent(width: 3, height: 4), colorOrder: order,
            mean: [0.3], std: [0.2])
        var last = first
        last.layout = .channelsLast
        #expect(last.inputShape == Shape([4, 3, order.channels ?? 0]))
        let tensor = try last.apply(image)
        #expect(tensor.type == TensorType(.float32, Shape([4, 3, order.channels ?? 0])))
        #expect(tensor.elements(of: Float.self) == channelsLast(try first.apply(image), of: Float.self))
    }

    @Test func `Clips have time before the image's axes`() throws {
        let frames = (0..<3).map {
            Image(width: 2, height: 2, filledWith: [UInt8($0), UInt8(10 + $0), UInt8(20 + $0)])
        }
        var preprocessing = try Preprocessing(
            resize: .exact(width: 2, height: 2), scale: 1, clip: ClipSampling(frameCount: 3), layout: .channelsLast)
        let tensor = try preprocessing.apply(clip: frames)
        #expect(tensor.shape == [3, 2, 2, 3] && preprocessing.inputShape == [3, 2, 2, 3])
        let values = tensor.elements(of: Float.self)
        #expect(Array(values[12..<18]) == [1, 11, 21, 1, 11, 21])
        preprocessing.layout = .channelsFirst
        #expect(values == channelsLast(try preprocessing.apply(clip: frames), of: Float.self))
    }

    @Test func `Raw pixel values are those of the scaled image`() throws {
        let preprocessing = try Preprocessing(
            resize: .exact(width: 3, height: 2), layout: .channelsLast, elementType: .uint8)
        let tensor = try preprocessing.apply(image)
        #expect(tensor.type == TensorType(.uint8, [2, 3, 3]))
        #expect(tensor.elements(of: UInt8.self) == image.resized(to: ImageExtent(width: 3, height: 2)).pixels)
    }

    private func batch(_ layout: Preprocessing.Layout, _ elementType: Preprocessing.ElementType) throws -> Batch {
        let samples = (0..<12).map { index in
            Sample(.image(patternImage(width: 6 + index % 2, height: 5)), label: index % 2, name: "\(index)")
        }
        let loader = try BatchLoader(
            SampleArray(samples, classNames: ["a", "b"]),
            preprocessing: try Preprocessing(
                resize: .exact(width: 6, height: 5), scale: elementType == .uint8 ? nil : 1, layout: layout,
                elementType: elementType),
            batchSize: 12,
            augmentation: [
                .randomCrop(padding: 2), .horizontalFlip(probability: 0.5),
                .colorJitter(brightness: 0.2, contrast: 0.2), .cutMix(probability: 0.5),
            ])
        return try #require(try loader.batches(epoch: 0).next())
    }

    @Test func `Batches are augmented alike in each layout and type`() throws {
        let first = try batch(.channelsFirst, .float32)
        let last = try batch(.channelsLast, .float32)
        #expect(first.inputs.shape == [12, 3, 5, 6] && last.inputs.shape == [12, 5, 6, 3])
        let values = first.inputs.elements(of: Float.self)
        for row in 0..<12 {
            let sample = TensorData([3, 5, 6], Array(values[row * 90..<(row + 1) * 90]))
            let other = Array(last.inputs.elements(of: Float.self)[row * 90..<(row + 1) * 90])
            #expect(other == channelsLast(sample, of: Float.self))
        }
        let bytes = try batch(.channelsLast, .uint8)
        #expect(bytes.inputs.type == TensorType(.uint8, [12, 5, 6, 3]))
        #expect(
            bytes.inputs.elements(of: UInt8.self) == last.inputs.elements(of: Float.self).map { UInt8($0.rounded()) })
    }

    @Test func `Erasing raw pixels leaves middle grey`() throws {
        let black = Image(width: 20, height: 20, filledWith: [0, 0, 0])
        let loader = try BatchLoader(
            SampleArray([Sample(.image(black), label: 0, name: "a")], classNames: ["a"]),
            preprocessing: try Preprocessing(layout: .channelsLast, elementType: .uint8), batchSize: 1,
            augmentation: [.randomErasing(probability: 1, largestArea: 0.3)])
        let values = try #require(try loader.batches(epoch: 0).next()).inputs.elements(of: UInt8.self)
        let erased = stride(from: 0, to: 1200, by: 3).filter { values[$0] == 128 }
        #expect((4...140).contains(erased.count))
        #expect(erased.allSatisfy { values[$0 + 1] == 128 && values[$0 + 2] == 128 })
    }

    @Test func `A long image that scaling would blow up is refused before it is scaled`() throws {
        let tall = Image(width: 1, height: 32768, filledWith: [0])
        let wide = Image(width: 32768, height: 1, filledWith: [0])
        for image in [tall, wide] {
            #expect(mediaErrorCode { _ = try Preprocessing.imageNet().apply(image) } == .tooLarge)
        }
        let vast = try Preprocessing(resize: .exact(width: 16384, height: 16384))
        #expect(mediaErrorCode { _ = try vast.apply(tall) } == .tooLarge)
        #expect(try Preprocessing(resize: .exact(width: 4, height: 4)).apply(tall).shape == [3, 4, 4])
        let clip = try Preprocessing(resize: .shorterSide(pixels: 256), clip: ClipSampling(frameCount: 2))
        #expect(mediaErrorCode { _ = try clip.apply(clip: [tall, tall]) } == .tooLarge)
    }

    @Test func `A batch beyond the machine's memory is refused before memory is taken`() throws {
        let image = Image(width: 1, height: 1, filledWith: [0])
        let data = DatasetSubset(
            SampleArray([Sample(.image(image), label: 0, name: "a.png")], classNames: ["a"]),
            indices: Array(repeating: 0, count: 100_000))
        let loader = try BatchLoader(
            data, preprocessing: try Preprocessing(resize: .exact(width: 8192, height: 8192)), batchSize: 100_000)
        #expect(mediaErrorCode(naming: "a.png") { _ = try loader.batches(epoch: 0).next() } == .tooLarge)
    }

    @Test func `A preprocessing is fitted to each layout`() throws {
        let data = SampleArray([Sample(.image(image), label: 0, name: "a")], classNames: ["a"])
        let first = try Preprocessing.fitted(to: data, inputShape: [3, 4, 5])
        let last = try Preprocessing.fitted(to: data, inputShape: [4, 5, 3], layout: .channelsLast)
        #expect(first.mean == last.mean && first.std == last.std && last.layout == .channelsLast)
        #expect(last.resize == .exact(width: 5, height: 4))
        #expect(
            mediaErrorCode { _ = try Preprocessing.fitted(to: data, inputShape: [4, 5, 3]) } == .invalidPreprocessing)
        let bytes = try Preprocessing.fitted(
            to: data, inputShape: [4, 5, 3], layout: .channelsLast, elementType: .uint8)
        #expect(bytes.elementType == .uint8 && bytes.scale == 1 && bytes.mean == [0, 0, 0])
    }
}
