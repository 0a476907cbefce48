import BantamGraph
import BantamNetwork
import BantamTestSupport
import Glibc

/// Removes half of the channels, and half of the heads, of built-in architectures with random weights.
///
/// ```
/// BantamConformance architectures [TEXT]
/// ```
///
/// Prints a line for each variant, or for those whose name contains the text.
enum ArchitectureRun {
    /// - Returns: Whether all passed.
    static func run(_ text: String?) throws -> Bool {
        let variants = Architectures.variants.filter { text.map($0.name.contains) ?? true }
        guard !variants.isEmpty else { throw ConformanceError("no architecture has \(text ?? "") in its name") }
        var passed = 0
        for variant in variants {
            let graph = variant.graph(inputShape: variant.smallestInputShape).withLivelyBatchNorms()
            let inputs = graph.sampleInputs()
            let whole = try graph.run(inputs)
            let channels = try ChannelRemovalCheck.removal(in: graph, inputs: inputs, whole: whole)
            let heads = try ChannelRemovalCheck.headRemoval(in: graph, inputs: inputs, whole: whole)
            let hasPassed = channels.passed && heads?.passed ?? true
            let texts = [channels.text("channel")] + (heads.map { [$0.text("head")] } ?? [])
            print("\(variant.name): \(hasPassed ? "passed" : "failed"): \(texts.joined(separator: ", "))")
            fflush(nil)
            passed += hasPassed ? 1 : 0
        }
        print("\(passed) of \(variants.count) architectures pass")
        return passed == variants.count
    }
}
