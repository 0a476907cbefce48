import BantamPipeline
import BantamTraining
import FoundationEssentials
import Testing

extension EndToEnd {
    @Suite struct `Unusable recipes` {
        @Test(arguments: [
            ("no JSON", "hello", "not valid JSON"), ("no variants", #"{"baseline": "a"}"#, "variants"),
            ("other type", #"{"baseline": "a", "variants": [{"name": "a", "method": "", "steps": 3}]}"#, "variants.0"),
        ])
        func `A file that is no recipe says where it is wrong`(_ name: String, _ text: String, _ place: String) throws {
            for option in [[], ["--print-recipe"]] { try refuse(text, option, says: place) }
        }

        private static let distillation = Recipe.Step.distill(
            TrainingConfiguration(epochs: 1, batchSize: 8), DistillationConfiguration(), teacher: "later")

        @Test(arguments: [
            (Recipe(baseline: "a", variants: [variant("../a")]), #"variant name "../a""#),
            (Recipe(baseline: "a", variants: [variant("a"), variant("a")]), "two variants a"),
            (Recipe(baseline: "a", variants: [variant("b")]), "the baseline a"),
            (Recipe(baseline: "a", variants: [variant("a", .variant("b")), variant("b")]), "a needs b"),
            (Recipe(baseline: "a", variants: [variant("a", steps: distillation), variant("later")]), "a needs later"),
        ])
        func `Variants have names that are files, and build on those before them`(
            _ recipe: Recipe, _ fault: String
        ) throws {
            try refuse(String(decoding: try JSONEncoder().encode(recipe), as: UTF8.self), says: fault)
        }

        @Test func `A recipe for a given model needs one`() throws {
            let recipe = Recipe(baseline: "a", variants: [Self.variant("a", .input)])
            try refuse(
                String(decoding: try JSONEncoder().encode(recipe), as: UTF8.self), status: 64, names: "The recipe",
                says: "add its ONNX file")
        }

        private static func variant(
            _ name: String, _ source: Recipe.Source = .architecture("simple_cnn"), steps: Recipe.Step...
        ) -> Recipe.Variant {
            Recipe.Variant(name: name, method: "", source: source, steps: steps)
        }

        private func refuse(
            _ recipe: String, _ options: [String] = [], status: Int32 = 65, names: String = "recipe.json", says: String
        ) throws {
            let folder = try WorkingFolder()
            try TinyData.write(Array(recipe.utf8), to: folder.file("recipe.json"))
            let arguments = ["slim", "--data", "shop/images", "--recipe", "recipe.json", "-o", "out"] + options
            try folder.expect(Refusal("recipe", arguments, status, says: names, says))
        }
    }
}
