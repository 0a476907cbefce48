import OrderedCollections

/// A tensor written into the node: `value`, or a number or list of numbers by `value_int`, `value_ints`, `value_float`
/// or `value_floats`.
struct Constant: KnownResult {
    static let name = "Constant"
    static let inputs: [InputSlot] = []
    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [try data(of: node).shape] }
    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try data(of: node).dtype] }
    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? { [try data(of: node)] }

    static var examples: [OperatorExample] {
        let values: [OrderedDictionary<String, Attribute>] = [
            ["value": .tensor(TensorData([2, 2], [1, 2, 3, 4] as [Float]))], ["value_int": .int(7)],
            ["value_ints": .ints([1, -1])], ["value_float": .float(0.5)], ["value_floats": .floats([0.5, 2])],
        ]
        return values.map { OperatorExample([], attributes: $0) }
    }

    private static func data(of node: NodeContext) throws(GraphError) -> TensorData {
        for (name, attribute) in node.node.attributes {
            switch (name, attribute) {
            case ("value", .tensor(let data)): return data
            case ("value_int", .int(let number)): return TensorData(scalar: Int64(number))
            case ("value_ints", .ints(let numbers)): return TensorData([numbers.count], numbers.map(Int64.init))
            case ("value_float", .float(let number)): return TensorData(scalar: number)
            case ("value_floats", .floats(let numbers)): return TensorData([numbers.count], numbers)
            default: continue
            }
        }
        let names = node.node.attributes.keys.joined(separator: ", ")
        throw node.unsupported("a constant without dense numbers (its attributes: \(names.isEmpty ? "none" : names))")
    }
}
