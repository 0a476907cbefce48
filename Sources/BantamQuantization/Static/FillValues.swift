import BantamGraph
import BantamLayerwise

/// The values that may hold a constant far beyond all activations, such as the lowest float or -1e9.
///
/// Models fill with it what is not to count: padding before a maximum, the places that a mask hides. In the range of an
/// activation it would leave a single integer for all numbers. So such a value is not rounded; what a maximum, a
/// softmax or a clipping makes of it is.
struct FillValues {
    private var values: Set<ValueID> = []

    /// Beyond what activations reach: masks of float16 models are filled with -10000 or its lowest number, -65504.
    private static let smallestMagnitude = 9999.0

    /// Operators that put a constant in some places of what they are given, or add it there.
    private static let filling: Set<String> = [
        "Add", "Concat", "Expand", "Pad", "ScatterElements", "ScatterND", "Sub", "Sum", "Where",
    ]
    /// Operators of which a factor can be a mask times a large number.
    private static let scaling: Set<String> = ["Div", "Mul"]
    /// Operators that hand such a number on in another form. A bounded function or a maximum does not.
    private static let passing: Set<String> = [
        "Abs", "Cast", "Gather", "LeakyRelu", "Neg", "PRelu", "Resize", "Tile", "Trilu",
    ]
    /// Operators that move elements and drop the smaller ones.
    private static let maxima: Set<String> = ["GlobalMaxPool", "MaxPool"]

    static func isFill(_ number: Double) -> Bool { !(abs(number) < smallestMagnitude) }

    init(in scope: QuantizationScope) {
        for node in scope.graph.nodes.values where node.domain.isEmpty && spreads(node, in: scope) {
            values.formUnion(node.outputs.compactMap(\.self))
        }
    }

    func contains(_ value: ValueID) -> Bool { values.contains(value) }

    private func spreads(_ node: Node, in scope: QuantizationScope) -> Bool {
        let name = node.operatorName
        let isGiven = node.filledInputs.contains { values.contains($0.value) }
        if Self.filling.contains(name) {
            return isGiven || holdsFill(node, in: scope) { _ in true }
        }
        if Self.scaling.contains(name) {
            return isGiven || holdsFill(node, in: scope) { $0.elementCount == 1 }
        }
        if Self.maxima.contains(name) { return false }
        return isGiven && (Self.passing.contains(name) || scope.role(of: node) == .transparent)
    }

    /// Whether one of the constants that the node reads, of those that are looked at, holds such a number.
    private func holdsFill(
        _ node: Node, in scope: QuantizationScope, where isLookedAt: (TensorData) -> Bool
    ) -> Bool {
        node.filledInputs.contains { _, value in
            guard let data = scope.graph.constants[value] ?? scope.types.known[value], data.dtype.isFloatingPoint,
                isLookedAt(data)
            else { return false }
            return data.doubles()?.contains(where: Self.isFill) ?? false
        }
    }
}
