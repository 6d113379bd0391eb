import Foundation
import Synchronization
import TestSupport
import Testing

/// `check run`, `record`, `replay`, `test` and their like, as a person or a script uses them, against a real server.
@Suite("The verbs of checks", .timeLimit(.minutes(5)))
struct CheckVerbTests {
    static let secret = "s3cret-of-the-shop"
    static let checks = """
        apiVersion: changeover/v1
        kind: HealthCheck
        metadata: {name: web}
        defaults: {interval: 100ms, startupGrace: 0s, stableFor: 200ms, deadline: 10s}
        checks:
          - id: front
            http: {port: PORT, headers: {x-token: "${file:token}"}}
            assert:
              - status: {in: [200, 204]}
              - json: {path: $.greeting, equals: Welcome}
              - json: {path: $.load, warning: "~:5"}

        """

    /// A site that says back what it was sent, secrets included.
    final class Site: Sendable {
        private let shared: SharedState
        private let server: LoopbackServer

        init() throws {
            let state = SharedState()
            shared = state
            server = try LoopbackServer { state.reply(to: $0) }
        }

        deinit { server.stop() }

        var port: Int { server.port }
        var tokens: [String] { shared.tokens }

        func answer(status: Int = 200, load: Int = 1) { shared.set(status, load) }
    }

    /// What the server's threads share with the test.
    final class SharedState: Sendable {
        private let state = Mutex((status: 200, load: 1, tokens: [String]()))

        var tokens: [String] { state.withLock { $0.tokens } }

        func set(_ status: Int, _ load: Int) {
            state.withLock { ($0.status, $0.load) = (status, load) }
        }

        func reply(to message: HTTPMessage) -> LoopbackServer.Reply {
            let token = message.fields.first { $0.name.lowercased() == "x-token" }?.value ?? ""
            let (status, load) = state.withLock { state in
                state.tokens.append(token)
                return (state.status, state.load)
            }
            let fields = [HTTPMessage.Field("Set-Cookie", "session=0123456789; HttpOnly")]
            let body = "{\"greeting\":\"Welcome\",\"load\":\(load),\"echo\":\"\(token)\"}"
            return .answer(HTTPAnswer(status: status, fields: fields, body: Array(body.utf8)))
        }
    }

    private func folder(_ site: Site) throws -> Folder {
        let folder = try Folder()
        try folder.write(Self.checks.replacing("PORT", with: String(site.port)), to: "web.yaml")
        try folder.write(Self.secret + "\n", to: "token")
        return folder
    }

    private func check(_ words: String..., in folder: Folder) async throws -> Ran {
        try await Ran.changeover(["check"] + words, in: folder)
    }

    private static let target = ["--target", "127.0.0.1", "--allow-loopback"]

    private func run(_ words: String..., in folder: Folder) async throws -> Ran {
        try await Ran.changeover(["check", "run", "web.yaml"] + Self.target + words, in: folder)
    }

    @Test("The exit code is that of a plugin: 0 pass, 1 warning, 2 fail, 3 inconclusive")
    func exitCodes() async throws {
        let site = try Site()
        let folder = try folder(site)
        let passed = try await run(in: folder)
        #expect(passed.exitCode == 0, "\(passed.errors)")
        #expect(passed.output.contains("web/front: ") && passed.output.contains("all") == false)
        #expect(passed.errors.contains("1 of 3 passes"), "no progress was shown")
        site.answer(load: 9)
        #expect(try await run(in: folder).exitCode == 1)
        site.answer(status: 503)
        let failed = try await run(in: folder)
        #expect(failed.exitCode == 2)
        #expect(failed.output.contains("assertion:0, status 503, expected status 200, 204"), "\(failed.output)")
        let refused = try await check("run", "web.yaml", "--target", "127.0.0.1", in: folder)
        #expect(refused.exitCode == 3)
        #expect(refused.output.contains("is a loopback address"))
        #expect(Set(site.tokens) == [Self.secret])
    }

    @Test("Every format is written, with the same exit code")
    func formats() async throws {
        let site = try Site()
        site.answer(status: 500)
        let folder = try folder(site)
        let beginnings = [
            "json": "{", "junit": "<?xml", "tap": "TAP version 13\n1..1\n", "nagios": "HEALTH CRITICAL - ",
            "prometheus": "# HELP ", "human": "fail",
        ]
        for (format, beginning) in beginnings {
            let ran = try await run("--once", "--format", format, in: folder)
            #expect(ran.exitCode == 2, "\(format)")
            #expect(ran.output.hasPrefix(beginning), "\(format): \(ran.output)")
            #expect(!ran.output.contains(Self.secret) && !ran.errors.contains(Self.secret))
        }
    }

