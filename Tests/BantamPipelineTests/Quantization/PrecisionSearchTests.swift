import Testing

@testable import BantamQuantization

@Suite struct PrecisionSearchTests {
    private let search = PrecisionSearch(operators: (0..<20).map { "\($0)" })

    @Test func `Nothing is put back where nothing is needed`() {
        #expect(search.fewest { _ in true } == [])
    }

    @Test func `The fewest of the most sensitive are put back`() {
        #expect(search.fewest { $0.count >= 5 } == ["0", "1", "2", "3", "4"])
        #expect(search.fewest { $0.count >= 20 }?.count == 20)
    }

    @Test func `Operators on the way to the one that matters are not put back`() {
        #expect(search.fewest { $0.contains("7") } == ["7"])
        #expect(search.fewest { $0.isSuperset(of: ["2", "11"]) } == ["2", "11"])
    }

    @Test func `Where all are not enough, there is no answer`() {
        #expect(search.fewest { _ in false } == nil)
    }

    @Test func `As many as a budget allows are put back`() {
        #expect(search.most { $0.count <= 3 } == ["0", "1", "2"])
        #expect(search.most { _ in true }?.count == 20)
        #expect(search.most { $0.isEmpty } == [])
        #expect(search.most { _ in false } == nil)
    }

    @Test func `Few measurements are made`() {
        var count = 0
        _ = search.most { operators in
            count += 1
            return operators.count <= 13
        }
        #expect(count <= 6)
    }
}
