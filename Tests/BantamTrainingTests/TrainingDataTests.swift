import BantamGraph
import BantamMedia
import BantamTraining
import Testing

@Suite struct TrainingDataTests {
    /// Grey images of 2x2 pixels, each of its own brightness, in three classes by turns.
    private func data(_ count: Int, isLabelled: Bool = true) throws -> TrainingData {
        let samples = (0..<count).map { index in
            let image = Image(width: 2, height: 2, channels: 1, pixels: [UInt8](repeating: UInt8(index), count: 4))
            return Sample(.image(image), label: isLabelled ? index % 3 : -1, name: "image \(index)")
        }
        let preprocessing = try Preprocessing(colorOrder: .gray, scale: 1)
        return TrainingData(
            SampleArray(samples, classNames: isLabelled ? ["a", "b", "c"] : []), preprocessing: preprocessing)
    }

    @Test func `Statistics are taken from batches of mixed classes`() throws {
        let samples = (0..<60).map { index in
            let image = Image(width: 2, height: 2, channels: 1, pixels: [UInt8](repeating: UInt8(index), count: 4))
            return Sample(.image(image), label: index / 20, name: "image \(index)")
        }
        let data = TrainingData(
            SampleArray(samples, classNames: ["a", "b", "c"]),
            preprocessing: try Preprocessing(colorOrder: .gray, scale: 1))
        var seen: [Int] = []
        try data.fullBatches(of: 50, size: 20, seed: 3).forEachBatch(epoch: 0) { batch in
            #expect(batch.indices.count == 20)
            let labels = try batch.labels.data().elements(of: Int64.self)
            #expect(Set(labels).count == 3)
            seen += batch.indices
        }
        #expect(seen.count == 40 && Set(seen).count == 40)
    }

    /// The samples of an epoch by their brightness, with the places in the data set that are said of them.
    private func epoch(
        _ number: Int, of batches: DatasetBatches
    ) throws -> (pixels: [Int], labels: [Int64], indices: [Int], sizes: [Int]) {
        var result: (pixels: [Int], labels: [Int64], indices: [Int], sizes: [Int]) = ([], [], [], [])
        try batches.forEachBatch(epoch: number) { batch in
            let pixels = try batch.inputs.data()
            #expect(pixels.shape == [batch.indices.count, 1, 2, 2])
            result.pixels += pixels.elements(of: Float.self).enumerated().filter { $0.offset % 4 == 0 }.map {
                Int($0.element)
            }
            result.labels += try batch.labels.data().elements(of: Int64.self)
            result.indices += batch.indices
            result.sizes.append(batch.indices.count)
        }
        return result
    }

    @Test func `For a score, samples come in order and to the last`() throws {
        let epoch = try epoch(0, of: try data(10).batches(size: 4))
        #expect(epoch.pixels == Array(0..<10))
        #expect(epoch.indices == Array(0..<10))
        #expect(epoch.labels == (0..<10).map { Int64($0 % 3) })
        #expect(epoch.sizes == [4, 4, 2])
    }

    @Test func `For a training, each epoch has an order of its own, in full batches`() throws {
        var configuration = TrainingConfiguration.quick()
        configuration.batchSize = 4
        let batches = try data(30).batches(for: configuration)
        #expect(batches.batchCount == 7)
        let (first, second) = (try epoch(0, of: batches), try epoch(1, of: batches))
        #expect(first.sizes == [Int](repeating: 4, count: 7))
        #expect(Set(first.pixels).count == 28)
        #expect(first.pixels != second.pixels)
        #expect(first.pixels == (try epoch(0, of: batches).pixels))
        #expect(first.pixels == first.indices)
    }

    @Test func `Parts of parts name each sample's place in the whole`() throws {
        let whole = try data(60)
        let (training, validation) = whole.holdingOut(0.2, seed: 1)
        #expect(training.count == 48 && validation.count == 12)
        let part = training.sample(9, seed: 2).holdingOut(1 / 3, seed: 3).training
        let epoch = try epoch(0, of: try part.batches(size: 6))
        #expect(epoch.pixels.count == 6)
        // A sample's brightness is its place.
        #expect(epoch.indices == epoch.pixels)
        let heldOut = try self.epoch(0, of: try validation.batches(size: 12)).indices
        #expect(Set(heldOut).isDisjoint(with: epoch.indices))
        #expect(Set(heldOut.map { $0 % 3 }).count == 3)
    }

    @Test func `Held out is the validation part where there is one, else a share`() throws {
        var whole = try data(60)
        whole.holdOut = HoldOut(share: 0.2, seed: 3)
        let parts = whole.settingAside()
        #expect(parts.training.count == 48 && parts.heldOut?.count == 12)
        let again = try epoch(0, of: try whole.settingAside().training.batches(size: 48)).pixels
        #expect(try epoch(0, of: try parts.training.batches(size: 48)).pixels == again)
        // Prepared for another model they are the same samples.
        let other = whole.prepared(by: try Preprocessing(colorOrder: .gray, scale: 2)).settingAside()
        #expect(try epoch(0, of: try other.training.batches(size: 48)).indices == again)

        whole.validation = try data(6).dataset
        #expect(whole.settingAside().training.count == 60 && whole.settingAside().heldOut?.count == 6)
        whole.validation = nil
        whole.holdOut.share = 0
        #expect(whole.settingAside().training.count == 60 && whole.settingAside().heldOut == nil)
    }

    @Test func `A handful that is held out and has no labels judges together with the others`() throws {
        let few = try data(30, isLabelled: false).judges()
        #expect(few.samples.count == 30 && !few.areHeldOut)
        let enough = try data(90, isLabelled: false).judges()
        #expect(enough.samples.count == 9 && enough.areHeldOut)
        let labelled = try data(30).judges()
        #expect(labelled.samples.count == 3 && labelled.areHeldOut)
        #expect(try !data(6).judges().areHeldOut)
    }

    @Test func `What is mixed in is said of each batch`() throws {
        var configuration = TrainingConfiguration.quick()
        configuration.augmentation = [.cutMix(probability: 1)]
        try data(30).holdingOut(0.2, seed: 1).training.batches(for: configuration).forEachBatch(epoch: 0) { batch in
            let mixture = try #require(try batch.moved(to: .cpu).mixture)
            let pixels = try batch.inputs.data().elements(of: Float.self)
            let shares = try mixture.shares.data().elements(of: Float.self)
            let labels = try mixture.labels.data().elements(of: Int64.self)
            for (row, index) in batch.indices.enumerated() {
                let foreign = pixels[row * 4..<row * 4 + 4].filter { Int($0) != index }
                if let pixel = foreign.first {
                    #expect(Float(foreign.count) / 4 == shares[row])
                    #expect(Int64(pixel) % 3 == labels[row])
                }
            }
            #expect(shares.contains { $0 > 0 })
        }
    }
}
