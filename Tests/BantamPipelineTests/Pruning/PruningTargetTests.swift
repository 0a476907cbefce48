import BantamGraph
import BantamModel
import BantamNetwork
import BantamPruning
import BantamTestSupport
import Testing

@Suite struct PruningTargetTests {
    private typealias Configuration = StructuredPruning.Configuration

    private func simpleCNN() throws -> Graph { try Architectures.variant(named: "simple_cnn").graph() }

    @Test func `Parameters, file size and latency are targets like MACs`() throws {
        let graph = try simpleCNN()
        let meter = ScriptedMeter(
            size: { ByteCount(try CostAnalysis(of: $0).total.weightBytes.bytes + 1000) },
            time: { .microseconds(try $0.macs / 1000) })
        for (target, most) in [
            (PruningTarget(.parameters, .fraction(0.3)), 6552.0), (PruningTarget(.parameters, .amount(5000)), 5000),
            (PruningTarget(.fileSize, .amount(40_000)), 40_000), (PruningTarget(.latency, .amount(0.2)), 0.2),
            // Half of less than a millisecond.
            (PruningTarget(.latency, .fraction(0.5)), Double(try graph.macs / 1000) / 1000 / 2),
        ] {
            let plan = try StructuredPruning.plan(for: graph, Configuration(target), meter: meter)
            #expect(plan.quantity == target.quantity)
            #expect(plan.after <= most && plan.after > 0.7 * most, "\(target): \(plan.after)")
            #expect(plan.before > plan.after)
        }
    }

    @Test func `A quantity that cannot be measured here says so`() throws {
        let graph = try simpleCNN()
        for quantity in [PruningTarget.Quantity.fileSize, .latency] {
            let configuration = Configuration(PruningTarget(quantity, .fraction(0.5)))
            #expect(errorCode { _ = try StructuredPruning.plan(for: graph, configuration) } == .invalidTarget)
        }
    }

    @Test(arguments: PruningTarget.Quantity.allCases) func `Amounts without meaning are refused`(
        quantity: PruningTarget.Quantity
    ) throws {
        let graph = try simpleCNN()
        let meter = ScriptedMeter(size: { _ in ByteCount(1) }, time: { _ in .milliseconds(1) })
        for limit in [PruningTarget.Limit.amount(0), .amount(-1), .amount(.infinity), .fraction(2)] {
            let configuration = Configuration(PruningTarget(quantity, limit))
            #expect(
                errorCode { _ = try StructuredPruning.plan(for: graph, configuration, meter: meter) } == .invalidTarget)
        }
    }

    @Test func `The limit that binds is named with what could be reached without it`() throws {
        let graph = try simpleCNN()
        let limits = PruningLimits(largestCut: 0.5, channelMultiple: 8, protectedLayers: ["conv2"])
        let text = errorText {
            _ = try StructuredPruning.plan(for: graph, Configuration(.macs(0.1), limits: limits))
        }
        for part in ["without the largest cut of 0.5", "without multiples of 8", "without protected layers"] {
            #expect(text.contains(part), "\(text)")
        }
    }

    @Test func `Limits that bind together only are named together`() throws {
        let graph = try simpleCNN()
        let all = PruningLimits(largestCut: 0, channelMultiple: 4096, protectedLayers: ["*"])
        let configuration = Configuration(.macs(0.5), limits: all)
        #expect(errorCode { _ = try StructuredPruning.plan(for: graph, configuration) } == .unreachableTarget)
        #expect(
            errorText { _ = try StructuredPruning.plan(for: graph, configuration) }
                .contains("without any of the limits"))
    }
}
