import BantamNetwork
import BantamPipeline
import BantamTraining
import Testing

@Suite struct RecipeTests {
    private static let recipes: [(name: String, recipe: Recipe)] = [
        ("four methods", .fourMethods(seed: 7)), ("given model", .givenModel(seed: 7)),
    ]

    @Test(arguments: recipes.map(\.recipe)) func `A recipe survives JSON`(recipe: Recipe) throws {
        #expect(try throughJSON(recipe) == recipe)
    }

    @Test(arguments: recipes.map(\.recipe))
    func `Sources and teachers are made before they are used`(recipe: Recipe) throws {
        var made: Set<String> = []
        for variant in recipe.variants {
            switch variant.source {
            case .variant(let name): #expect(made.contains(name), "\(variant.name) starts from \(name)")
            case .architecture(let name): _ = try Architectures.variant(named: name)
            case .input: break
            }
            for case .distill(let training, _, let teacher, _) in variant.steps {
                #expect(made.contains(teacher), "\(variant.name) learns from \(teacher)")
                #expect(training.augmentation.isEmpty)
            }
            #expect(made.insert(variant.name).inserted, "\(variant.name) is made twice")
        }
        #expect(made.contains(recipe.baseline))
    }

    @Test(arguments: recipes.map(\.recipe)) func `Names can be names of files`(recipe: Recipe) {
        for variant in recipe.variants {
            #expect(variant.name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") })
            #expect(!variant.name.isEmpty && !variant.method.isEmpty)
        }
    }

    @Test(arguments: recipes.map(\.recipe)) func `Everything that draws numbers follows the seed`(recipe: Recipe) {
        for step in recipe.variants.flatMap(\.steps) {
            switch step {
            case .train(let training, _), .distill(let training, _, _, _): #expect(training.seed == 7)
            case .prune(let pruning): #expect(pruning.training.map { $0.seed == 7 } ?? true)
            case .quantizeStatic(let configuration): #expect(configuration.seed == 7)
            case .quantizeAware(let aware): #expect(aware.quantization.seed == 7 && aware.training.seed == 7)
            case .separateConvolutions, .quantizeDynamic, .quantizeWeights: break
            }
        }
    }

    @Test func `The default recipe has each method, and a control for each distillation`() throws {
        let recipe = Recipe.fourMethods()
        let names = recipe.variants.map(\.name)
        for name in ["pruned", "sparse", "int8-static", "int8-dynamic", "distilled", "separable", "chain"] {
            #expect(names.contains(name))
        }
        // The distilled models stand beside the same models trained as long on labels.
        for (distilled, control) in [("distilled", "original"), ("separable-distilled", "separable")] {
            let pair = try [distilled, control].map { name in try #require(recipe.variants.first { $0.name == name }) }
            #expect(pair[0].source == pair[1].source && pair[0].steps.count == pair[1].steps.count)
            guard case .distill(let taught, _, _, _) = pair[0].steps.last,
                case .train(let control, _) = pair[1].steps.last
            else {
                Issue.record("\(distilled) and \(control) do not end in a training")
                continue
            }
            #expect(taught == control)
        }
    }

    @Test func `The teacher is as much larger as its description says`() throws {
        func parameters(_ name: String) throws -> Double {
            let graph = try Architectures.variant(named: name).graph()
            return Double(graph.parameters.reduce(0) { $0 + (graph.constants[$1]?.elementCount ?? 0) })
        }
        let teacher = try #require(Recipe.fourMethods().variants.first { $0.name == "teacher" })
        let factor = Int((try parameters("wide_cnn") / parameters("simple_cnn")).rounded())
        #expect(teacher.method.contains("\(factor) times the parameters"))
    }

    @Test func `Steps say what they do`() {
        let labels = Recipe.fourMethods().variants.flatMap(\.steps).map(\.label)
        #expect(
            Set(labels).isSuperset(of: [
                "training 6 epochs", "learning from teacher, 6 epochs", "separating convolutions", "removing channels",
                "zeroing weights", "calibrating and quantizing", "quantizing",
            ]))
    }
}
