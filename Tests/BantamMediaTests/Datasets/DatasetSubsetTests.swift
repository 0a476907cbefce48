import BantamMedia
import Testing

@Suite struct DatasetSubsetTests {
    private let data = SampleArray(
        (0..<60).map { index in
            Sample(
                .image(Image(width: 1, height: 1, filledWith: [UInt8(index)])),
                label: index < 40 ? 0 : index < 57 ? 1 : 2,
                name: "\(index)")
        }, classNames: ["many", "some", "few"])

    @Test func `A limit takes the classes evenly, in the order of the whole`() throws {
        let subset = data.limited(to: 6)
        #expect(subset.indices == subset.indices.sorted())
        #expect((0..<6).map { subset.label(at: $0) } == [0, 0, 1, 1, 2, 2])
        #expect(subset.indices == data.limited(to: 6).indices)
        #expect(subset.indices != data.limited(to: 6, seed: 1).indices)
        #expect(Set(subset.indices).isSubset(of: data.limited(to: 20).indices))
        #expect(try subset.sample(at: 0).name == "\(subset.indices[0])")
    }

    @Test func `A limit beyond the count changes nothing`() {
        #expect(data.limited(to: 1000).indices == Array(0..<60))
        #expect(data.limited(to: 0).count == 0)
    }

    @Test func `Held-out samples are in neither part twice`() {
        let (kept, heldOut) = data.holdingOut(0.25)
        #expect(heldOut.count == 15)
        #expect((kept.indices + heldOut.indices).sorted() == Array(0..<60))
    }
}
