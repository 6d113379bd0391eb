import CurlTransport
import Foundation
import LXDClient
import TestSupport
import Testing
import Workflow

/// The real daemon that `scripts/lxd-lab` starts.
enum Lab {
    static func client() throws -> LXDClient {
        let settings = LXDSettings(endpoint: .socket(try #require(RealLXD.socket)))
        return LXDClient(settings: settings, transport: try CurlTransport(), clock: RealClock())
    }

    static func state(_ action: String) -> LXDValue {
        .object(["action": .text(action), "timeout": .integer(30), "force": .boolean(action == "stop")])
    }

    /// Runs a body with an instance, and deletes it whatever happens.
    static func withInstance(isRunning: Bool, _ body: (LXDClient, String) async throws -> Void) async throws {
        let (client, name) = (try client(), uniqueName())
        let source = LXDValue.object(["type": .text("image"), "alias": .text("changeover-debian")])
        try await client.perform(
            .post, LXDResource("instances"), .object(["name": .text(name), "source": source]), within: .minutes(2))
        let result: Result<Void, any Error>
        do {
            if isRunning {
                try await client.perform(
                    .put, LXDResource("instances", name, "state"), state("start"), within: .minutes(1))
            }
            result = .success(try await body(client, name))
        } catch {
            result = .failure(error)
        }
        if try await client.instance(name)?.value.status == "Running" {
            try await client.perform(.put, LXDResource("instances", name, "state"), state("stop"), within: .minutes(1))
        }
        try await client.perform(.delete, .instance(name), within: .minutes(1))
        #expect(try await client.instance(name)?.value == nil)
        try result.get()
    }
}

@Suite(
    "LXD client, on a real daemon", .serialized, .timeLimit(.minutes(5)),
    .enabled(if: RealLXD.isThere, Comment(rawValue: RealLXD.absence)))
struct LiveTests {
    @Test func factsOfTheServer() async throws {
        let server = try await Lab.client().server()
        #expect(server.authentication == "trusted")
        #expect(server.extensions.isSuperset(of: ["instance_get_full", "etag", "container_exec_recording"]))
    }

    @Test func commandsAndFilesOfAnInstance() async throws {
        try await Lab.withInstance(isRunning: true) { client, name in
            let reading = try #require(try await client.instance(name))
            #expect(reading.value.status == "Running")
            #expect(reading.value.state?.status == "Running")
            #expect(reading.version != nil)
            try await runs(client, name)
            try await client.write(LXDFile("/root/new", content: Array("text".utf8), mode: 0o600), to: name)
            try await client.write(LXDFile("/root/folder", content: [], mode: 0o700, kind: .directory), to: name)
            try await client.write(
                LXDFile("/root/link", content: Array("/root/new".utf8), mode: 0o777, kind: .symlink), to: name)
            #expect(try await client.file("/root/new", of: name, limitBytes: 3) == Array("tex".utf8))
            let link = try await client.file("/root/link", of: name, limitBytes: 100)
            #expect(link.map { String(decoding: $0, as: UTF8.self) } == "/root/new")
            #expect(try await client.file("/root/none", of: name, limitBytes: 3) == nil)
            let folder = try await failure { () async throws(LXDError) in
                try await client.file("/root/folder", of: name, limitBytes: 3)
            }
            #expect(folder.code == .invalidRequest)
        }
    }

    /// Runs a command with input and both outputs over web sockets.
    private func runs(_ client: LXDClient, _ name: String) async throws {
        let script = "read line; echo got $line; head -c 3000000 /dev/zero; echo to err >&2; exit 3"
        let operation = try #require(
            try await client.send(
                .post, LXDResource("instances", name, "exec"),
                .object([
                    "command": .list(["sh", "-c", script].map { .text($0) }), "wait-for-websocket": .boolean(true),
                    "interactive": .boolean(false),
                ]), version: nil))
        guard case .object(let metadata) = operation.metadata, case .object(let secrets) = metadata["fds"] else {
            Issue.record("no web sockets")
            return
        }
        var sockets: [String: any LXDSocket] = [:]
        for key in ["control", "0", "1", "2"] {
            guard case .text(let secret) = secrets[key] else { continue }
            sockets[key] = try await client.socket(of: operation, secret: secret)
        }
        try await sockets["0"]?.send(Array("this\n".utf8), isText: false)
        var output: [String: [UInt8]] = [:]
        for key in ["1", "2"] {
            while let bytes = try await sockets[key]?.receive(), !bytes.isEmpty { output[key, default: []] += bytes }
        }
        #expect(output["1"]?.count == 3_000_000 + 9)
        #expect(output["1"]?.starts(with: Array("got this\n".utf8)) == true)
        #expect(output["2"] == Array("to err\n".utf8))
        let ended = try await client.finish(operation, within: .seconds(30))
        guard case .object(let facts) = ended.metadata else { return }
        #expect(facts["return"] == .integer(3))
        // LXD drops the connections without a close frame.
        for socket in sockets.values {
            #expect(try await socket.receive() == nil)
            await socket.close()
        }
        guard case .text(let used) = secrets["1"] else { return }
        let again = try await failure { () async throws(LXDError) in
            try await client.socket(of: operation, secret: used).receive()
        }
        #expect([.notFound, .forbidden, .invalidRequest, .failed].contains(again.code))
    }

    @Test func operationsThatFail() async throws {
        try await Lab.withInstance(isRunning: true) { client, name in
            let start = try await failure { () async throws(LXDError) in
                try await client.perform(
                    .put, LXDResource("instances", name, "state"), Lab.state("start"), within: .seconds(30))
            }
            #expect(start.code == .failed)
            #expect(start.detail == "The instance is already running")
            let delete = try await failure { () async throws(LXDError) in
                try await client.perform(.delete, .instance(name), within: .seconds(30))
            }
            #expect(delete.code == .invalidRequest)
        }
        let client = try Lab.client()
        let missing = try await failure { () async throws(LXDError) in
            try await client.finish(
                LXDOperation(id: "00000000-0000-0000-0000-000000000000", statusCode: 103), within: .seconds(5))
        }
        #expect(missing.code == .unavailable && missing.isUncertain)
    }

    @Test func twoWriters() async throws {
        try await Lab.withInstance(isRunning: false) { client, name in
            let reading = try #require(try await client.instance(name))
            let other = try Lab.client()
            #expect(
                try await other.edit(name, within: .seconds(30)) {
                    $0.config["user.other"] = "1"; return true
                })
            let outdated = try await failure { () async throws(LXDError) in
                try await client.perform(
                    .put, .instance(name), LXDDefinition(reading.value).value, version: reading.version,
                    within: .seconds(30))
            }
            #expect(outdated.code == .conflict)
            // Each adds to what the others wrote; none is lost.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        try await Lab.client().edit(name, within: .seconds(30)) { definition in
                            definition.config["user.\(number)"] = "x"
                            return true
                        }
                    }
                }
                try await group.waitForAll()
            }
            let config = try #require(try await client.instance(name)).value.config
            #expect(Set(config.keys).isSuperset(of: ["user.other", "user.0", "user.1", "user.2", "user.3"]))
            #expect(config["volatile.uuid"] == reading.value.config["volatile.uuid"])
        }
    }

    @Test func volatileKeysMayNotBeLeftOut() async throws {
        try await Lab.withInstance(isRunning: true) { client, name in
            let error = try await failure { () async throws(LXDError) in
                try await client.edit(name, within: .seconds(30)) { definition in
                    definition.config = definition.config.filter { !$0.key.hasPrefix("volatile.") }
                    return true
                }
            }
            #expect(error.code == .failed)
            #expect(
                try await client.edit(name, within: .seconds(30)) {
                    $0.config["user.a"] = "b"; return true
                })
        }
    }

    @Test func overHTTPS() async throws {
        let port = try ScriptedServer.freePort()
        let client = try Lab.client()
        func listen(_ address: String) async throws {
            try await client.perform(
                .patch, .server, .object(["config": .texts(["core.https_address": address])]), within: .seconds(30))
        }
        let files = try ScriptedServer.shared
        let certificate = files.file("lab.crt")
        try FileManager.default.copyItem(
            atPath: RealLXD.folder + "/server.crt", toPath: certificate)
        try await listen("127.0.0.1:\(port)")
        do {
            try await asksOverHTTPS(client, files, url: "https://127.0.0.1:\(port)", certificate)
        } catch {
            try await listen("")
            throw error
        }
        try await listen("")
    }

    private func asksOverHTTPS(
        _ client: LXDClient, _ files: ScriptedServer, url: String, _ certificate: String
    ) async throws {
        let remote = try files.remote(url, server: certificate)
        let untrusted = try await failure { () async throws(LXDError) in try await remote.server() }
        #expect(untrusted.code == .untrustedClient)
        let denied = try await failure { () async throws(LXDError) in try await remote.instance("x")?.version }
        #expect(denied.code == .untrustedClient)
        let pem = try String(contentsOfFile: files.file("client.crt"), encoding: .utf8)
        let base64 = pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
        let name = uniqueName()
        try await client.perform(
            .post, LXDResource("certificates"),
            .object(["type": .text("client"), "name": .text(name), "certificate": .text(base64)]), within: .seconds(30))
        let result: Result<Void, any Error>
        do {
            #expect(try await remote.server().authentication == "trusted")
            #expect(try await remote.instance(uniqueName())?.value == nil)
            let stranger = try files.remote(
                url, certificate: "stranger.crt", key: "stranger.key", server: certificate)
            let error = try await failure { () async throws(LXDError) in try await stranger.server() }
            #expect(error.code == .untrustedClient)
            let elsewhere = try files.remote(url)
            let wrong = try await failure { () async throws(LXDError) in try await elsewhere.server() }
            #expect(wrong.code == .untrustedServer)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        let trusted = try await client.read(LXDResource("certificates", query: ["recursion": "1"]), as: [Trusted].self)
        for certificate in trusted.value where certificate.name == name {
            try await client.perform(
                .delete, LXDResource("certificates", certificate.fingerprint), within: .seconds(30))
        }
        try result.get()
    }

    private struct Trusted: Decodable, Sendable {
        var name: String
        var fingerprint: String
    }
}
