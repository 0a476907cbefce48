/// Says whether a graph is a model that can be run, and if not, where it is wrong.
///
/// The rules are data: ``rules`` lists what every model must keep, and a caller adds those of its own purpose.
///
/// ```swift
/// try Verifier.verify(graph)
/// try Verifier.verify(graph, rules: Verifier.rules + [.requireFiniteWeights])
/// ```
public enum Verifier {
    /// One thing that must hold for a graph.
    public struct Rule: Sendable {
        /// What holds where the rule is kept: `"names are unique"`.
        public var name: String
        /// Finds the first violation, at the given sizes of free dimensions.
        public var violation: @Sendable (_ graph: Graph, _ sizes: [String: Int]) -> GraphError?

        public init(_ name: String, _ violation: @escaping @Sendable (Graph, [String: Int]) -> GraphError?) {
            self.name = name
            self.violation = violation
        }
    }

    /// What every model must keep. A rule may rely on those before it.
    public static let rules: [Rule] = [
        .valuesHaveSources, .namesAreUnique, .outputsExist, .operatorsAreKnown, .requiredInputsAreFilled, .shapesAgree,
        .variancesArePositive,
    ]

    /// - Parameter sizes: The sizes of free dimensions, by name. Those not named are 1.
    /// - Throws: the first violation, naming the node or the value.
    /// - Complexity: O(nodes + edges) for ``rules``.
    public static func verify(
        _ graph: Graph, sizes: [String: Int] = [:], rules: [Rule] = Self.rules
    ) throws(GraphError) {
        for rule in rules {
            if let violation = rule.violation(graph, sizes) { throw violation }
        }
    }
}

extension Verifier.Rule {
    /// Each value a node reads is an input, a constant, or computed by an earlier node, and none is left dangling.
    static let valuesHaveSources = Self("values have sources") { graph, _ in
        var available = Set(graph.inputs.map(\.value)).union(graph.constants.keys)
        for node in graph.nodes.values {
            for input in node.inputs.compactMap(\.self) where !available.contains(input) {
                return .undefinedValue(graph[input].name, readBy: node)
            }
            available.formUnion(node.outputs.compactMap(\.self))
        }
        let dangling = graph.values.keys.filter { !available.contains($0) }.min()
        return dangling.map { .danglingValue(graph[$0].name) }
    }

    /// Names lead to one value, and the caller's list of inputs and of outputs has no entry twice.
    static let namesAreUnique = Self("names are unique") { graph, _ in
        var names: Set<String> = []
        for value in graph.values.values.sorted(by: { $0.id < $1.id }) where !names.insert(value.name).inserted {
            return .duplicateName(value.name, kind: "value")
        }
        for (kind, values) in [("input", graph.inputs.map(\.value)), ("output", graph.outputs)] {
            var seen: Set<ValueID> = []
            for value in values where !seen.insert(value).inserted {
                return .duplicateName(graph[value].name, kind: kind)
            }
        }
        return nil
    }

    static let outputsExist = Self("outputs exist") { graph, _ in
        graph.outputs.isEmpty ? .noOutputs(of: graph.name) : nil
    }

    static let operatorsAreKnown = Self("operators are known") { graph, _ in
        firstError(graph) { node throws(GraphError) in _ = try Operators.definition(of: node) }
    }

    static let requiredInputsAreFilled = Self("required inputs are filled") { graph, _ in
        firstError(graph) { node throws(GraphError) in
            for (position, slot) in try Operators.definition(of: node).inputs.enumerated() where !slot.isOptional {
                guard position < node.inputs.count, node.inputs[position] != nil else {
                    throw .missingInput(slot, of: node)
                }
            }
        }
    }

    /// The inputs of each node fit its operator and each other.
    static let shapesAgree = Self("shapes agree") { graph, sizes in
        do throws(GraphError) {
            _ = try ShapeInference(of: graph, sizes: sizes)
            return nil
        } catch {
            return error
        }
    }

    /// No variance that a BatchNorm divides by the root of is negative, or zero without an `epsilon`.
    static let variancesArePositive = Self("variances are positive") { graph, _ in
        for node in graph.nodes.values where node.operatorName == "BatchNormalization" && node.domain.isEmpty {
            guard let variance = graph.constant(4, of: node)?.doubles() else { continue }
            let epsilon = if case .float(let value)? = node.attributes["epsilon"] { Double(value) } else { 1e-5 }
            guard let channel = variance.firstIndex(where: { $0 + epsilon <= 0 }) else { continue }
            return .negativeVariance(variance[channel], channel: channel, epsilon: epsilon, of: node)
        }
        return nil
    }

    /// No constant is NaN, and no learned weight is infinite: what compression needs, as one such number spoils every
    /// statistic.
    ///
    /// Infinity is a number like others where it is selected, compared or added, as in the mask of an attention or the
    /// fill of a `Pad`: see ``Graph/nonFiniteConstant(_:)``.
    ///
    /// - Complexity: O(elements of all constants).
    public static let requireFiniteWeights = Self("weights are finite") { graph, _ in
        for value in graph.constants.keys {
            guard let found = graph.nonFiniteConstant(value) else { continue }
            return .nonFiniteWeight(
                graph[value].name, number: found.number, element: found.element, readBy: found.reader)
        }
        return nil
    }

    private static func firstError(_ graph: Graph, _ check: (Node) throws(GraphError) -> Void) -> GraphError? {
        for node in graph.nodes.values {
            do throws(GraphError) { try check(node) } catch { return error }
        }
        return nil
    }
}
