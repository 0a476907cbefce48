import BantamReport
import FoundationEssentials
import Testing

@Suite struct JSONValueTests {
    private func decoded(_ json: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
    }

    @Test(
        arguments: [
            ("null", .null), ("true", .bool(true)), ("1", .int(1)), ("-7", .int(-7)), ("0.5", .double(0.5)),
            ("1e300", .double(1e300)), ("\"1\"", .string("1")), ("[]", .array([])), ("{}", .object([:])),
            ("[1,[null,false]]", .array([.int(1), .array([.null, .bool(false)])])),
            ("{\"a\":{\"b\":[0.25]}}", .object(["a": .object(["b": .array([.double(0.25)])])])),
        ] as [(String, JSONValue)])
    func `Each kind is told from the others, and written as it was read`(json: String, value: JSONValue) throws {
        #expect(try decoded(json) == value)
        let written = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        #expect(try decoded(written) == value)
    }

    @Test func `It holds what a plan encodes`() throws {
        struct Plan: Codable, Equatable {
            var sparsity: Double
            var layers: [String: Int?]
        }
        let plan = Plan(sparsity: 0.8, layers: ["conv1": 8, "conv2": nil])
        let value = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(plan))
        #expect(try JSONDecoder().decode(Plan.self, from: JSONEncoder().encode(value)) == plan)
    }

    @Test(arguments: ["", "[1", "nul"]) func `What is no JSON is refused`(text: String) {
        #expect(throws: DecodingError.self) { try decoded(text) }
    }
}
