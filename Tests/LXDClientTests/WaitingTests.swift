import LXDClient
import Testing
import Workflow

@Suite("LXD client: operations", .timeLimit(.minutes(5)))
struct WaitingTests {
    let server: ScriptedServer

    init() throws {
        server = try ScriptedServer.shared
    }

    private func script(_ id: String, _ answers: [Answer]) async throws {
        try await server.script("GET /1.0/operations/\(id)/wait", answers)
    }

    private func finishFailure(
        _ id: String, within limit: Span = .minutes(10), clock: any WorkflowClock = SkippingClock()
    ) async throws -> LXDError {
        let client = try server.client(clock: clock)
        return try await failure { () async throws(LXDError) in
            try await client.finish(LXDOperation(id: id, statusCode: 103), within: limit)
        }
    }

    @Test func waitsInSlicesUntilTheEnd() async throws {
        let id = uniqueName("op")
        try await script(id, [.waited(id, 103), .waited(id, 103), .waited(id, 200)])
        let clock = SkippingClock()
        let ended = try await server.client(clock: clock).finish(
            LXDOperation(id: id, statusCode: 103), within: .milliseconds(20_700))
        #expect(ended.statusCode == 200)
        let queries = try await server.log("GET /1.0/operations/\(id)/wait").map(\.query)
        // Whole seconds, rounded up; what answers too soon is asked again only after a while.
        #expect(queries == ["20", "20", "20"].map { "project=default&timeout=\($0)" })
        #expect(clock.slept == [.milliseconds(500), .milliseconds(500)])
    }

    @Test func doesNotAskForWhatHasEnded() async throws {
        let operation = LXDOperation(id: uniqueName("op"), statusCode: 200)
        #expect(try await server.client().finish(operation, within: .zero) == operation)
        #expect(try await server.log("GET /1.0/operations/\(operation.id)/wait").isEmpty)
    }

    @Test func givesUpAfterItsLimit() async throws {
        let id = uniqueName("op")
        try await script(id, [.waited(id, 103)])
        let clock = SkippingClock()
        let error = try await finishFailure(id, within: .seconds(3), clock: clock)
        #expect(error.code == .unavailable)
        #expect(error.isUncertain)
        #expect(error.detail.contains("3s"))
        #expect(clock.slept.count == 6)
        #expect(clock.monotonicMilliseconds() == 3000)
    }

    @Test func failureHasTheOperationsText() async throws {
        let id = uniqueName("op")
        try await script(id, [.waited(id, 400, error: "write /x: no space left on device")])
        let error = try await finishFailure(id)
        #expect(error.code == .failed)
        #expect(error.detail == "write /x: no space left on device")
        try await script(id, [.waited(id, 401)])
        #expect(try await finishFailure(id).detail == "the operation was cancelled")
    }

    @Test func busyIsSeenByWhatElseRuns() async throws {
        let (id, name) = (uniqueName("op"), uniqueName())
        try await script(id, [.waited(id, 400, error: "whatever", instance: name)])
        func running(_ kind: String, _ other: String, on instance: String) async throws {
            guard case .object(var task) = Answer.operation(other, 103, instance: instance) else { return }
            task["class"] = .text(kind)
            try await server.script(
                "GET /1.0/operations", .sync(.object(["running": .list([.object(task)]), "failure": .list([])])))
        }
        try await running("task", "another", on: name)
        let error = try await finishFailure(id)
        #expect(error.code == .busy)
        #expect(error.detail.hasPrefix("whatever"))
        for (kind, other, instance) in [("websocket", "another", name), ("task", id, name), ("task", "another", "no")] {
            try await running(kind, other, on: instance)
            #expect(try await finishFailure(id).code == .failed)
        }
        // What fails as the server goes is no last word.
        try await server.script("GET /1.0/operations", Answer(status: 503, body: .text("")))
        let last = try await finishFailure(id)
        #expect(last.code == .unavailable && last.isUncertain && last.detail == "whatever")
    }

    @Test func aVanishedOperation() async throws {
        let id = uniqueName("op")
        try await script(id, [.waited(id, 103), .error(404, "Operation not found")])
        let error = try await finishFailure(id)
        #expect(error.code == .unavailable && error.isUncertain)
    }

    /// What `operationWaitGet` of newer servers answers, with the status 200, once it has begun to wait.
    @Test func errorsUnderTheStatus200() async throws {
        let id = uniqueName("op")
        var late = Answer.error(500, "context deadline exceeded")
        late.status = 200
        try await script(id, [late, late])
        try await server.script(
            "GET /1.0/operations/\(id)", .waited(id, 103),
            .waited(id, 400, error: "no space left on device"))
        let error = try await finishFailure(id)
        #expect(error.code == .failed && error.detail == "no space left on device")
    }

    @Test(arguments: ["close", "reset"])
    func aLostConnection(then: String) async throws {
        let id = uniqueName("op")
        try await script(id, [.waited(id, 103), .broken(then)])
        #expect(try await finishFailure(id).code == .unavailable)
    }

    @Test func longPollsMayLastLongerThanOtherRequests() async throws {
        let id = uniqueName("op")
        var late = Answer.waited(id, 200)
        late.delayMilliseconds = 700
        try await script(id, [late])
        let client = try server.client(timeout: .milliseconds(300))
        let ended = try await client.finish(LXDOperation(id: id, statusCode: 103), within: .seconds(5))
        #expect(ended.statusCode == 200)
    }

    @Test func cancelled() async throws {
        let id = uniqueName("op")
        try await script(id, [.broken("hang")])
        let client = try server.client()
        let task = Task {
            try await failure { () async throws(LXDError) in
                try await client.finish(LXDOperation(id: id, statusCode: 103), within: .minutes(1))
            }
        }
        while try await server.log("GET /1.0/operations/\(id)/wait").isEmpty {}
        task.cancel()
        #expect(try await task.value.code == .cancelled)
    }

    @Test func performSendsAndWaits() async throws {
        let (id, name) = (uniqueName("op"), uniqueName())
        try await server.script("DELETE /1.0/instances/\(name)", .async(id))
        try await script(id, [.waited(id, 200)])
        let client = try server.client()
        #expect(try await client.perform(.delete, .instance(name), within: .seconds(5))?.statusCode == 200)
        try await server.script("DELETE /1.0/instances/\(name)", .sync(.null))
        #expect(try await client.perform(.delete, .instance(name), within: .seconds(5)) == nil)
    }
}
