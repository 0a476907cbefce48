import BantamGraph
import BantamONNX
import Testing

@Suite struct `Malformed ONNX files` {
    /// The file in `malformed/`, the error it must give, and what the message must name.
    static let rules: [(file: String, code: ONNXErrorCode, names: String)] = [
        ("empty_file", .corrupt, "empty"),
        ("truncated", .corrupt, "byte"),
        ("not_protobuf", .corrupt, "byte"),
        ("wire_type", .corrupt, "byte 0"),
        ("field_zero", .corrupt, "byte 0"),
        ("long_number", .corrupt, "byte 1"),
        ("length_past_end", .corrupt, "byte"),
        ("invalid_utf8", .corrupt, "invalidUTF8"),
        ("missing_graph", .missingGraph, "graph"),
        ("missing_opset", .unsupportedOpset, "7 to 24"),
        ("opset_6", .unsupportedOpset, "6"),
        ("opset_25", .unsupportedOpset, "25"),
        ("nested_graphs", .nestingTooDeep, "32"),

        ("unnamed_input", .missingName, "input"),
        ("unnamed_initializer", .missingName, "initializer"),
        ("duplicate_output", .duplicateValue, "output y"),
        ("duplicate_initializer", .duplicateValue, "initializer w"),
        ("undefined_value", .undefinedValue, "node relu (Relu): Its input nowhere"),
        ("undefined_output", .undefinedValue, "nowhere"),
        ("cycle", .cycle, "first (Add), second (Relu)"),
        ("missing_operator", .corrupt, "node relu"),

        ("input_without_shape", .invalidShape, "x"),
        ("input_too_large", .tensorTooLarge, "input x"),
        ("sequence_input", .unsupportedType, "input x"),
        ("string_input", .unsupportedType, "string"),

        ("negative_dimension", .invalidShape, "[2, -3]"),
        ("overflowing_shape", .tensorTooLarge, "initializer w"),
        ("too_many_axes", .invalidShape, "65"),
        ("raw_data_short", .dataSizeMismatch, "24 bytes; it has 20"),
        ("raw_data_long", .dataSizeMismatch, "24 bytes; it has 25"),
        ("int4_short", .dataSizeMismatch, "3 bytes; it has 2"),
        ("uint4_long", .dataSizeMismatch, "3 bytes; it has 5"),
        ("uint4_typed", .dataSizeMismatch, "5 numbers; its shape asks for 3"),
        ("typed_data_short", .dataSizeMismatch, "2 numbers; its shape asks for 3"),
        ("typed_data_wrong_field", .dataSizeMismatch, "0 numbers"),
        ("number_out_of_range", .dataOutOfRange, "300"),
        ("string_tensor", .unsupportedType, "string"),
        ("complex_tensor", .unsupportedType, "complex64"),
        ("unknown_element_type", .unsupportedType, "number 99"),
        ("sparse_tensor", .sparseTensor, "w"),

        ("duplicate_attribute", .invalidAttribute, "alpha"),
        ("unnamed_attribute", .invalidAttribute, "relu"),
        ("tensor_list_attribute", .invalidAttribute, "list"),
        ("attribute_text", .invalidAttribute, "text"),
        ("attribute_reference", .invalidAttribute, "alpha"),
        ("constant_without_value", .invalidAttribute, "Constant"),
        ("constant_of_text", .invalidAttribute, "value_string"),

        ("function_opset", .unsupportedFunction, "18"),
        ("function_calls_itself", .nestingTooDeep, "32"),
        ("function_calls_double", .tooManyNodes, "100000 times"),
        ("function_inputs", .unsupportedFunction, "call"),
        ("function_with_graph", .unsupportedFunction, "F"),

        ("external_parent", .externalPath, "../stored_raw.onnx"),
        ("external_hidden_parent", .externalPath, "weight"),
        ("external_absolute", .externalPath, "/etc/passwd"),
        ("external_missing", .externalData, "absent.bin"),
        ("external_folder", .externalPath, "initializer weight"),
        ("external_too_short", .externalData, "64 bytes at 0"),
        ("external_offset", .externalData, "not_protobuf.onnx"),
        ("external_length", .dataSizeMismatch, "64 bytes; it has 8"),
        ("external_number", .externalData, "many"),
        ("external_negative", .externalData, "-4"),
        ("external_without_location", .externalData, "weight"),
    ]

    @Test(arguments: rules.indices)
    func `A file that breaks a rule gives that rule's error, with file and place`(_ index: Int) throws {
        let rule = Self.rules[index]
        let path = Fixture.path("malformed/\(rule.file)")
        let error = try #require(throws: ONNXError.self) { try ONNXFile.read(path) }
        let text = "\(error)"
        #expect(error.code == rule.code, "\(text)")
        #expect(text.hasPrefix(path) && text.contains(rule.names), "\(text)")
        #expect(!text.contains("\n"))
    }

    @Test func `A missing file and a folder are named with the system's reason`() {
        for (path, reason) in [("/nowhere/model.onnx", "No such file"), (Fixture.folder, "not a file")] {
            let error = #expect(throws: ONNXError.self) { try ONNXFile.read(path) }
            #expect(error?.code == .unreadableFile)
            #expect(error.map { "\($0)".hasPrefix(path) && $0.message.contains(reason) } == true)
        }
    }

    @Test func `Each limit has its own error`() {
        expect(.fileTooLarge) { $0.fileBytes = ByteCount(100) }
        expect(.structureTooLarge) { $0.structureBytes = ByteCount(100) }
        expect(.tooManyNodes) { $0.nodes = 5 }
        expect(.tooManyTensors) { $0.tensors = 8 }
        expect(.tensorTooLarge) { $0.tensorElements = 100 }
        expect(.invalidShape) { $0.rank = 3 }
        expect(nil) { ($0.nodes, $0.tensors, $0.rank) = (6, 9, 4) }
    }

    private func expect(_ expected: ONNXErrorCode?, under restrict: (inout ONNXLimits) -> Void) {
        var limits = ONNXLimits()
        restrict(&limits)
        let path = Fixture.path("image_classifier")
        #expect(code { () throws(ONNXError) in try ONNXFile.read(path, limits: limits) } == expected)
    }

    @Test func `Functions that multiply are stopped by the limit on nodes`() {
        var limits = ONNXLimits()
        limits.nodes = 5
        #expect(
            code { () throws(ONNXError) in try ONNXFile.read(Fixture.path("functions"), limits: limits) }
                == .tooManyNodes)
    }
}
