public import ArgumentParser
public import BantamGraph
public import BantamMedia
public import BantamModel
import BantamPruning
import BantamQuantization
public import BantamTensor
public import BantamTraining

// The libraries' own types as values of options.

extension ArithmeticPrecision: ExpressibleByArgument {}
extension AttentionChannels: ExpressibleByArgument {}
extension ClassBalancing: ExpressibleByArgument {}
extension GradualPruning.Schedule: ExpressibleByArgument {}
extension GroupReduction: ExpressibleByArgument {}
extension RankingScope: ExpressibleByArgument {}
extension ScoreNormalizer: ExpressibleByArgument {}
extension DatasetSplit: ExpressibleByArgument {}
extension SparsityPattern: ExpressibleByArgument {}
extension StaticQuantizationConfiguration.ModelInput: ExpressibleByArgument {}
extension WeightForm: ExpressibleByArgument {}

extension Device: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension CompletionKind {
    /// ONNX files, compressed ones too.
    static var model: CompletionKind { .file(extensions: ["onnx", "gz"]) }
}

/// What `--output` is, in every command that writes a model.
let outputHelp: ArgumentHelp = "The ONNX file to write; a name that ends in .gz gives a compressed one."
