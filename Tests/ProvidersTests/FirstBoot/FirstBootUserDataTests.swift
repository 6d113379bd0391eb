import Foundation
import Testing
import Workflow

@testable import Providers

/// Runs a Python program on some bytes and returns what it prints.
func python(_ program: String, _ input: [UInt8]) async throws -> String {
    let result = try await ControllerCommandRunner().run(
        Command(["python3", "-c", program], input: Data(input).base64EncodedString(), timeout: .seconds(30)))
    try #require(result.exitCode == 0, "\(result.errorOutput)")
    return result.output
}

private func merging(_ operators: [UInt8], _ patch: PatchPolicy) throws(UserDataError) -> [UInt8]? {
    try FirstBootUserData.merging(operators, patch: patch, limitBytes: FirstBootUserData.limitBytesOfEC2)
}

@Suite("User data with our first boot, read by Python's own parsers")
struct FirstBootUserDataTests {
    /// Reads as cloud-init does: decompresses, parses, walks through all parts.
    private static let walk = """
        import base64, email, gzip, json, sys
        data = base64.b64decode(sys.stdin.read())
        if data[:2] == b"\\x1f\\x8b": data = gzip.decompress(data)
        assert b"mime-version:" in data[:4096].lower()
        parts = []
        for part in email.message_from_string(data.decode("utf-8")).walk():
            if part.get_content_maintype() == "multipart": continue
            assert not part.defects, part.defects
            content = base64.b64encode(part.get_payload(decode=True)).decode()
            parts.append({"type": part.get_content_type(), "name": part.get_filename() or "", "content": content})
        print(json.dumps(parts))
        """

    private struct Part: Decodable {
        var type: String
        var name: String
        var content: Data
    }

    private func parts(_ operators: [UInt8], patch: PatchPolicy = PatchPolicy()) async throws -> [Part] {
        let merged = try #require(try merging(operators, patch))
        #expect(merged.count <= FirstBootUserData.limitBytesOfEC2)
        return try JSONDecoder().decode([Part].self, from: Data(try await python(Self.walk, merged).utf8))
    }

    private var script: Data { Data(FirstBootScript(policy: PatchPolicy()).text.utf8) }

    @Test(
        "The operator's part comes first, unchanged, with the type that its beginning says",
        arguments: [
            ("#!/bin/sh\necho hello\n", "text/x-shellscript"), ("#!/bin/sh\necho no line feed", "text/x-shellscript"),
            ("#cloud-config\npackages: [nginx]\n", "text/cloud-config"),
            ("#cloud-config\nä: ü\r\n", "text/cloud-config"),
            ("#include\nhttps://example.org/x\n", "text/x-include-url"),
            ("#cloud-boothook\n#!/bin/sh\ntrue\n", "text/cloud-boothook"),
            ("#part-handler\npass\n", "text/part-handler"),
            ("#cloud-config-archive\n- a\n", "text/cloud-config-archive"),
            ("## template: jinja\n#cloud-config\n", "text/jinja2"),
            ("#!/bin/sh\n# " + String(repeating: "x", count: 2000) + "\n", "text/x-shellscript"),
        ])
    func single(_ text: String, _ type: String) async throws {
        let parts = try await parts(Array(text.utf8))
        try #require(parts.count == 2)
        #expect(parts[0].type == type)
        #expect(parts[0].content == Data(text.utf8))
        #expect(parts[1].type == "text/x-shellscript")
        #expect(parts[1].name == FirstBootUserData.scriptName)
        #expect(parts[1].content == script)
    }

    @Test("A replacement that is replaced in its turn has our part once, or not at all", arguments: [false, true])
    func generations(isLarge: Bool) async throws {
        let filler = isLarge ? (0..<3000).map { "# \($0)\n" }.joined() : ""
        let own = Array("#!/bin/sh\n\(filler)echo hello\n".utf8)
        let first = try #require(try merging(own, PatchPolicy()))
        let second = try await parts(first)
        #expect(second.map(\.content) == [Data(own), script])
        let third = try await parts(first, patch: PatchPolicy(scope: .none))
        #expect(third.map(\.content) == [Data(own)])
        let alone = try #require(try merging([], PatchPolicy()))
        #expect(try merging(alone, PatchPolicy(scope: .none)) == nil)
        #expect(try merging(alone, PatchPolicy()) == alone)
    }

