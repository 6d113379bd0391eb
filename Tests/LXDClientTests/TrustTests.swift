import LXDClient
import Testing
import Workflow

/// They share the answers to `GET /1.0`, so they run one after another, and no other test asks for it.
@Suite("LXD client: the server's facts and its trust", .serialized, .timeLimit(.minutes(5)))
struct TrustTests {
    let server: ScriptedServer

    init() throws {
        server = try ScriptedServer.shared
    }

    private func denied(_ client: LXDClient) async throws -> LXDError {
        let name = uniqueName()
        try await server.script("PUT /1.0/instances/\(name)", .error(403, "not authorized"))
        return try await failure { () async throws(LXDError) in
            try await client.send(.put, .instance(name), .null, version: nil)
        }
    }

    private func remote() throws -> LXDClient { try server.remote("https://localhost:\(server.ports.here)") }

    @Test func factsAreReadOnce() async throws {
        try await server.script("GET /1.0", .server(extensions: ["one"]))
        let actions = Recorder()
        let client = try server.client { actions.append($0) }
        #expect(try await client.server().extensions == ["one"])
        #expect(try await client.server().extensions == ["one"])
        #expect(actions.values == ["GET /1.0"])
    }

    @Test func untrustedClient() async throws {
        try await server.script("GET /1.0", .server(authentication: "untrusted"))
        let client = try remote()
        let facts = try await failure { () async throws(LXDError) in try await client.server() }
        #expect(facts.code == .untrustedClient)
        #expect(facts.detail.contains("lxc config trust add \(server.file("client.crt"))"))
        let change = try await denied(client)
        #expect(change.code == .untrustedClient)
        #expect(change.detail == facts.detail)
        #expect(change.request.hasPrefix("PUT "))
        // Trust that comes later is noticed.
        try await server.script("GET /1.0", .server())
        #expect(try await client.server().authentication == "trusted")
    }

    @Test func trustedButNotAllowed() async throws {
        try await server.script("GET /1.0", .server())
        let remote = try await denied(remote())
        #expect(remote.code == .forbidden)
        #expect(remote.detail == "the server does not allow it: not authorized")
        try await server.script("GET /1.0", .error(500))
        #expect(try await denied(self.remote()).code == .forbidden)
        #expect(try await denied(server.client()).code == .forbidden)
    }
}
