import ArgumentParser
import BantamGraph
import BantamPruning

/// Which single weights become zero, and how many.
struct SparsityOptions: ParsableArguments {
    @Option(help: "The fraction of the weights to set to zero, such as 0.8.")
    var sparsity: Double?

    @Option(
        help: ArgumentHelp(
            "Keep N of every M weights that are summed one after another, such as 2:4, and set the others to zero.",
            valueName: "N:M"))
    var sparsityPattern: SparsityPattern?

    var isGiven: Bool { sparsity != nil || sparsityPattern != nil }

    func validate() throws {
        if let sparsityPattern, sparsity != nil {
            throw ValidationError(
                "--sparsity-pattern \(sparsityPattern) says how many weights become zero; leave out --sparsity.")
        }
    }

    /// What was asked for; `nil` where neither option is given.
    ///
    /// - Parameter pruning: Its options for channels and weights alike count, and those for channels alone must not be
    ///   given.
    func configuration(_ pruning: PruningOptions) throws -> UnstructuredPruning.Configuration? {
        guard isGiven else { return nil }
        if let option = pruning.optionForChannels {
            throw ValidationError("\(option) is about channels; with --sparsity the smallest weights become zero.")
        }
        let scope = try pruning.scope.map { scope in
            guard let scope = UnstructuredPruning.Scope(rawValue: scope.rawValue) else {
                throw ValidationError("--scope \(scope) compares channels; for weights there are global and local.")
            }
            return scope
        }
        var configuration =
            sparsityPattern.map { UnstructuredPruning.Configuration($0, protectedLayers: pruning.protect) }
            ?? UnstructuredPruning.Configuration(sparsity: sparsity ?? 0, protectedLayers: pruning.protect)
        if let scope { configuration.scope = scope }
        return configuration
    }
}
