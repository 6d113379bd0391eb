internal import CurlTransport
internal import Workflow

/// Makes the requests of one measurement, one after another, within one timeout.
struct RepeatedRequests {
    var count: Int
    var clock: any WorkflowClock

    /// The answers to all requests; throws the first failure, or a timeout when time is over before the last.
    ///
    /// `request` is given what is left of the timeout.
    func answers(
        within timeout: Span, _ request: (Span) async throws(TransportError) -> ProbeAnswer
    ) async throws(TransportError) -> [ProbeAnswer] {
        let end = clock.monotonicMilliseconds() + timeout.milliseconds
        var answers: [ProbeAnswer] = []
        while answers.count < count {
            let rest = end - clock.monotonicMilliseconds()
            guard rest > 0 else {
                let detail = "\(answers.count) of \(count) requests were answered within \(timeout.text)"
                throw TransportError(code: .timeout, detail: detail)
            }
            do throws(TransportError) {
                answers.append(try await request(Span(milliseconds: rest)))
            } catch {
                throw count == 1 ? error : numbered(error, answers.count + 1)
            }
        }
        return answers
    }

    private func numbered(_ error: TransportError, _ number: Int) -> TransportError {
        var error = error
        error.detail = "request \(number) of \(count): \(error.detail)"
        return error
    }
}
