import BantamMedia
import Testing

@Suite struct RelabeledDatasetTests {
    private func data(_ classNames: String...) -> SampleArray {
        let samples = classNames.indices.map { label in
            Sample(.image(Image(width: 1, height: 1, filledWith: [0])), label: label, name: classNames[label])
        }
        return SampleArray(samples, classNames: classNames)
    }

    @Test func `Labels count the other list`() throws {
        let relabeled = try #require(data("dog", "cat").relabeled(as: ["cat", "cow", "dog"]))
        #expect(relabeled.classNames == ["cat", "cow", "dog"])
        #expect((0..<2).map { relabeled.label(at: $0) } == [2, 0])
        for index in 0..<2 {
            let sample = try relabeled.sample(at: index)
            #expect(relabeled.classNames[sample.label] == sample.name)
        }
    }

    @Test(arguments: ["n02", "great white shark"]) func `A class is found by the first word or the rest`(_ name: String)
    {
        #expect(data(name).relabeled(as: ["n01 tench", "n02 great white shark"])?.label(at: 0) == 1)
    }

    @Test func `A class that is missing, or could be several, is not guessed`() {
        #expect(data("cat", "cow").relabeled(as: ["cat", "dog"]) == nil)
        #expect(data("crane").relabeled(as: ["n1 crane", "n2 crane"]) == nil)
        #expect(data("n1", "tench").relabeled(as: ["n1 tench", "n2 goldfish"]) == nil)
        #expect(data("cat").relabeled(as: []) == nil)
        #expect(data("n1").relabeled(as: ["n1 crane", "n2 crane"])?.label(at: 0) == 0)
    }
}
