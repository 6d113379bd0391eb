import Foundation
import LXDClient
import Testing
import Workflow

@Suite("LXD client: instances and their editing", .timeLimit(.minutes(5)))
struct EditingTests {
    let server: ScriptedServer

    init() throws {
        server = try ScriptedServer.shared
    }

    private func instance(_ name: String, config: [String: String] = [:], state: LXDValue? = nil) -> LXDValue {
        var fields: [String: LXDValue] = [
            "name": .text(name), "type": .text("container"), "status": .text("Running"),
            "architecture": .text("x86_64"), "ephemeral": .boolean(false), "profiles": .list([.text("default")]),
            "config": .texts(config), "devices": .object([:]), "expanded_config": .object([:]),
            "expanded_devices": .object([:]), "created_at": .text("2026-01-01T00:00:00Z"),
            "last_used_at": .text("1970-01-01T00:00:00Z"), "description": .text("d"), "location": .text("none"),
        ]
        fields["state"] = state
        return .object(fields)
    }

    private static let running = LXDValue.object(["status": .text("Running"), "pid": .integer(7), "network": .null])

    /// A call that knows its extensions without asking: `GET /1.0` belongs to all tests at once.
    private struct Knowing: LXDCalling {
        let client: LXDClient
        let extensions: Set<String>
        let pauses = Recorder()

        var location: String { client.location }
        func server() async throws(LXDError) -> LXDServer {
            LXDServer(authentication: "trusted", extensions: extensions)
        }
        func read<Value: Decodable & Sendable>(
            _ resource: LXDResource, as type: Value.Type
        ) async throws(LXDError) -> LXDReading<Value> { try await client.read(resource, as: type) }
        func send(
            _ method: LXDMethod, _ resource: LXDResource, _ body: LXDValue?, version: String?
        ) async throws(LXDError) -> LXDOperation? {
            try await client.send(method, resource, body, version: version)
        }
        func finish(_ operation: LXDOperation, within limit: Span) async throws(LXDError) -> LXDOperation {
            try await client.finish(operation, within: limit)
        }
        func file(_ path: String, of instance: String, limitBytes: Int) async throws(LXDError) -> [UInt8]? { nil }
        func write(_ file: LXDFile, to instance: String) async throws(LXDError) {}
        func text(_ resource: LXDResource, limitBytes: Int) async throws(LXDError) -> String? { nil }
        func socket(of operation: LXDOperation, secret: String) async throws(LXDError) -> any LXDSocket {
            try await client.socket(of: operation, secret: secret)
        }
        func pause(for span: Span) async throws(LXDError) { pauses.append(span.text) }
    }

    private func calling(_ extensions: Set<String> = ["instance_get_full"]) throws -> Knowing {
        Knowing(client: try server.client(), extensions: extensions)
    }

    @Test func instanceWithItsStateInOneRequest() async throws {
        let name = uniqueName()
        try await server.script("GET /1.0/instances/\(name)", .sync(instance(name, state: Self.running), etag: "v"))
        let reading = try #require(try await calling().instance(name))
        #expect(reading.value.state?.processID == 7)
        #expect(reading.version == "v")
        #expect(try await server.log("GET /1.0/instances/\(name)").map(\.query) == ["project=default&recursion=1"])
        #expect(try await server.log("GET /1.0/instances/\(name)/state").isEmpty)
    }

    @Test func instanceWithItsStateInTwo() async throws {
        let name = uniqueName()
        try await server.script("GET /1.0/instances/\(name)", .sync(instance(name), etag: "v"))
        try await server.script("GET /1.0/instances/\(name)/state", .sync(Self.running))
        let reading = try #require(try await calling([]).instance(name))
        #expect(reading.value.state?.status == "Running")
        #expect(reading.version == "v")
        #expect(try await server.log("GET /1.0/instances/\(name)").map(\.query) == ["project=default"])
    }

    @Test func noInstanceIsNoFailureAndAFailureIsNoAbsence() async throws {
        let name = uniqueName()
        #expect(try await calling().instance(name)?.value == nil)
        try await server.script("GET /1.0/instances/\(name)", .error(500))
        let error = try await failure { [calling = try calling()] () async throws(LXDError) in
            try await calling.instance(name)?.value
        }
        #expect(error.code == .unavailable)
    }

