import Documents
import Testing

@Suite struct DocumentParserTests {
    static let wrong: [(text: String, place: String)] = [
        ("", "1:1 empty-document"),
        ("# nothing\n", "2:1 empty-document"),
        ("a: &x 1\n", "1:4 anchor"),
        ("a: [1]\nb: *a\n", "2:4 alias"),
        ("- &x [a]\n- *x\n", "1:3 anchor,2:3 alias"),
        ("a: {<<: *x}\n", "1:9 alias"),
        ("*x : 1\n", "1:1 alias"),
        ("&a a: 1\n", "1:1 anchor"),
        ("a: !!str 1\n", "1:4 tag"),
        ("a: !secret x\n", "1:4 tag"),
        ("!!map\na: 1\n", "1:1 tag"),
        ("a: 1\n---\nb: 1\n", "2:1 multiple-documents"),
        ("---\n--- \n", "2:1 multiple-documents"),
        ("%YAML 1.1\n---\na: 1\n", "1:1 syntax"),
        ("a: 1\nb: 2\na: 3\n", "3:1 duplicate-key"),
        ("a: 1\n\"a\": 3\n", "2:1 duplicate-key"),
        ("x: {a: 1, a: 2, a: 3}\n", "1:11 duplicate-key,1:17 duplicate-key"),
        ("? [a]\n: 1\n", "1:3 complex-key"),
        ("a: [1\n", "2:1 syntax"),
        ("a: \"b\n", "2:1 syntax"),
        ("a: b: c\n", "1:5 syntax"),
        ("a:\n\t- b\n", "2:1 syntax"),
        ("a: 1\n  b: 2\n", "2:4 syntax"),
        ("a: @b\n", "1:4 syntax"),
    ]

    @Test(arguments: wrong) func wrongDocument(_ example: (text: String, place: String)) {
        #expect(places(in: Array(example.text.utf8)) == example.place)
    }

    @Test func harmlessMarksAreNotAliases() throws {
        let text = """
            # *x &y !!z
            plain: a *b &c !d
            quoted: "*x &y"
            single: '&a *a'
            literal: |
              *x
              &y !!str
            folded: >
              *z
            """
        let root = try DocumentParser.parse(text: text, path: "f").root
        #expect(root["plain"]?.content == .scalar(DocumentScalar("a *b &c !d", style: .plain)))
        #expect(root["quoted"]?.content == .scalar(DocumentScalar("*x &y", style: .quoted)))
        #expect(root["single"]?.content == .scalar(DocumentScalar("&a *a", style: .quoted)))
        #expect(root["literal"]?.content == .scalar(DocumentScalar("*x\n&y !!str\n", style: .block)))
        #expect(root["folded"]?.mark == DocumentMark(line: 8, column: 9))
    }

    @Test func expansionBombIsRefusedWithoutExpanding() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...40 {
            let aliases = repeatElement("*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(places(in: Array(text.utf8)).hasPrefix("1:5 anchor,2:5 anchor,2:10 alias"))
    }

    @Test func sizeAndEncoding() {
        #expect(places(in: Array(repeating: 0x20, count: 256 * 1024 + 1)) == "1:1 too-large")
        #expect(places(in: Array(repeating: 0x23, count: 256 * 1024)) == "2:1 empty-document")
        #expect(places(in: Array("a: 1\nü: ".utf8) + [0xFF, 0x0A]) == "2:4 not-utf8")
        #expect(places(in: [0xEF, 0xBB, 0xBF] + Array("a: 1\na: 1".utf8)) == "2:1 duplicate-key")
        #expect(places(in: Array("a: \u{0}\n".utf8)).hasSuffix("syntax"))
    }

    @Test func nestingIsBounded() {
        let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(places(in: Array(deep.utf8)) == "")
        #expect(places(in: Array("[\(deep)]".utf8)) == "1:33 nesting")
        // The YAML library has a bound of its own, which it reports before the first event.
        #expect(places(in: Array(repeating: UInt8(ascii: "["), count: 200_000)) == "1:1 syntax")
        #expect(places(in: Array(String(repeating: "{a: ", count: 60_000).utf8)).hasSuffix("nesting"))
    }

    @Test func duplicateNamesBothPlaces() throws {
        let error = #expect(throws: DocumentErrors.self) {
            try DocumentParser.parse(text: "x:\n  a: 1\n  b: 1\n  a: 2\n", path: "f.yaml")
        }
        let message =
            "f.yaml:4:3: the key \"a\" occurs twice; the first is at 2:3; remove one of the two [duplicate-key]"
        #expect(error?.description == message)
    }

    private func places(in bytes: [UInt8]) -> String {
        do throws(DocumentErrors) {
            _ = try DocumentParser.parse(bytes: bytes, path: "f")
            return ""
        } catch {
            return error.errors.map { "\($0.line):\($0.column) \($0.code.rawValue)" }.joined(separator: ",")
        }
    }
}
