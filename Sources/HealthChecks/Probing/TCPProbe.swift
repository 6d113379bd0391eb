internal import CurlTransport
internal import Workflow

/// Connects to a TCP port, sends and expects some text.
struct TCPProbe: Probe {
    static let maximumAnswerBytes = 64 * 1024

    var network: any NetworkProbing
    var clock: any WorkflowClock
    var check: TCPCheck
    var assertions: [Assertion]
    /// A numeric address that the guard has let through.
    var address: String
    /// What is sent, with secrets resolved; empty sends nothing.
    var send: String

    func read(timeout: Span) async -> ProbeReading {
        let finish: RawExchange.Finish =
            if let expect = check.expect {
                .contains(Array(expect.utf8))
            } else {
                send.isEmpty ? .connected : .afterSend
            }
        do throws(TransportError) {
            let answers = try await RepeatedRequests(count: check.requests, clock: clock).answers(within: timeout) {
                (rest: Span) async throws(TransportError) -> ProbeAnswer in
                let exchange = RawExchange(
                    endpoint: .tcp(host: address, port: check.port), send: Array(send.utf8), finish: finish,
                    connectTimeout: rest.duration, totalTimeout: rest.duration,
                    maxResponseBytes: Self.maximumAnswerBytes)
                return ProbeAnswer(try await network.exchange(exchange))
            }
            return AssertionJudge(now: clock.wallTime()).reading(of: assertions, in: answers)
        } catch {
            return reading(of: error)
        }
    }

    /// A peer that closes or says too much without the expected text has not met the expectation.
    private func reading(of error: TransportError) -> ProbeReading {
        var reading = error.reading
        guard let expect = check.expect else { return reading }
        reading.expected = "an answer that contains \"\(expect)\""
        if error.code == .reset || error.code == .tooLarge { reading.reason = "expect" }
        return reading
    }
}
