public import BantamGraph
import OrderedCollections

/// Fills a network with the tensors of a weight file, by name.
///
/// ```swift
/// var graph = try Architectures.variant(named: "resnet18").graph(classCount: 10)
/// let file = try WeightFile.read("resnet18-f37072fd.pth")
/// let plan = try WeightLoading.plan(for: graph, from: file)
/// WeightLoading.apply(plan, from: file, to: &graph)
/// plan.reinitialized  // ["fc.weight", "fc.bias"]: the file's are for 1,000 classes
/// ```
///
/// ## Names
/// They are the network's own, or those with one of `prefixes` in front, whichever fits more of them.
///
/// ## Shapes and types
/// Shapes are equal, but for axes of one element at the end (`[1000, 512, 1, 1]` fills `[1000, 512]`). Floating-point
/// tensors are converted to the network's type; integers are never weights.
///
/// ## The classifier
/// It is the last layer that has weights. Where the file's has another number of classes, or the file has none, the
/// network's own stays, and the plan says so.
public enum WeightLoading {
    /// What wrappers of PyTorch's put in front of every name.
    static let prefixes: [String] = {
        let words = ["module.", "model.", "backbone.", "net.", "network.", "_orig_mod.", "encoder."]
        return [""] + words + words.flatMap { first in words.map { first + $0 } }
    }()

    /// Decides what goes where.
    ///
    /// - Parameter isPartial: Whether weights may be missing or of other shapes and tensors may have no place; by
    ///   default only the classifier may differ.
    /// - Throws: `weightMismatch` when no name fits, or without `isPartial` when a weight other than the classifier's
    ///   is left or a tensor has no place.
    /// - Complexity: O(tensors); no element is looked at.
    public static func plan(
        for graph: Graph, from file: WeightFile, isPartial: Bool = false
    ) throws(NetworkError) -> WeightPlan {
        let weights = weights(of: graph)
        let prefix = prefix(of: file, weights: weights)
        let tensors = tensorNames(in: file, without: prefix)
        let head = classifier(of: graph)
        var plan = WeightPlan(prefix: prefix)
        for (name, value) in weights {
            guard let wanted = graph.constants[value]?.type else { continue }
            guard let tensor = tensors[name].flatMap({ file.tensors[$0] }) else {
                if head.contains(value) { plan.reinitialized.append(name) } else { plan.missing.append(name) }
                continue
            }
            if fits(tensor.type, wanted) {
                plan.loaded.append(name)
                if tensor.dtype != wanted.dtype { plan.converted[tensor.dtype.rawValue, default: 0] += 1 }
            } else if head.contains(value), tensor.dtype.isFloatingPoint, differsInClasses(tensor.shape, wanted.shape) {
                plan.reinitialized.append(name)
            } else {
                plan.mismatched.append(.init(name: name, file: tensor.type, network: wanted))
            }
        }
        for (name, tensor) in tensors where weights[name] == nil && file.tensors[tensor]?.isCounter(name) == false {
            plan.unused.append(tensor)
        }
        guard !plan.loaded.isEmpty else {
            throw .noMatchingWeights(file: Array(file.tensors.keys), graph: Array(weights.keys))
        }
        guard isPartial || plan.isComplete else { throw .unfitWeights(plan) }
        return plan
    }

    /// Puts the tensors in. Those that need no conversion stay views of the file.
    ///
    /// - Precondition: the plan was made for this file and this network, or one that differs in its values alone.
    public static func apply(_ plan: WeightPlan, from file: WeightFile, to graph: inout Graph) {
        let tensors = tensorNames(in: file, without: plan.prefix)
        for name in plan.loaded {
            guard let value = graph.value(named: name), let wanted = graph.constants[value]?.type,
                let tensor = tensors[name].flatMap({ file.tensors[$0] }), fits(tensor.type, wanted),
                let converted = tensor.converted(to: wanted.dtype)
            else { preconditionFailure("the plan for \(graph.name) names \(name), which does not fit") }
            graph.setConstant(value, to: converted.reshaped(to: wanted.shape))
        }
    }

    // MARK: Names

    /// The constants that training changes, in the graph's order.
    private static func weights(of graph: Graph) -> OrderedDictionary<String, ValueID> {
        let learned = Set(graph.parameters + graph.statistics)
        return OrderedDictionary(
            graph.constants.keys.filter(learned.contains).map { (graph[$0].name, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func prefix(of file: WeightFile, weights: OrderedDictionary<String, ValueID>) -> String {
        var best = (prefix: "", count: 0)
        for prefix in prefixes {
            let count = tensorNames(in: file, without: prefix).keys.count { weights[$0] != nil }
            if count > best.count { best = (prefix, count) }
        }
        return best.prefix
    }

    /// The file's names by those without the prefix.
    private static func tensorNames(
        in file: WeightFile, without prefix: String
    ) -> OrderedDictionary<String, String> {
        OrderedDictionary(
            file.tensors.keys.map { ($0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    // MARK: Shapes

    private static func fits(_ tensor: TensorType, _ wanted: TensorType) -> Bool {
        guard tensor.dtype.isFloatingPoint || tensor.dtype == wanted.dtype else { return false }
        var (longer, shorter) = (tensor.shape.dimensions, wanted.shape.dimensions)
        if longer.count < shorter.count { swap(&longer, &shorter) }
        return longer.starts(with: shorter) && longer.dropFirst(shorter.count).allSatisfy { $0 == 1 }
    }

    private static func differsInClasses(_ shape: Shape, _ wanted: Shape) -> Bool {
        shape.rank > 0 && wanted.rank > 0
            && fits(
                TensorType(.float32, Shape(shape.dimensions.dropFirst())),
                TensorType(.float32, Shape(wanted.dimensions.dropFirst())))
    }

    /// The weights of the last node that has any.
    private static func classifier(of graph: Graph) -> Set<ValueID> {
        let uses = graph.constantUses()
        let last = graph.nodes.values.last { node in
            node.inputs.contains { $0.map { uses[$0]?.role == .weight } ?? false }
        }
        return Set((last?.inputs ?? []).compactMap { $0 }.filter { graph.constants[$0] != nil })
    }
}

extension TensorData {
    /// Whether the tensor is kept beside the weights and is none: indices, BatchNorm's count of batches, and what
    /// profilers leave behind.
    fileprivate func isCounter(_ name: String) -> Bool {
        !dtype.isFloatingPoint || ["total_ops", "total_params"].contains { name == $0 || name.hasSuffix(".\($0)") }
    }
}
