import LXDClient
import Testing
import Workflow

@Suite("LXD client: requests and answers", .timeLimit(.minutes(5)))
struct AnswerTests {
    let server: ScriptedServer

    init() throws {
        server = try ScriptedServer.shared
    }

    @Test func readsMetadataAndItsVersion() async throws {
        let name = uniqueName()
        try await server.script("GET /1.0/instances/\(name)", .sync(.object(["a": .integer(1)]), etag: "\"v1\""))
        let client = try server.client(project: "my project")
        let reading = try await client.read(.instance(name, query: ["recursion": "1"]), as: [String: Int].self)
        #expect(reading.value == ["a": 1])
        #expect(reading.version == "\"v1\"")
        let logged = try #require(try await server.log("GET /1.0/instances/\(name)").first)
        #expect(logged.query == "project=my%20project&recursion=1")
        #expect(client.location == "at \(server.file("lxd.socket")), project my project")
    }

    @Test func tellsEachActionBeforeItIsSent() async throws {
        let (name, actions) = (uniqueName(), Recorder())
        let client = try server.client { actions.append($0) }
        _ = try await failure { () async throws(LXDError) in try await client.read(.instance(name), as: Int.self) }
        _ = try await failure { () async throws(LXDError) in
            try await client.send(.delete, .instance(name), nil, version: nil)
        }
        #expect(actions.values == ["GET /1.0/instances/{name}", "DELETE /1.0/instances/{name}"])
    }

    @Test func changesAreDoneOrGoOn() async throws {
        let (done, going) = (uniqueName(), uniqueName())
        try await server.script("PATCH /1.0/instances/\(done)", .sync(.object([:])))
        try await server.script("PUT /1.0/instances/\(going)", .async("op-1"))
        let client = try server.client()
        let body = LXDValue.object(["config": .texts(["user.a": "\"b\""])])
        #expect(try await client.send(.patch, .instance(done), body, version: nil) == nil)
        let operation = try await client.send(.put, .instance(going), body, version: "\"v\"")
        #expect(operation?.id == "op-1")
        #expect(operation?.statusCode == 103)
        let logged = try #require(try await server.log("PUT /1.0/instances/\(going)").first)
        #expect(logged.headers["if-match"] == "\"v\"")
        #expect(logged.headers["content-type"] == "application/json")
        #expect(logged.body == #"{"config":{"user.a":"\"b\""}}"#)
        #expect(try await server.log("PATCH /1.0/instances/\(done)").first?.headers["if-match"] == nil)
    }

    @Test(arguments: [
        (400, LXDError.Code.invalidRequest), (403, .forbidden), (404, .notFound), (409, .exists), (412, .conflict),
        (423, .busy), (429, .unavailable), (500, .failed), (503, .unavailable), (507, .capacity), (501, .unsupported),
    ])
    func refusalsGoByTheirStatus(status: Int, code: LXDError.Code) async throws {
        let name = uniqueName()
        // Whatever its text says.
        try await server.script("PUT /1.0/instances/\(name)", .error(status, "not found, already exists, busy"))
        let client = try server.client()
        let error = try await failure { () async throws(LXDError) in
            try await client.send(.put, .instance(name), .null, version: nil)
        }
        #expect(error.code == code)
        #expect(error.request == "PUT /1.0/instances/\(name)")
        #expect(error.detail.contains("not found, already exists, busy"))
        #expect(!error.isUncertain)
    }

    @Test func whatAStoppingServerSaysIsNoLastWord() async throws {
        let name = uniqueName()
        let text = "Failed to begin transaction: sql: database is closed"
        try await server.script("PUT /1.0/instances/\(name)", .error(500, text))
        let client = try server.client()
        let error = try await failure { () async throws(LXDError) in
            try await client.send(.put, .instance(name), .null, version: nil)
        }
        #expect(error.code == .unavailable && error.isUncertain && error.detail == text)
        // Whatever it says, reading may be repeated.
        try await server.script("GET /1.0/instances/\(name)", .error(500, "out of luck"))
        let reading = try await readFailure(name)
        #expect(reading.code == .unavailable && !reading.isUncertain)
    }

    @Test func theErrorsOwnCodeGoesFirst() async throws {
        let name = uniqueName()
        try await server.script("GET /1.0/instances/\(name)", .error(500, code: 404))
        #expect(try await readFailure(name).code == .notFound)
    }

    @Test func whatIsNotTheAPIs() async throws {
        let name = uniqueName()
        try await server.script("GET /1.0/instances/\(name)", Answer(status: 502, body: .text("<html>Bad gateway")))
        #expect(try await readFailure(name).code == .unavailable)
        try await server.script("GET /1.0/instances/\(name)", Answer(status: 302, body: .text("elsewhere")))
        #expect(try await readFailure(name).code == .malformedAnswer)
        try await server.script("GET /1.0/instances/\(name)", Answer(body: .text("{garbage")))
        #expect(try await readFailure(name).code == .malformedAnswer)
        try await server.script("GET /1.0/instances/\(name)", Answer(body: .object(["type": .text("sync")])))
        #expect(try await readFailure(name).detail.contains("lacks metadata"))
        try await server.script("GET /1.0/instances/\(name)", .sync(.object(["name": .integer(1)])))
        #expect(try await readFailure(name).code == .malformedAnswer)
        try await server.script("GET /1.0/instances/\(name)", .async("op"))
        #expect(try await readFailure(name).code == .malformedAnswer)
    }

