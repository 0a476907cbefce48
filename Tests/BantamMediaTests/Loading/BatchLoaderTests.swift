import BantamGraph
import BantamMedia
import Testing

@Suite struct BatchLoaderTests {
    private static func data(_ count: Int) -> SampleArray {
        SampleArray(
            (0..<count).map {
                Sample(.image(Image(width: 2, height: 2, filledWith: [UInt8($0)])), label: $0 % 3, name: "sample \($0)")
            }, classNames: ["a", "b", "c"])
    }

    private static func loader(
        _ count: Int, batchSize: Int = 4, augmentation: [Augmentation] = [], views: Int? = nil,
        shuffles: Bool = true, dropsLast: Bool = false, seed: UInt64 = 5, workers: Int = 1
    ) throws -> BatchLoader {
        try BatchLoader(
            data(count), preprocessing: try Preprocessing(colorOrder: .gray, scale: 1), batchSize: batchSize,
            augmentation: augmentation, views: views, shuffles: shuffles, dropsLast: dropsLast, seed: seed,
            workers: workers)
    }

    private static func all(_ batches: BatchIterator) throws -> [Batch] {
        var result: [Batch] = []
        while let batch = try batches.next() { result.append(batch) }
        return result
    }

    @Test func `Batches hold inputs, labels and indices in order`() throws {
        let batches = try Self.all(try Self.loader(10, shuffles: false).batches(epoch: 0))
        #expect(batches.map(\.count) == [4, 4, 2])
        #expect(batches.map(\.number) == [0, 1, 2])
        #expect(batches[1].inputs.type == TensorType(.float32, [4, 1, 2, 2]))
        #expect(batches[2].inputs.shape == [2, 1, 2, 2])
        #expect(batches[1].labels == TensorData([4], [1, 2, 0, 1] as [Int64]))
        #expect(batches[1].indices == [4, 5, 6, 7])
        #expect(batches[1].inputs.elements(of: Float.self)[4] == 5)
    }

    @Test func `Clips make batches with a time axis`() throws {
        let clips = SyntheticClips(count: 5, frameCount: 6, channels: 3)
        let loader = try BatchLoader(clips, preprocessing: try Preprocessing(), batchSize: 5)
        let batch = try #require(try loader.batches(epoch: 0).next())
        #expect(batch.inputs.shape == [5, 3, 6, 32, 32])
    }

    @Test func `A last batch that is not full can be left out`() throws {
        let loader = try Self.loader(10, dropsLast: true)
        #expect(loader.batchesPerEpoch == 2)
        #expect(try Self.all(loader.batches(epoch: 0)).map(\.count) == [4, 4])
        #expect(try Self.all(try Self.loader(3, dropsLast: true).batches(epoch: 0)).isEmpty)
    }