    @Test("A recording replays to the same bytes, holds no secret, and judges changed files anew")
    func recording() async throws {
        let site = try Site()
        let folder = try folder(site)
        let words = ["check", "record", "web.yaml", "--into", "web.json", "--output", "json"] + Self.target
        let recorded = try await Ran.changeover(words, in: folder)
        #expect(recorded.exitCode == 0, "\(recorded.errors)")
        let cassette = try String(contentsOfFile: folder.path + "/web.json", encoding: .utf8)
        #expect(!cassette.contains(Self.secret) && !cassette.contains("0123456789"))
        try FileManager.default.removeItem(atPath: folder.path + "/token")
        let replayed = try await check("replay", "web.json", "--output", "json", in: folder)
        #expect(replayed.exitCode == 0 && replayed.output == recorded.output)
        #expect(try await Ran.changeover(words, in: folder).exitCode == 64, "the recording was overwritten")

        let stricter = Self.checks.replacing("200, 204", with: "204").replacing("PORT", with: String(site.port))
        try folder.write(stricter, to: "strict.yaml")
        let judged = try await check("replay", "web.json", "strict.yaml", in: folder)
        #expect(judged.exitCode == 2 && judged.output.contains("status 200, expected status 204"), "\(judged.output)")

        // The recording holds no answer of another port.
        try folder.write(Self.checks.replacing("PORT", with: "9"), to: "other.yaml")
        let other = try await check("replay", "web.json", "other.yaml", in: folder)
        #expect(other.exitCode == 3 && other.output.contains("the recording ends"), "\(other.output)")

        try folder.write(cassette.replacing("\\\"Welcome\\\"", with: "\\\"Farewell\\\""), to: "changed.json")
        let changed = try await check("replay", "changed.json", in: folder)
        #expect(changed.exitCode == 1 && changed.errors.contains("gives other results than it holds"))
        try folder.write("{}", to: "none.json")
        let none = try await check("replay", "none.json", in: folder)
        #expect(none.exitCode == 64 && none.errors.contains("none.json:1:1: this is no recording"))
    }

    @Test("Tests of check files: 0 when all pass, 1 when one does not, 64 for a wrong file")
    func tests() async throws {
        let folder = try folder(Site())
        func write(_ verdict: String) throws {
            try folder.write(
                """
                apiVersion: changeover/v1
                kind: HealthCheckTest
                cases:
                  - name: answers
                    answers: {front: [{status: 200, body: '{"greeting": "Welcome", "load": 1}'}]}
                    expect: {verdict: \(verdict)}

                """, to: "web.test.yaml")
        }
        try write("pass")
        let passed = try await check("test", ".", in: folder)
        #expect(passed.exitCode == 0 && passed.output.contains("1 cases in 1 files, 0 failed."), "\(passed.errors)")
        try write("fail")
        let failed = try await check("test", "web.test.yaml", in: folder)
        #expect(failed.exitCode == 1 && failed.output.contains("the verdict is pass, expected fail"))
        try write("passed")
        let wrong = try await check("test", "web.test.yaml", in: folder)
        #expect(wrong.exitCode == 64 && wrong.errors.contains("web.test.yaml:6:23:"), "\(wrong.errors)")
    }

    @Test("What is missing or wrong is said, with 64")
    func refusals() async throws {
        let folder = try folder(Site())
        let cases: [(words: [String], fragment: String)] = [
            (["run", "none.yaml", "--target", "192.0.2.1"], "there is no such file"),
            (["run", "web.yaml"], "--target"),
            (["run", "web.yaml", "--target", "web-1"], "there is no configuration"),
            (["run", "web.yaml", "--target", "192.0.2.1", "--phase", "verfy"], "the phases are"),
            (["run", "web.yaml", "--target", "192.0.2.1", "--format", "xml"], "xml"),
            (["test", "empty"], "empty"),
            (["replay", "none.json"], "there is no such file"),
            (["record", "web.yaml", "--target", "192.0.2.1", "--into", "no/where.json"], "there is no folder"),
        ]
        for (words, fragment) in cases {
            let ran = try await Ran.changeover(["check"] + words, in: folder)
            #expect(ran.exitCode == 64, "\(words): \(ran.errors)")
            #expect(ran.errors.contains(fragment), "\(words): \(ran.errors)")
        }
    }

    @Test("Schema, reference, list and a first file")
    func authoring() async throws {
        let folder = try folder(Site())
        let schema = try await check("schema", in: folder)
        let parsed = try JSONSerialization.jsonObject(with: Data(schema.output.utf8)) as? [String: Any]
        #expect(parsed?["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
        #expect(try await check("docs", in: folder).output.hasPrefix("# Health checks: reference\n"))
        let list = try await check("list", "web.yaml", in: folder)
        #expect(list.exitCode == 0 && list.output.contains("web/front") && list.output.contains("http"))
        #expect(try await check("new", "--into", "new.yaml", in: folder).exitCode == 0)
        #expect(try await check("lint", "new.yaml", in: folder).exitCode == 0)
        #expect(try await check("new", "--into", "new.yaml", in: folder).exitCode != 0)
        let explained = try await check("explain", "web.yaml", in: folder)
        #expect(explained.output.contains("at the latest after 10s"), "\(explained.output)")
    }
}
