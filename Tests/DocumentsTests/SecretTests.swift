import Documents
import Testing

@Suite struct SecretTests {
    private let resolver = SecretResolver(
        environment: { ["TOKEN": "hunter2", "EMPTY": ""][$0] },
        file: { ["/etc/checks/pass": Array("s3cret\n".utf8), "/abs": [0xFF]][$0] })

    @Test func resolvesTexts() throws {
        let text = try #require(SecretText(text: "Bearer ${env:TOKEN}/${file:pass}"))
        #expect(text.references == [.environment("TOKEN"), .file("pass")])
        #expect(text.description == "Bearer ${env:TOKEN}/${file:pass}")
        #expect(try resolver.resolve(text, documentPath: "/etc/checks/web.yaml") == "Bearer hunter2/s3cret")
    }

    @Test(arguments: ["${env:}", "${env:A-B}", "${vault:x}", "${env:A", "a ${ b"]) func refusesHalfReferences(
        _ text: String
    ) {
        #expect(SecretText(text: text) == nil)
    }

    @Test func saysWhichIsMissing() {
        #expect(throws: SecretError(.unset, reference: .environment("NONE"))) {
            try resolver.resolve(.environment("NONE"), documentPath: "f")
        }
        #expect(throws: SecretError(.unset, reference: .environment("EMPTY"))) {
            try resolver.resolve(.environment("EMPTY"), documentPath: "f")
        }
        #expect(throws: SecretError(.unreadable, reference: .file("/abs"))) {
            try resolver.resolve(.file("/abs"), documentPath: "f")
        }
    }

    @Test func redactsLongestFirst() {
        let redactor = Redactor(["abc", "abcdef"]).adding(["line-one-1\nline-two-2", ""])
        #expect(redactor.redact("x abcdef y abc") == "x [redacted] y [redacted]")
        #expect(redactor.redact("saw line-two-2") == "saw [redacted]")
        #expect(Redactor().redact("abc") == "abc")
    }
}