    @Test func aGarbledAnswerToAChangeLeavesItOpen() async throws {
        let name = uniqueName()
        try await server.script("PUT /1.0/instances/\(name)", Answer(body: .text("{garbage")))
        let error = try await changeFailure(name)
        #expect(error.code == .malformedAnswer)
        #expect(error.isUncertain)
    }

    @Test(arguments: ["close", "reset"])
    func aLostAnswerToAChangeLeavesItOpenAndIsNotRepeated(then: String) async throws {
        let name = uniqueName()
        try await server.script("PUT /1.0/instances/\(name)", .broken(then))
        let error = try await changeFailure(name)
        #expect(error.code == .unavailable)
        #expect(error.isUncertain)
        #expect(error.isRetryable)
        #expect(try await server.log("PUT /1.0/instances/\(name)").count == 1)
    }

    @Test func aTruncatedAnswerToARead() async throws {
        let name = uniqueName()
        var answer = Answer.sync(.object([:]))
        answer.then = "truncate"
        try await server.script("GET /1.0/instances/\(name)", answer)
        let error = try await readFailure(name)
        #expect(error.code == .unavailable)
        #expect(!error.isUncertain)
    }

    @Test func noAnswerInTime() async throws {
        let name = uniqueName()
        try await server.script("PUT /1.0/instances/\(name)", .broken("hang"))
        let client = try server.client(timeout: .milliseconds(200))
        let error = try await failure { () async throws(LXDError) in
            try await client.send(.put, .instance(name), .null, version: nil)
        }
        #expect(error.code == .unavailable)
        #expect(error.isUncertain)
    }

    @Test func cancelled() async throws {
        let name = uniqueName()
        try await server.script("PUT /1.0/instances/\(name)", .broken("hang"))
        let client = try server.client()
        let task = Task {
            try await failure { () async throws(LXDError) in
                try await client.send(.put, .instance(name), .null, version: nil)
            }
        }
        while try await server.log("PUT /1.0/instances/\(name)").isEmpty {}
        task.cancel()
        let error = try await task.value
        #expect(error.code == .cancelled)
        #expect(error.isUncertain)
    }

    @Test func changesHaveConnectionsOfTheirOwn() async throws {
        let name = uniqueName()
        try await server.script("GET /1.0/instances/\(name)", .sync(.integer(1)))
        try await server.script("PUT /1.0/instances/\(name)", .sync(.null))
        let client = try server.client()
        for _ in 0..<3 {
            _ = try await client.read(.instance(name), as: Int.self)
            _ = try await client.send(.put, .instance(name), .null, version: nil)
        }
        let reads = try await server.log("GET /1.0/instances/\(name)").map(\.connection)
        let changes = try await server.log("PUT /1.0/instances/\(name)").map(\.connection)
        #expect(Set(reads).count == 1)
        #expect(Set(changes).isDisjoint(with: reads))
    }

    @Test func filesComeAndGo() async throws {
        let name = uniqueName()
        let client = try server.client()
        #expect(try await client.file("/a", of: name, limitBytes: 10) == nil)
        try await server.script(
            "GET /1.0/instances/\(name)/files",
            Answer(headers: ["X-Incus-type": "file"], body: .text("0123456789abc")))
        #expect(try await client.file("/a b", of: name, limitBytes: 10) == Array("0123456789".utf8))
        #expect(try await client.file("/a b", of: name, limitBytes: 100) == Array("0123456789abc".utf8))
        #expect(
            try await server.log("GET /1.0/instances/\(name)/files").last?.query == "path=%2Fa%20b&project=default")
        try await server.script(
            "GET /1.0/instances/\(name)/files", Answer(headers: ["X-LXD-type": "directory"], body: .text("{}")))
        let folder = try await failure { () async throws(LXDError) in
            try await client.file("/a", of: name, limitBytes: 10)
        }
        #expect(folder.code == .invalidRequest)
        try await server.script("POST /1.0/instances/\(name)/files", .sync(.null))
        try await client.write(LXDFile("/a", content: Array("x".utf8), mode: 0o755, kind: .symlink), to: name)
        let logged = try #require(try await server.log("POST /1.0/instances/\(name)/files").first)
        #expect(logged.body == "x")
        for prefix in ["x-lxd-", "x-incus-"] {
            #expect(logged.headers["\(prefix)mode"] == "0755")
            #expect(logged.headers["\(prefix)type"] == "symlink")
            #expect(logged.headers["\(prefix)uid"] == "0")
            #expect(logged.headers["\(prefix)gid"] == "0")
            #expect(logged.headers["\(prefix)write"] == "overwrite")
        }
    }

    @Test func textsAreCut() async throws {
        let name = uniqueName()
        let client = try server.client()
        let console = LXDResource("instances", name, "console")
        #expect(try await client.text(console, limitBytes: 10) == nil)
        try await server.script("GET /1.0/instances/\(name)/console", Answer(body: .text("0123456789abc")))
        #expect(try await client.text(console, limitBytes: 10) == "0123456789")
        try await server.script("GET /1.0/instances/\(name)/console", .error(500))
        let error = try await failure { () async throws(LXDError) in try await client.text(console, limitBytes: 10) }
        #expect(error.code == .unavailable)
    }

    private func readFailure(_ name: String) async throws -> LXDError {
        let client = try server.client()
        return try await failure { () async throws(LXDError) in
            try await client.read(.instance(name), as: LXDInstance.self)
        }
    }

    private func changeFailure(_ name: String) async throws -> LXDError {
        let client = try server.client()
        return try await failure { () async throws(LXDError) in
            try await client.send(.put, .instance(name), .null, version: nil)
        }
    }
}
