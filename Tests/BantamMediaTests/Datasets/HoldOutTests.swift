import BantamGraph
import BantamMedia
import Testing

@Suite struct HoldOutTests {
    @Test func `A share of each class is held out, and at least one`() {
        let labels = Array(repeating: 0, count: 100) + Array(repeating: 1, count: 40) + [2, 2, 2, 3, 3]
        let parts = HoldOut(share: 0.1, seed: 4).divide(labels: labels)
        #expect((0..<4).map { label in parts.heldOut.count { labels[$0] == label } } == [10, 4, 1, 1])
        #expect((parts.kept + parts.heldOut).sorted() == Array(labels.indices))
        #expect(parts.kept == parts.kept.sorted() && parts.heldOut == parts.heldOut.sorted())
        #expect(parts.undivided.isEmpty)
    }

    @Test func `A class of one sample stays in training, and is told`() {
        let parts = HoldOut(share: 0.5).divide(labels: [7, 3, 3, 5])
        #expect(parts.undivided == [5, 7])
        #expect(parts.kept.contains(0) && parts.kept.contains(3) && parts.heldOut.count == 1)
    }

    @Test func `The choice follows from the seed`() {
        let labels = (0..<200).map { $0 % 4 }
        let parts = HoldOut(share: 0.1, seed: 1).divide(labels: labels)
        #expect(parts == HoldOut(share: 0.1, seed: 1).divide(labels: labels))
        #expect(parts.heldOut != HoldOut(share: 0.1, seed: 2).divide(labels: labels).heldOut)
        // More samples of one class do not move those of another.
        let more = HoldOut(share: 0.1, seed: 1).divide(labels: labels + Array(repeating: 0, count: 40))
        #expect(more.heldOut.filter { $0 < 200 && labels[$0] == 1 } == parts.heldOut.filter { labels[$0] == 1 })
    }

    @Test func `Nothing is held out of a share of nothing, and never all`() {
        let labels = (0..<12).map { $0 % 3 }
        #expect(HoldOut(share: 0).divide(labels: labels).heldOut.isEmpty)
        #expect(HoldOut(share: 0).divide(labels: labels).undivided.isEmpty)
        let all = HoldOut(share: 1).divide(labels: labels)
        #expect(Set(all.kept.map { labels[$0] }).count == 3 && all.heldOut.count == 9)
        let none = HoldOut().divide(labels: [])
        #expect(none.kept.isEmpty && none.heldOut.isEmpty && none.undivided.isEmpty)
        let unlabelled = HoldOut(share: 0.2).divide(labels: Array(repeating: Sample.noLabel, count: 20))
        #expect(unlabelled.heldOut.count == 4)
    }

    @Test func `Groups are never torn, whatever their sizes`() {
        var random = SeededGenerator(seed: 11)
        for seed in 0..<60 as Range<UInt64> {
            let count = 2 + random.integer(below: 120)
            let (classCount, groupCount) = (1 + random.integer(below: 6), 1 + random.integer(below: 30))
            let labels = (0..<count).map { _ in random.integer(below: classCount) }
            let groups = (0..<count).map { _ in
                random.integer(below: 4) == 0 ? nil : "group \(random.integer(below: groupCount))"
            }
            let parts = HoldOut(share: 0.25, seed: seed).divide(labels: labels, groups: groups)
            #expect((parts.kept + parts.heldOut).sorted() == Array(0..<count))
            let (kept, heldOut) = (
                Set(parts.kept.compactMap { groups[$0] }), Set(parts.heldOut.compactMap { groups[$0] })
            )
            #expect(kept.isDisjoint(with: heldOut))
            // No class vanishes from training, and one that is not held out is told.
            let trained = Set(parts.kept.map { labels[$0] })
            #expect(trained == Set(labels))
            #expect(Set(parts.undivided) == Set(labels).subtracting(parts.heldOut.map { labels[$0] }))
        }
    }

    @Test func `A class of two large groups holds the smaller one out`() {
        let labels = Array(repeating: 0, count: 50)
        let groups: [String?] = (0..<50).map { $0 < 30 ? "a" : "b" }
        let parts = HoldOut(share: 0.1).divide(labels: labels, groups: groups)
        #expect(parts.heldOut == Array(30..<50))
        let one = HoldOut(share: 0.1).divide(labels: labels, groups: Array(repeating: "a", count: 50))
        #expect(one.heldOut.isEmpty && one.undivided == [0])
    }

    @Test func `A data set names the classes of which nothing is held out`() {
        let samples = [0, 0, 0, 1].map {
            Sample(.image(Image(width: 1, height: 1, filledWith: [0])), label: $0, name: "x")
        }
        let parts = SampleArray(samples, classNames: ["many", "one"]).divided(by: HoldOut(share: 0.1))
        #expect(parts.undivided == ["one"] && parts.heldOut.count == 1 && parts.kept.count == 3)
    }
}
