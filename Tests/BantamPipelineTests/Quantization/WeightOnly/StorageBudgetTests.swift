import BantamGraph
import BantamTestSupport
import Testing

@testable import BantamPipeline
@testable import BantamQuantization
@testable import BantamStage

@Suite struct StorageBudgetTests {
    private func ladder(_ options: (Int, Double)...) -> [StorageBudget.Option] {
        options.map { StorageBudget.Option(bytes: $0.0, error: $0.1) }
    }

    @Test func `The cheapest error for a byte goes first`() {
        // 0.1 for 50 bytes, 0.1 for 10 bytes, 0.01 for 50 bytes.
        let ladders = [ladder((100, 0), (50, 0.1)), ladder((20, 0), (10, 0.1)), ladder((100, 0), (50, 0.01))]
        #expect(StorageBudget.choose(ladders, limit: 220) == [0, 0, 0])
        #expect(StorageBudget.choose(ladders, limit: 219) == [0, 0, 1])
        #expect(StorageBudget.choose(ladders, limit: 169) == [1, 0, 1])
        #expect(StorageBudget.choose(ladders, limit: 119) == [1, 1, 1])
        #expect(StorageBudget.choose(ladders, limit: 110) == [1, 1, 1])
        #expect(StorageBudget.choose(ladders, limit: 109) == nil)
    }

    @Test func `A weight can go down several steps before another goes one`() {
        let ladders = [ladder((100, 0), (50, 0.001), (25, 0.002)), ladder((100, 0), (50, 1))]
        #expect(StorageBudget.choose(ladders, limit: 130) == [2, 0])
        #expect(StorageBudget.choose(ladders, limit: 75) == [2, 1])
    }

    @Test func `What a large last step leaves is given back`() {
        // The small one goes first for its price, and the large one then makes room for it.
        let ladders = [ladder((20, 0), (10, 0.1)), ladder((200, 0), (100, 2))]
        #expect(StorageBudget.choose(ladders, limit: 130) == [0, 1])
        #expect(StorageBudget.choose(ladders, limit: 119) == [1, 1])
    }

    @Test func `A file that is clearly smaller than allowed is explained by its finest step`() {
        let ladders = [ladder((4000, 0), (2000, 0.1)), ladder((4000, 0), (1000, 0.2))]
        func note(_ chosen: [Int], most: Double) -> String? {
            StorageBudget.note(on: ladders, chosen, bytes: 3000, most: most)
        }
        #expect(note([1, 1], most: 3050) == nil)
        #expect(
            note([1, 1], most: 4000)
                == "The file takes 3000 of the 4000 bytes allowed: the finest step to a wider form takes 2000 bytes more."
        )
        #expect(note([0, 0], most: 9000)?.contains("as far as was measured, more bits are of no use") == true)
    }

    @Test func `Weights with one form only are left`() {
        #expect(StorageBudget.choose([ladder((100, 0)), ladder((10, 0), (5, 1))], limit: 105) == [0, 1])
        #expect(StorageBudget.choose([], limit: 0) == [])
        #expect(StorageBudget.choose([ladder((100, 0))], limit: 99) == nil)
    }

    @Test func `No other choice of as few bytes has less error, for options of one size`() {
        var random = SeededGenerator(seed: 5).stream("budget")
        let errors = (0..<8).map { _ in Double(random.uniform(in: 0...1)) }
        let ladders = errors.map { ladder((8, 0), (4, $0)) }
        for steps in 0...8 {
            let chosen = StorageBudget.choose(ladders, limit: 64 - 4 * steps) ?? []
            let error = zip(chosen, errors).reduce(0) { $0 + ($1.0 == 1 ? $1.1 : 0) }
            #expect(abs(error - errors.sorted().prefix(steps).reduce(0, +)) < 1e-12)
        }
    }

    @Test func `The limit is corrected by what the file has besides the weights`() throws {
        let ladders = [ladder((4000, 0), (2000, 0.1)), ladder((4000, 0), (1000, 0.2))]
        var asked: [[Int]] = []
        func fitted(_ most: Double) -> [Int]? {
            StorageBudget.fitted(ladders, most: most) { chosen in
                asked.append(chosen)
                return Double(zip(ladders, chosen).reduce(500) { $0 + $1.0[$1.1].bytes })
            }?.chosen
        }
        #expect(fitted(8500) == [0, 0] && fitted(8499) == [1, 0] && fitted(3500) == [1, 1])
        #expect(fitted(3499) == nil)
        #expect(asked.first == [0, 0] && asked.count < 12)
    }

    // MARK: Files

    private func meter() -> ScriptedMeter {
        ScriptedMeter(size: { graph in
            // Some bytes for each node stand for the file's structure.
            try CostAnalysis(of: graph).total.weightBytes + ByteCount(100 * graph.nodes.count)
        })
    }

    @Test func `A file of a given size mixes forms`() throws {
        let graph = TinyGraphs.flattenToLinear()
        let runner = StepRunner(data: nil, in: StageContext(meter: meter()))
        func types(_ bytes: Double) throws -> Set<DType> {
            let step = Recipe.Step.quantizeWeights(.init(form: .float16, fileSize: .amount(bytes)))
            let outcome = try runner.perform(step, on: graph)
            let plan = try #require(outcome.plan as? WeightOnlyPlan)
            let size = try CostAnalysis(of: outcome.graph).total.weightBytes.bytes + 100 * outcome.graph.nodes.count
            #expect(Double(size) <= bytes)
            return Set(plan.weights.map(\.dtype))
        }
        func bytes(_ form: WeightForm) throws -> Double {
            let outcome = try runner.perform(.quantizeWeights(.init(form: form)), on: graph)
            return Double(
                try CostAnalysis(of: outcome.graph).total.weightBytes.bytes + 100 * outcome.graph.nodes.count)
        }
        #expect(try types(bytes(.float16)) == [.float16])
        #expect(try types(bytes(.float16) - 1).count == 2)
        #expect(try types(bytes(.int4)).isDisjoint(with: [.float16, .bfloat16]))
        let text = errorText { _ = try types(476) }
        #expect(text.contains("cannot have only 476 bytes") && text.contains("; raise the target"))
    }
}
