import BantamGraph
import OrderedCollections
import Testing

/// Inputs that do not fit: one sentence each, which names the node and the numbers.
@Suite struct TensorOperatorErrorTests {
    struct Misfit: Sendable, CustomTestStringConvertible {
        var name: String
        var inputs: [OperatorExample.Input]
        var attributes: OrderedDictionary<String, Attribute> = [:]
        var outputs = 1
        var code = GraphErrorCode.shapeMismatch
        /// A part of the message.
        var says: String

        var testDescription: String { "\(name): \(says)" }
    }

    static let misfits: [Misfit] = [
        Misfit(name: "Add", inputs: [[2, 3], [4]], says: "do not broadcast"),
        Misfit(name: "Add", inputs: [[2], .ints([1, 2])], code: .dtypeMismatch, says: "int64"),
        Misfit(name: "Sqrt", inputs: [.ints([4])], code: .dtypeMismatch, says: "floating-point"),
        Misfit(name: "Not", inputs: [[2]], code: .dtypeMismatch, says: "must be bool, not float32"),
        Misfit(name: "Mod", inputs: [[2], [2]], code: .dtypeMismatch, says: "fmod"),
        Misfit(name: "Reshape", inputs: [[2, 3], .ints([4, -1])], says: "[2, 3] cannot be reshaped to [4, -1]"),
        Misfit(name: "Reshape", inputs: [[2, 3], .ints([-1, -1])], says: "cannot be reshaped"),
        Misfit(name: "Reshape", inputs: [[2], .ints([Int.max, 4, -1])], says: "cannot be reshaped"),
        Misfit(
            name: "Reshape", inputs: [[2], .data(TensorData([1], [2 as Int64]))], code: .dynamicShape, says: "shape"),
        Misfit(name: "Flatten", inputs: [[2, 3]], attributes: ["axis": .int(3)], says: "axis 3 of a tensor of rank 2"),
        Misfit(name: "Transpose", inputs: [[2, 3]], attributes: ["perm": .ints([0, 0])], says: "perm [0, 0]"),
        Misfit(name: "Squeeze", inputs: [[2, 3], .ints([1])], says: "axis 1 of [2, 3] has 3 entries"),
        Misfit(name: "Unsqueeze", inputs: [[2], .ints([0, 0])], says: "named twice"),
        Misfit(
            name: "Concat", inputs: [[2, 3], [2, 4]], attributes: ["axis": .int(0)], says: "[2, 3], [2, 4] differ"),
        Misfit(name: "Split", inputs: [[2, 7]], attributes: ["axis": .int(1)], outputs: 2, says: "2 equal parts"),
        Misfit(name: "Split", inputs: [[7], .ints([3, 3])], outputs: 2, says: "[3, 3] do not add up to 7"),
        Misfit(name: "Slice", inputs: [[7], .ints([0]), .ints([1]), .ints([0]), .ints([0])], says: "step"),
        Misfit(name: "Gather", inputs: [[2, 3], .ints([2])], says: "index 2 along axis 0 of [2, 3]"),
        Misfit(name: "Expand", inputs: [[2, 3], .ints([4])], says: "does not expand"),
        Misfit(name: "Tile", inputs: [[2, 3], .ints([Int.max, 2])], says: "negative or too large"),
        Misfit(name: "ConstantOfShape", inputs: [.ints([-1])], says: "negative or too large"),
        Misfit(name: "Pad", inputs: [[2], .ints([0, 0, 0])], says: "3 pads for 1 axes"),
        Misfit(name: "Pad", inputs: [[2], .ints([2, 0])], attributes: ["mode": .string("reflect")], says: "reflect"),
        Misfit(name: "Range", inputs: [.int(0), .int(Int.max), .int(1)], says: "more than"),
        Misfit(name: "TopK", inputs: [[2, 3], .ints([4])], says: "K = [4] of 3 elements"),
        Misfit(name: "ReduceMean", inputs: [[2, 3], .ints([2])], says: "axis 2 of a tensor of rank 2"),
        Misfit(name: "Cast", inputs: [[2]], attributes: ["to": .int(8)], code: .invalidNode, says: "ONNX type 8"),
        Misfit(name: "Constant", inputs: [], code: .invalidNode, says: "attributes: none"),
        Misfit(name: "Einsum", inputs: [[2, 3]], attributes: equation("ij,jk"), says: "has 2 operands, not 1"),
        Misfit(name: "Einsum", inputs: [[2, 3]], attributes: equation("ijk->i"), says: "ijk of the equation"),
        Misfit(name: "Einsum", inputs: [[2, 3]], attributes: equation("ii->i"), says: "one name to sizes 2 and 3"),
        Misfit(name: "Einsum", inputs: [[2, 3]], attributes: equation("ij->k"), says: "other axes"),
        Misfit(name: "GatherND", inputs: [[2, 3], .ints([0, 0, 0])], says: "do not address data of shape [2, 3]"),
        Misfit(
            name: "GatherElements", inputs: [[2, 3], [2, 3]], code: .dtypeMismatch, says: "indices must be int64"),
        Misfit(name: "ScatterND", inputs: [[2, 3], .ints([1]), [4]], says: "need [3]"),
        Misfit(name: "ScatterElements", inputs: [[3], .ints([1]), [2]], says: "updates of shape [2]"),
        Misfit(name: "Trilu", inputs: [[2]], says: "holds no matrix"),
        Misfit(name: "CumSum", inputs: [[2], .int(1)], says: "axis 1 of a tensor of rank 1"),
        Misfit(name: "OneHot", inputs: [.ints([1]), .floats([2.5]), [2]], says: "depth is [2.5]"),
        Misfit(name: "BitShift", inputs: [.ints([1]), .ints([1])], says: "LEFT or RIGHT"),
        Misfit(name: "BitwiseAnd", inputs: [[1], [1]], code: .dtypeMismatch, says: "takes integers, not float32"),
        Misfit(name: "GridSample", inputs: [[1, 2, 3, 4], [1, 5, 5, 3]], says: "[1, 5, 5, 3] does not go with"),
        Misfit(name: "Col2Im", inputs: [[1, 5, 4], .ints([2, 2]), .ints([1, 2])], says: "[N, C * 2, 2] is needed"),
        Misfit(name: "Col2Im", inputs: [[1, 5, 4], .ints([2]), .ints([1, 2])], says: "do not go together"),
        Misfit(name: "CenterCropPad", inputs: [[2], .ints([1, 1])], says: "2 sizes for 1 axes"),
        Misfit(name: "ReverseSequence", inputs: [[2, 3], .ints([1])], says: "[1] lengths"),
        Misfit(name: "LRN", inputs: [[2, 3]], says: "size is 0"),
        Misfit(name: "QuantizeLinear", inputs: [[2, 3], .floats([1, 2])], says: "fits neither"),
        Misfit(name: "DequantizeLinear", inputs: [[2], .floats([1])], code: .dtypeMismatch, says: "not float32"),
    ]

    private static func equation(_ text: String) -> OrderedDictionary<String, Attribute> {
        ["equation": .string(text)]
    }

    @Test(arguments: misfits) func `An error names the node and what does not fit`(_ misfit: Misfit) throws {
        let error = #expect(throws: GraphError.self) {
            try SingleNode(misfit.name, misfit.inputs, misfit.attributes, outputs: misfit.outputs)
        }
        #expect(error?.code == misfit.code)
        #expect(error?.location?.node == "node (\(misfit.name))")
        #expect(error?.message.contains(misfit.says) == true, "\(error?.message ?? "")")
    }
}
