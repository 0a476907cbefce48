import BantamGraph
import OrderedCollections
import Testing

/// Layers whose inputs do not fit: one sentence each, with the numbers.
@Suite struct LayerErrorTests {
    struct Misfit: Sendable, CustomTestStringConvertible {
        var name: String
        var inputs: [OperatorExample.Input]
        var attributes: OrderedDictionary<String, Attribute> = [:]
        var code = GraphErrorCode.shapeMismatch
        /// A part of the message.
        var says: String

        var testDescription: String { "\(name): \(says)" }
    }

    private static let image: OperatorExample.Input = [1, 3, 8, 8]
    private static let filters = OperatorExample.Input.weight([4, 3, 3, 3])
    private static let bytes = OperatorExample.Input.constant(TensorData(zeros: TensorType(.int8, [4, 3, 3, 3])))

    static let misfits: [Misfit] = [
        Misfit(
            name: "Conv", inputs: [image, .weight([4, 1, 3, 3])],
            says: "the input has 3 channels, the weight takes 1 x group 1"),
        Misfit(name: "Conv", inputs: [image, .weight([4, 3, 3])], says: "both need the same rank"),
        Misfit(name: "Conv", inputs: [image, filters, .weight([5])], says: "the bias has shape [5]"),
        Misfit(
            name: "Conv", inputs: [image, filters], attributes: ["strides": .ints([1, 0])], says: "strides contains 0"),
        Misfit(
            name: "Conv", inputs: [image, filters], attributes: ["pads": .ints([1, 1])], says: "pads has 2 entries"),
        Misfit(
            name: "Conv", inputs: [image, filters], attributes: ["pads": .ints([0, 0, Int.max, 0])],
            says: "pads contains \(Int.max)"),
        Misfit(name: "Conv", inputs: [image, filters], attributes: ["group": .int(0)], says: "into 0 groups"),
        Misfit(
            name: "Conv", inputs: [image, filters], attributes: ["kernel_shape": .ints([5, 5])],
            says: "kernel_shape is [5, 5], but the weight has [3, 3]"),
        Misfit(
            name: "Conv", inputs: [[1, 3, 8, 2], filters],
            says: "a window of 3 does not fit the 2 entries, padding included, of axis 3"),
        Misfit(
            name: "Conv", inputs: [image, filters], attributes: ["auto_pad": .string("SAME")], code: .invalidNode,
            says: "auto_pad SAME is not supported"),
        Misfit(
            name: "Conv", inputs: [image, bytes], code: .dtypeMismatch, says: "W is int8, but X is float32"),
        Misfit(name: "ConvInteger", inputs: [image, bytes], code: .dtypeMismatch, says: "x must be int8 or uint8"),
        Misfit(
            name: "ConvTranspose", inputs: [image, .weight([3, 2, 2, 2])],
            attributes: ["output_padding": .ints([3, 0])],
            says: "fewer than the stride 1"),
        Misfit(
            name: "ConvTranspose", inputs: [[1, 3, 2, 2], .weight([3, 2, 2, 2])],
            attributes: ["pads": .ints([3, 0, 0, 0])],
            says: "would have 0 entries"),
        Misfit(
            name: "Gemm", inputs: [[2, 3], .weight([4, 5])], says: "the input has 3 features, the weight takes 4"),
        Misfit(name: "Gemm", inputs: [[2, 3, 4], .weight([4, 5])], says: "flatten the input first"),
        Misfit(name: "MatMul", inputs: [[2, 3], [4, 5]], says: "the inner sizes 3 and 4 differ"),
        Misfit(name: "MatMul", inputs: [[2, 3, 4], [3, 4, 5]], says: "the batches do not broadcast"),
        Misfit(
            name: "InstanceNormalization", inputs: [[2, 3, 4], .weight([4]), .weight([3])],
            says: "scale has shape [4]; the input's 3 channels need [3]"),
        Misfit(
            name: "LayerNormalization", inputs: [[2, 3, 4], .weight([3])], says: "does not broadcast to [2, 3, 4]"),
        Misfit(
            name: "GroupNormalization", inputs: [[2, 3, 4], .weight([3]), .weight([3])],
            attributes: ["num_groups": .int(2)], says: "into 2 groups"),
        Misfit(name: "MaxPool", inputs: [image], says: "kernel_shape is missing"),
        Misfit(name: "GlobalAveragePool", inputs: [[2, 3]], says: "no spatial axes"),
        Misfit(name: "Softmax", inputs: [[2, 3]], attributes: ["axis": .int(2)], says: "axis 2 of a tensor of rank 2"),
        Misfit(name: "PRelu", inputs: [[2, 3], .weight([2])], says: "does not broadcast to [2, 3]"),
        Misfit(name: "Sigmoid", inputs: [.ints([1])], code: .dtypeMismatch, says: "floating-point numbers, not int64"),
        Misfit(name: "Resize", inputs: [image], says: "one of scales and sizes must be given"),
        Misfit(
            name: "Resize", inputs: [image, .absent, .data(TensorData([4], [1, 1, 2, 2] as [Float]))],
            code: .dynamicShape, says: "scales is computed while the model runs"),
        Misfit(
            name: "Resize", inputs: [image, .absent, .floats([1, 1, -2, 2])], says: "scales contains -2.0"),
    ]

    @Test(arguments: misfits) func `What does not fit is said`(_ misfit: Misfit) throws {
        let error = #expect(throws: GraphError.self) {
            try SingleNode(misfit.name, misfit.inputs, misfit.attributes)
        }
        #expect(error?.code == misfit.code)
        #expect(error?.message.contains(misfit.says) == true, "\(error?.message ?? "")")
    }

    @Test func `Settings without kernels are refused when the node is to run`() throws {
        func reason(_ name: String, _ inputs: [OperatorExample.Input], _ key: String, _ value: Attribute) throws
            -> String
        {
            let node = try SingleNode(name, inputs, [key: value])
            let error = #expect(throws: GraphError.self) { try node.definition.lowering(of: node.context) }
            return error?.message ?? ""
        }
        let resized: [OperatorExample.Input] = [Self.image, .absent, .floats([1, 1, 2, 2])]
        #expect(try reason("Resize", resized, "mode", .string("lanczos")).contains("mode lanczos"))
        #expect(try reason("Resize", resized, "nearest_mode", .string("up")).contains("nearest_mode up"))
        let lists = [OperatorExample.Input.absent, .data(TensorData([1, 3, 4], Array(0..<12) as [Int64]))]
        #expect(
            try reason("Resize", [lists[1], lists[0], .floats([1, 1, 2])], "mode", .string("linear")).contains("int64"))
    }
}
