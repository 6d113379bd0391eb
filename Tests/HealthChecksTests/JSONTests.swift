import Testing

@testable import HealthChecks

@Suite struct JSONTests {
    private let text = #"{"a": {"b": [1, -2.5e1, null]}, "q'": "\u00e9\ud83d\ude00\n", "": true, "é": 0}"#

    @Test(
        arguments: [
            ("$.a.b[0]", JSONValue.number(1)), ("$['a'][\"b\"][-2]", .number(-25)), ("$.a.b[2]", .null),
            (#"$['q\'']"#, .string("é😀\n")), ("$['']", .boolean(true)), ("$.é", .number(0)), ("$.a.b[3]", nil),
            ("$.a.b[-4]", nil), ("$.a.c", nil), ("$.a[0]", nil), ("$.a.b.c", nil),
        ] as [(String, JSONValue?)])
    func path(_ example: (path: String, value: JSONValue?)) throws {
        let root = try JSONParser.parse(Array(text.utf8))
        #expect(try JSONPath(text: example.path).value(in: root) == example.value)
    }

    @Test(arguments: [
        "", "a", ".a", "$.", "$a", "$..a", "$.*", "$[*]", "$[0:1]", "$[0,1]", "$[?@.a]", "$[01]", "$[-0]", "$['a]",
        "$.a b", "$ .a",
    ]) func notSingular(_ path: String) {
        #expect(throws: JSONPath.ParseError.self) { try JSONPath(text: path) }
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01", "1.", ".5", "+1", "NaN", "tru", "\"a", "\"\\x\"",
        "\"\\ud800\"", "1 2", "{a:1}", "'a'", "\"\t\"", "1e999",
    ]) func notJSON(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func depthIsBounded() {
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(Array(repeating: 0x5B, count: 100_000)) }
    }
}
