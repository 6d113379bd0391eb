public import Workflow

extension LXDClient {
    /// Waits for the end of an operation by long polls; throws what it failed of, or `unavailable` after `limit`.
    ///
    /// An operation that has ended is known to the server for some seconds only, and none outlives the daemon's restart:
    /// forgotten, it is `unavailable` and uncertain, since what became of it shows only in what it was to change.
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
            do throws(LXDError) { operation = try await poll(operation, for: slice) } catch {
                guard error.code == .notFound else { throw error }
                throw LXDError(
                    .unavailable, request: error.request, detail: "the server has forgotten the operation",
                    isUncertain: true)
            }
            // A long poll that answers at once although nothing has changed must not become a storm of requests.
            if !operation.hasEnded, clock.monotonicMilliseconds() - began < slice.milliseconds / 2 {
                try await pause(for: min(slice, .milliseconds(500)))
            }
        }
        guard operation.statusCode != 200 else { return operation }
        throw await refined(operation.failure, of: operation)
    }

    /// What a failed operation says about the instance that it was on.
    ///
    /// LXD (5.0.2) says that an instance is busy as the text of a failed operation only. A server that cannot be asked any
    /// more was on its way out when the operation failed, so that its text is no last word either.
    private func refined(_ failure: LXDError, of failed: LXDOperation) async -> LXDError {
        let instances = Set(failed.resources?["instances"] ?? [])
        guard failed.statusCode == 400, !instances.isEmpty else { return failure }
        var failure = failure
        do throws(LXDError) {
            let others = try await runningTasks().filter { task in
                task.id != failed.id && !instances.isDisjoint(with: task.resources?["instances"] ?? [])
            }
            if !others.isEmpty {
                failure.code = .busy
                failure.detail += " (another operation is running on it)"
            }
        } catch {
            guard error.isRetryable else { return failure }
            failure.code = .unavailable
            failure.isUncertain = true
        }
        return failure
    }

    /// Waits for an operation for a while, in whole seconds; the answer is the operation as it is then.
    private func poll(_ operation: LXDOperation, for slice: Span) async throws(LXDError) -> LXDOperation {
        let seconds = (slice.milliseconds + 999) / 1000
        let resource = LXDResource("operations", operation.id, "wait", query: ["timeout": "\(seconds)"])
        var call = Call(method: "GET", resource: resource, timeout: settings.timeout + .seconds(seconds))
        call.isLongPoll = true
        let response = try await answer(to: call)
        // Newer servers answer so, under the status 200, when the operation has failed and when the wait is over.
        if Envelope.isError(response) {
            return try await read(LXDResource("operations", operation.id), as: LXDOperation.self).value
        }
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