    @Test func `Each epoch has every sample once, in an order of its own`() throws {
        let loader = try Self.loader(50)
        let orders = try (0..<3).map { try Self.all(loader.batches(epoch: $0)).flatMap(\.indices) }
        for order in orders { #expect(order.sorted() == Array(0..<50)) }
        #expect(Set(orders).count == 3)
        #expect(try Self.all(try Self.loader(50, seed: 6).batches(epoch: 0)).flatMap(\.indices) != orders[0])
    }

    @Test(arguments: [0, 1, 2, 4])
    func `The batches do not depend on the number of threads`(workers: Int) throws {
        let recipe: [Augmentation] = [.randomCrop(padding: 1), .colorJitter(brightness: 0.3, contrast: 0.3)]
        let expected = try Self.all(try Self.loader(40, augmentation: recipe, workers: 0).batches(epoch: 2))
        let batches = try Self.all(try Self.loader(40, augmentation: recipe, workers: workers).batches(epoch: 2))
        #expect(batches.map(\.inputs) == expected.map(\.inputs))
        #expect(batches.map(\.labels) == expected.map(\.labels))
    }

    @Test func `An interrupted epoch goes on where it was`() throws {
        let recipe: [Augmentation] = [.randomCrop(padding: 1)]
        let loader = try Self.loader(40, augmentation: recipe)
        let whole = try Self.all(loader.batches(epoch: 3))
        let rest = try Self.all(loader.batches(epoch: 3, startingAt: 6))
        #expect(rest.map(\.number) == [6, 7, 8, 9])
        #expect(rest.map(\.inputs) == whole[6...].map(\.inputs))
        #expect(try Self.all(loader.batches(epoch: 3, startingAt: 10)).isEmpty)
    }

    @Test(arguments: [Augmentation.colorJitter(brightness: 0.5, contrast: 0), .cutMix(probability: 1)])
    func `Augmentation changes from epoch to epoch and not with the batch size`(_ augmentation: Augmentation) throws {
        let recipe = [augmentation]
        let values = { (epoch: Int, batchSize: Int) in
            let loader = try Self.loader(20, batchSize: batchSize, augmentation: recipe, shuffles: false)
            return try Self.all(loader.batches(epoch: epoch)).flatMap { $0.inputs.elements(of: Float.self) }
        }
        #expect(try values(0, 4) == values(0, 20))
        #expect(try values(0, 4) != values(1, 4))
    }

    @Test(arguments: [Augmentation.colorJitter(brightness: 0.5, contrast: 0), .cutMix(probability: 1)])
    func `As many views as are asked for come in turn, and the order is new all the same`(
        _ augmentation: Augmentation
    ) throws {
        let recipe = [augmentation]
        let loader = try Self.loader(20, augmentation: recipe, views: 2)
        let epochs = try (0..<4).map { try Self.all(loader.batches(epoch: $0)) }
        let inputs = epochs.map { batches in
            Dictionary(
                uniqueKeysWithValues: batches.flatMap { batch in
                    let values = batch.inputs.elements(of: Float.self)
                    return batch.indices.enumerated().map { row, index in (index, Array(values[row * 4..<row * 4 + 4]))
                    }
                })
        }
        #expect(inputs[0] == inputs[2] && inputs[1] == inputs[3] && inputs[0] != inputs[1])
        #expect(epochs.map { $0[0].view } == [0, 1, 0, 1])
        #expect(epochs[0].flatMap(\.indices) != epochs[2].flatMap(\.indices))
        #expect(try Self.all(Self.loader(8).batches(epoch: 3))[0].view == 0)
        #expect(mediaErrorCode { _ = try Self.loader(4, augmentation: recipe, views: 0) } == .invalidOption)
    }

    @Test func `An iterator that is dropped early ends its threads`() throws {
        for _ in 0..<50 {
            let batches = try Self.loader(200, workers: 3).batches(epoch: 0)
            _ = try batches.next()
        }
    }

    @Test func `Samples of different extents in a batch are named`() throws {
        let images = [(2, "a.png"), (2, "b.png"), (3, "odd.png")]
        let data = SampleArray(
            images.map { Sample(.image(Image(width: $0.0, height: 2, filledWith: [0])), label: 0, name: $0.1) },
            classNames: ["x"])
        let loader = try BatchLoader(data, preprocessing: try Preprocessing(colorOrder: .gray), batchSize: 3)
        #expect(mediaErrorCode(naming: "odd.png") { _ = try loader.batches(epoch: 0).next() } == .extentMismatch)
        let mixing = try BatchLoader(
            data, preprocessing: try Preprocessing(colorOrder: .gray), batchSize: 1,
            augmentation: [.cutMix(probability: 1)])
        #expect(
            mediaErrorCode(naming: "odd.png") {
                for epoch in 0..<20 { _ = try mixing.batches(epoch: epoch).next() }
            } == .extentMismatch)
    }

    @Test func `Options that cannot be meant are refused`() throws {
        #expect(mediaErrorCode { _ = try Self.loader(4, batchSize: 0) } == .invalidOption)
        #expect(mediaErrorCode { _ = try Self.loader(4, workers: -1) } == .invalidOption)
        #expect(mediaErrorCode { _ = try Self.loader(4, augmentation: [.randomCrop(padding: -1)]) } == .invalidOption)
        #expect(mediaErrorCode { _ = try Self.loader(0) } == .emptyDataset)
    }
}