    @Test func editingWritesEverythingBackWithItsVersion() async throws {
        let (name, id) = (uniqueName(), uniqueName("op"))
        let config = ["volatile.uuid": "u", "user.a": "1"]
        try await server.script("GET /1.0/instances/\(name)", .sync(instance(name, config: config), etag: "v1"))
        try await server.script("PUT /1.0/instances/\(name)", .async(id))
        try await server.script("GET /1.0/operations/\(id)/wait", .waited(id, 200))
        let isWritten = try await calling().edit(name, within: .seconds(5)) {
            $0.config["user.b"] = "2"; return true
        }
        #expect(isWritten)
        let put = try #require(try await server.log("PUT /1.0/instances/\(name)").first)
        #expect(put.headers["if-match"] == "v1")
        let sent = try JSONDecoder().decode(LXDValue.self, from: Data(put.body.utf8))
        var expected = LXDDefinition(architecture: "x86_64", config: config, summary: "d")
        expected.config["user.b"] = "2"
        #expect(sent == expected.value)
    }

    @Test func editingWritesNothingWhenNothingIsToBeChanged() async throws {
        let name = uniqueName()
        try await server.script("GET /1.0/instances/\(name)", .sync(instance(name), etag: "v1"))
        #expect(try await !calling().edit(name, within: .seconds(5)) { _ in false })
        #expect(try await server.log("PUT /1.0/instances/\(name)").isEmpty)
    }

    @Test func editingReadsAgainAfterAConflict() async throws {
        let name = uniqueName()
        try await server.script(
            "GET /1.0/instances/\(name)", .sync(instance(name, config: ["user.n": "1"]), etag: "v1"),
            .sync(instance(name, config: ["user.n": "2"]), etag: "v2"))
        try await server.script("PUT /1.0/instances/\(name)", .error(412), .sync(.null))
        let calling = try calling()
        #expect(
            try await calling.edit(name, within: .seconds(5)) {
                $0.config["user.n", default: ""] += "+"
                return true
            })
        let puts = try await server.log("PUT /1.0/instances/\(name)")
        #expect(puts.map { $0.headers["if-match"] } == ["v1", "v2"])
        #expect(puts.last?.body.contains(#""user.n":"2+""#) == true)
        #expect(calling.pauses.values == ["50ms"])
    }

    @Test func editingLooksAgainAfterAFailure() async throws {
        let name = uniqueName()
        // A failure that another writing explains, then ones that nothing explains.
        try await server.script(
            "GET /1.0/instances/\(name)", .sync(instance(name), etag: "v1"), .sync(instance(name), etag: "v2"),
            .sync(instance(name), etag: "v2"))
        try await server.script("PUT /1.0/instances/\(name)", .error(500, "once"), .error(500, "again"))
        let calling = try calling()
        let error = try await failure { () async throws(LXDError) in
            try await calling.edit(name, within: .seconds(5)) { _ in true }
        }
        #expect(error.detail == "again")
        let versions = try await server.log("PUT /1.0/instances/\(name)").map { $0.headers["if-match"] }
        #expect(versions == ["v1", "v2", "v2", "v2"])
    }

    @Test func editingGivesUp() async throws {
        let name = uniqueName()
        try await server.script("GET /1.0/instances/\(name)", .sync(instance(name), etag: "v"))
        try await server.script("PUT /1.0/instances/\(name)", .error(412))
        let calling = try calling()
        let error = try await failure { () async throws(LXDError) in
            try await calling.edit(name, within: .seconds(5)) { _ in true }
        }
        #expect(error.code == .conflict)
        #expect(try await server.log("PUT /1.0/instances/\(name)").count == 8)
        #expect(calling.pauses.values == ["50ms", "100ms", "200ms", "400ms", "800ms", "1600ms", "2s"])
    }

    @Test func editingDoesNotRepeatWhatMayHaveBeenDone() async throws {
        let name = uniqueName()
        try await server.script("GET /1.0/instances/\(name)", .sync(instance(name), etag: "v"))
        try await server.script("PUT /1.0/instances/\(name)", .broken("close"))
        let calling = try calling()
        let error = try await failure { () async throws(LXDError) in
            try await calling.edit(name, within: .seconds(5)) { _ in true }
        }
        #expect(error.isUncertain)
        #expect(try await server.log("PUT /1.0/instances/\(name)").count == 1)
    }

    @Test func editingOfNothingAndAChangeThatThrows() async throws {
        let name = uniqueName()
        let calling = try calling()
        let missing = try await failure { () async throws(LXDError) in
            try await calling.edit(name, within: .seconds(5)) { _ in true }
        }
        #expect(missing.code == .notFound)
        try await server.script("GET /1.0/instances/\(name)", .sync(instance(name), etag: "v"))
        let refused = try await failure { () async throws(LXDError) in
            try await calling.edit(name, within: .seconds(5)) { _ throws(LXDError) in
                throw LXDError(.unsupported, request: "", detail: "")
            }
        }
        #expect(refused.code == .unsupported)
    }

    @Test func theClientPausesByItsClock() async throws {
        let clock = SkippingClock()
        try await server.client(clock: clock).pause(for: .seconds(3))
        #expect(clock.slept == [.seconds(3)])
    }
}
