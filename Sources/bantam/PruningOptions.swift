import ArgumentParser
import BantamGraph
import BantamModel
import BantamPruning

/// Which channels go, and how many. The scope and the protected layers serve single weights too.
struct PruningOptions: ParsableArguments {
    @Option(help: "The MACs to keep: a fraction (0.5, 50%) or a number (120M).")
    var targetMacs: TargetArgument?

    @Option(help: "The parameters to keep: a fraction or a number (2.5M).")
    var targetParameters: TargetArgument?

    @Option(help: "The size of the file to write: a fraction of what it is, or bytes (2.5MB).")
    var targetFileSize: TargetArgument?

    @Option(
        help: "The time of one sample, measured on this machine while pruning: a fraction of what it is, or 12ms.")
    var targetLatency: TargetArgument?

    @Option(
        help: """
            Which channels go first: \(ImportanceCriteria.all.map { $0.name }.joined(separator: ", ")); by default \
            \(ReconstructionError.name) with data, and \(L1Norm.name) without or where that judges too few layers.
            """)
    var criterion: String?

    @Option(help: "How a channel's scores in several layers become one: \(names(GroupReduction.self)).")
    var reduction = GroupReduction.mean

    @Option(help: "How groups are made comparable: \(names(ScoreNormalizer.self)); by default the criterion's own way.")
    var normalizer: ScoreNormalizer?

    @Option(
        help: """
            Which channels, or weights, compete: \(names(RankingScope.self)); by default global, and for weights global by \
            their share in their layer (LAMP).
            """)
    var scope: RankingScope?

    @Option(help: "What attention layers lose, features of all heads or whole heads: \(names(AttentionChannels.self)).")
    var attention = AttentionChannels.headDimensions

    @Option(
        help: """
            The largest fraction of its channels that a layer may lose; by default 0.6, and up to 0.9 where the target asks \
            for more.
            """)
    var largestCut: Double?

    @Option(
        help: """
            Keep a multiple of this many channels in each layer, such as 8 or 16; by default 16, 8 or any number, as \
            the widths of the layers suggest; "fastest" for what is measured to be fastest on this machine, which may \
            differ from run to run.
            """)
    var channelMultiple: ChannelMultipleArgument?

    @Option(help: "A layer that loses nothing, by the name of its node or weight; * stands for anything.")
    var protect: [String] = []

    @Option(
        help: """
            Train with a penalty that drives channels towards zero before they are removed: \
            \(SparsityRegularizers.all.map { $0.name }.joined(separator: ", ")).
            """)
    var sparseLearning: String?

    @Option(help: "Epochs of sparse learning, before those of fine-tuning; by default \(usualSparseEpochs).")
    var sparseEpochs: Int?

    @Option(
        help: """
            The strength of the penalty; by default \
            \(SparsityRegularizers.all.map { "\($0.usualStrength) for \($0.name)" }.joined(separator: ", ")).
            """)
    var sparseStrength: Double?

    private static let usualSparseEpochs = 5

    /// The targets that were given; one at most makes sense.
    private var given: [(TargetArgument, PruningTarget.Quantity, String)] {
        let all = [
            (targetMacs, PruningTarget.Quantity.macs, "--target-macs"),
            (targetParameters, .parameters, "--target-parameters"),
            (targetFileSize, .fileSize, "--target-file-size"), (targetLatency, .latency, "--target-latency"),
        ]
        return all.compactMap { target, quantity, option in target.map { ($0, quantity, option) } }
    }

    var hasTarget: Bool { !given.isEmpty }

    func validate() throws {
        guard given.count <= 1 else {
            throw ValidationError("Give one target, not \(given.map(\.2).joined(separator: " and ")).")
        }
        guard (1...1_000_000).contains(sparseEpochs ?? 1) else {
            throw ValidationError("--sparse-epochs must be between 1 and 1000000.")
        }
        if let sparseStrength, !(sparseStrength > 0 && sparseStrength.isFinite) {
            throw ValidationError("--sparse-strength must be positive.")
        }
        if sparseLearning == nil, sparseEpochs != nil || sparseStrength != nil {
            let option = sparseEpochs != nil ? "--sparse-epochs" : "--sparse-strength"
            throw ValidationError("\(option) is about sparse learning: add --sparse-learning.")
        }
        guard (0...1).contains(largestCut ?? 1) else { throw ValidationError("--largest-cut must be between 0 and 1.") }
        _ = try configuration(hasData: true)
    }

    /// The first option that was given and makes no sense for single weights.
    var optionForChannels: String? {
        let changed = [
            (criterion != nil, "--criterion"), (reduction != .mean, "--reduction"),
            (normalizer != nil, "--normalizer"), (largestCut != nil, "--largest-cut"),
            (channelMultiple != nil, "--channel-multiple"),
            (attention != .headDimensions, "--attention"), (sparseLearning != nil, "--sparse-learning"),
        ]
        return changed.first { $0.0 }?.1
    }

    /// What goes before the first round, if anything.
    var sparsification: SparseLearning? {
        sparseLearning.map {
            SparseLearning($0, epochs: sparseEpochs ?? Self.usualSparseEpochs, strength: sparseStrength)
        }
    }

    /// What was asked for; `nil` without a target.
    ///
    /// - Parameter hasData: Whether criteria may look at samples.
    func configuration(hasData: Bool) throws -> StructuredPruning.Configuration? {
        guard let (argument, quantity, option) = given.first else { return nil }
        return StructuredPruning.Configuration(
            try argument.target(quantity, option: option),
            criterion: criterion ?? (hasData ? ReconstructionError.name : L1Norm.name), reduction: reduction,
            normalizer: normalizer, scope: scope ?? .global,
            limits: PruningLimits(
                largestCut: largestCut, channelMultiple: channelMultiple?.number, protectedLayers: protect),
            attention: attention, timesMultiples: channelMultiple == .fastest,
            fallback: criterion == nil && hasData ? L1Norm.name : nil)
    }
}

/// The choices of an option, for its help.
func names<Choice: CaseIterable & RawRepresentable>(_: Choice.Type) -> String where Choice.RawValue == String {
    Choice.allCases.map(\.rawValue).joined(separator: ", ")
}

/// As written on the command line: `8`, or `fastest`.
enum ChannelMultipleArgument: ExpressibleByArgument, Equatable {
    case multiple(Int)
    case fastest

    init?(argument: String) {
        if argument == "fastest" {
            self = .fastest
        } else if let number = Int(argument), number > 0 {
            self = .multiple(number)
        } else {
            return nil
        }
    }

    var number: Int? {
        if case .multiple(let number) = self { number } else { nil }
    }
}
