public import Workflow

extension LXDClient {
    /// Waits for the end of an operation by long polls; throws what it failed of, or `unavailable` after `limit`.
    ///
    /// An operation that has ended is known to the server for some seconds only, and none outlives the daemon's restart:
    /// it is `notFound` then, and what became of it shows in what it was to change.
    @discardableResult
    public func finish(_ operation: LXDOperation, within limit: Span) async throws(LXDError) -> LXDOperation {
        let start = clock.monotonicMilliseconds()
        var operation = operation
        while !operation.hasEnded {
            let left = limit.milliseconds - (clock.monotonicMilliseconds() - start)
            guard left > 0 else {
                throw LXDError(
                    .unavailable, request: "GET /1.0/operations/\(operation.id)/wait",
                    detail: "the operation has not ended within \(limit.text)", isUncertain: true)
            }
            let slice = min(Span(milliseconds: left), Self.maxSlice)
            let began = clock.monotonicMilliseconds()
            operation = try await poll(operation, for: slice)
            // A long poll that answers at once although nothing has changed must not become a storm of requests.
            if !operation.hasEnded, clock.monotonicMilliseconds() - began < slice.milliseconds / 2 {
                try await pause(for: min(slice, .milliseconds(500)))
            }
        }
        guard operation.statusCode != 200 else { return operation }
        var failure = operation.failure
        if operation.statusCode == 400, await isInstanceBusy(with: operation) {
            failure.code = .busy
            failure.detail += " (another operation is running on it)"
        }
        throw failure
    }

    /// Whether another operation is running on an instance that a failed one was about.
    ///
    /// LXD (5.0.2) says that an instance is busy as the text of a failed operation only.
    private func isInstanceBusy(with failed: LXDOperation) async -> Bool {
        let instances = Set(failed.resources?["instances"] ?? [])
        guard !instances.isEmpty else { return false }
        do throws(LXDError) {
            let operations = try await read(
                LXDResource("operations", query: ["recursion": "1"]), as: [String: [Task]].self
            ).value
            return operations["running", default: []].contains { task in
                // A command that runs, or somebody's console, keeps nobody off.
                task.kind == "task" && task.id != failed.id
                    && !instances.isDisjoint(with: task.resources?["instances"] ?? [])
            }
        } catch {
            return false
        }
    }

    /// What of an operation in the list of all tells whether it keeps others off.
    private struct Task: Decodable, Sendable {
        var id: String
        var kind: String
        var resources: [String: [String]]?

        private enum CodingKeys: String, CodingKey {
            case id, resources
            case kind = "class"
        }
    }

    /// Waits for an operation for a while, in whole seconds; the answer is the operation as it is then.
    private func poll(_ operation: LXDOperation, for slice: Span) async throws(LXDError) -> LXDOperation {
        let seconds = (slice.milliseconds + 999) / 1000
        let resource = LXDResource("operations", operation.id, "wait", query: ["timeout": "\(seconds)"])
        var call = Call(method: "GET", resource: resource, timeout: settings.timeout + .seconds(seconds))
        call.isLongPoll = true
        let response = try await answer(to: call)
        return try Envelope.metadata(of: response, as: LXDOperation.self, request: call.label)
    }
}

extension LXDOperation {
    /// Whether it goes on no more.
    var hasEnded: Bool { statusCode >= 200 }

    /// Why it did not succeed.
    var failure: LXDError {
        let request = "operation \(id)"
        if statusCode == 401 { return LXDError(.failed, request: request, detail: "the operation was cancelled") }
        if LXDClient.isOfStopping(error) {
            return LXDError(.unavailable, request: request, detail: error, isUncertain: true)
        }
        return LXDError(.failed, request: request, detail: error.isEmpty ? "the operation failed" : error)
    }
}