    @Test("Without user data there is ours alone")
    func alone() async throws {
        for empty in ["", "\n \n"] {
            let parts = try await parts(Array(empty.utf8))
            #expect(parts.map(\.content) == [script])
        }
    }

    private let message = """
        Content-Type: multipart/mixed; boundary="==b=="
        MIME-Version: 1.0

        --==b==
        Content-Type: text/cloud-config; charset="us-ascii"

        #cloud-config
        a: 1
        --==b==
        Content-Type: text/x-shellscript; charset="us-ascii"
        Content-Disposition: attachment; filename="own.sh"

        #!/bin/sh
        echo own
        --==b==--

        """

    @Test("Several parts of the operator all stay, compressed or not", arguments: [false, true])
    func several(_ isCompressed: Bool) async throws {
        var bytes = Array(message.utf8)
        if isCompressed {
            let program = """
                import base64, gzip, sys
                print(base64.b64encode(gzip.compress(base64.b64decode(sys.stdin.read()), 9)).decode(), end="")
                """
            bytes = [UInt8](try #require(Data(base64Encoded: try await python(program, bytes))))
        }
        let parts = try await parts(bytes)
        #expect(parts.map(\.type) == ["text/cloud-config", "text/x-shellscript", "text/x-shellscript"])
        #expect(parts.map(\.name) == ["", "own.sh", FirstBootUserData.scriptName])
        #expect(String(decoding: parts[1].content, as: UTF8.self).hasPrefix("#!/bin/sh\necho own"))
    }

    @Test("Where nothing is patched the operator's user data is sent as it is")
    func none() throws {
        let patch = PatchPolicy(scope: .none)
        #expect(try merging([1, 2, 3], patch) == [1, 2, 3])
        #expect(try merging([], patch) == nil)
    }

    @Test(
        "What cannot be merged is refused without showing it",
        arguments: [
            Array("<powershell>secret</powershell>".utf8), Array("secret".utf8), [0x1F, 0x8B, 8, 0, 1, 2, 3, 4],
        ])
    func refused(_ bytes: [UInt8]) throws {
        let error = #expect(throws: UserDataError.self) {
            try merging(bytes, PatchPolicy())
        }
        #expect(error?.detail.contains("secret") == false)
    }

    @Test("Large user data is compressed, and refused when that is not enough")
    func large() async throws {
        let repetitive = "#!/bin/sh\n" + String(repeating: "echo the same line again\n", count: 1000)
        let merged = try #require(try merging(Array(repetitive.utf8), PatchPolicy()))
        #expect(merged.starts(with: [0x1F, 0x8B]))
        #expect(try await parts(Array(repetitive.utf8))[0].content == Data(repetitive.utf8))
        var state: UInt64 = 1
        let noise = (0..<16_000).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        #expect(throws: UserDataError.self) {
            try merging(Array("#!/bin/sh\n".utf8) + noise, PatchPolicy())
        }
    }

    @Test("Gzip: Python reads ours, and we read Python's, at every level", arguments: [0, 1, 6, 9])
    func gzip(_ level: Int) async throws {
        let text = Array(FirstBootScript(policy: PatchPolicy()).text.utf8)
        // What repeats only from further away than a distance reaches.
        let far = text.prefix(200) + [UInt8](repeating: 0, count: 40_000) + text.prefix(200)
        let samples: [[UInt8]] = [
            Array(far),
            [], [7], text, text + text, [UInt8](repeating: 0, count: 100_000), (0..<70_000).map { UInt8($0 % 251) },
        ]
        for sample in samples {
            let read =
                "import base64, gzip, sys; sys.stdout.write(base64.b64encode(gzip.decompress("
                + "base64.b64decode(sys.stdin.read()))).decode())"
            #expect(Data(base64Encoded: try await python(read, Gzip.compress(sample))) == Data(sample))
            let write =
                "import base64, gzip, sys; sys.stdout.write(base64.b64encode(gzip.compress("
                + "base64.b64decode(sys.stdin.read()), \(level))).decode())"
            let theirs = [UInt8](try #require(Data(base64Encoded: try await python(write, sample))))
            #expect(Gzip.decompress(theirs, limitBytes: 1 << 20) == sample)
            var damaged = theirs
            damaged[damaged.count - 5] ^= 1
            #expect(Gzip.decompress(damaged, limitBytes: 1 << 20) == nil)
            if !sample.isEmpty { #expect(Gzip.decompress(theirs, limitBytes: sample.count - 1) == nil) }
        }
    }
}
