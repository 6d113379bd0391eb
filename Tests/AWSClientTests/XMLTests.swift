import Foundation
import Testing

@testable import AWSClient

@Suite("XML answers")
struct XMLTests {
    private func parse(_ text: String, chunk: Int = .max, limits: XMLLimits = XMLLimits()) throws(XMLFailure)
        -> AWSElement
    {
        let parser = XMLTreeParser(limits: limits)
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + min(chunk, bytes.count))
            try parser.feed(Array(bytes[start..<end]))
            start = end
        }
        return try parser.finish()
    }

    private func refusal(_ text: String, limits: XMLLimits = XMLLimits()) -> XMLFailure? {
        do throws(XMLFailure) {
            _ = try parse(text, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    private struct Case: Decodable {
        var xml: String
        var expected: [String: String]
    }

    private func flattened(_ element: AWSElement, at path: String, into result: inout [String: String]) {
        if element.children.isEmpty { result[path] = element.text }
        for (index, child) in element.children.enumerated() where !["unknownThing", "requestId"].contains(child.name) {
            flattened(child, at: child.name == "item" ? "\(path)/\(index)" : "\(path)/\(child.name)", into: &result)
        }
        // Elements that botocore does not know leave an empty one behind.
        if !element.children.isEmpty, element.children.allSatisfy({ $0.name == "unknownThing" }) { result[path] = "" }
    }

    @Test("Random answers are read as botocore reads them")
    func botocore() throws {
        let seed = Oracle.seed()
        let cases: [Case] = try Oracle.documents(["xml", "\(seed)", "400"])
        try #require(cases.count == 400)
        print("XMLTests: seed \(seed)")
        var fields = 0
        for item in cases {
            let root = try parse(item.xml, chunk: 7)
            var found: [String: String] = [:]
            flattened(root, at: "", into: &found)
            found[""] = nil
            fields += found.count
            #expect(found == item.expected, "seed \(seed)")
        }
        #expect(fields > 10_000)
    }

    @Test(
        "What is not well-formed or ends early is malformed",
        arguments: [
            "", " ", "<a>", "<a><b></a>", "<a/><b/>", "<a>&unknown;</a>", "<a x=1/>", "text", "<a>\u{1}</a>",
            "<a></a>tail",
            "<html><br></html>",
        ])
    func malformed(_ text: String) throws {
        guard case .malformed = try #require(refusal(text)) else {
            Issue.record("not malformed: \(text)")
            return
        }
    }

    @Test("Declarations are refused before anything is expanded")
    func laughs() throws {
        var entities = "<!ENTITY a0 \"ha\">"
        for level in 1...20 {
            entities += "<!ENTITY a\(level) \"" + String(repeating: "&a\(level - 1);", count: 10) + "\">"
        }
        for document in [
            "<!DOCTYPE r [\(entities)]><r>&a20;</r>", "<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r/>",
            "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>",
        ] {
            #expect(refusal(document) == .refused("it declares a document type"))
        }
    }

    @Test("Depth, names, texts and the whole are bounded")
    func bounds() {
        var limits = XMLLimits()
        limits.depth = 3
        limits.nameBytes = 5
        limits.textBytes = 10
        limits.totalBytes = 100
        #expect(refusal("<a><b><c/></b></a>", limits: limits) == nil)
        for text in [
            "<a><b><c><d/></c></b></a>", "<abcdef/>", "<a>12345678901</a>",
            "<a>" + String(repeating: " ", count: 100) + "</a>",
        ] {
            guard case .refused = refusal(text, limits: limits) else {
                Issue.record("not refused: \(text)")
                continue
            }
        }
    }

    @Test("Mixed text, namespaces, prefixes, comments and sections of characters")
    func details() throws {
        let root = try parse(
            "<p:a xmlns:p='u' xmlns='v'>x<b y='1'><![CDATA[<&]]>&#x41;<!-- c --></b>z<?pi?><p:c/></p:a>")
        #expect(
            root
                == AWSElement(
                    name: "a", children: [AWSElement(name: "b", text: "<&A"), AWSElement(name: "c")]))
    }

    @Test("Random damage never crashes, and every failure is told")
    func damage() throws {
        var random = SystemRandomNumberGenerator()
        let document = Array(SampleAnswer.document(instances: 3).utf8)
        for _ in 0..<2000 {
            var bytes = document
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            let parser = XMLTreeParser()
            do throws(XMLFailure) {
                try parser.feed(bytes)
                let root = try parser.finish()
                #expect(root.name.utf8.count <= 256)
            } catch {
                #expect("\(error)".isEmpty == false)
            }
        }
    }
}
