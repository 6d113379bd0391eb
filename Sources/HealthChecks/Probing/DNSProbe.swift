internal import CurlTransport
internal import Workflow

/// Asks a DNS server and judges its answer.
struct DNSProbe: Probe {
    /// Nothing longer was asked for (RFC 1035, section 4.2.1: 512); what comes all the same is read up to this.
    static let maximumDatagramBytes = 4096
    /// How often a datagram is sent within the timeout, since it may be lost.
    static let attempts: Int64 = 3

    var network: any NetworkProbing
    var clock: any WorkflowClock
    var check: DNSCheck
    var assertions: [Assertion]
    /// The server's numeric address, which the guard has let through.
    var address: String
    /// Makes the number of a question; the system's generator cannot be guessed.
    var makeID: @Sendable () -> UInt16 = { UInt16.random(in: .min ... .max) }

    func read(timeout: Span) async -> ProbeReading {
        do throws(TransportError) {
            let answers = try await RepeatedRequests(count: check.requests, clock: clock).answers(within: timeout) {
                (rest: Span) async throws(TransportError) -> ProbeAnswer in
                try await answer(until: clock.monotonicMilliseconds() + rest.milliseconds)
            }
            return impliedFailure(of: answers)
                ?? AssertionJudge(now: clock.wallTime()).reading(of: assertions, in: answers)
        } catch {
            var reading = error.reading
            reading.expected = "an answer to \(check.type) of \(check.name)"
            return reading
        }
    }

    /// What fails a check that does not say otherwise: an error of the server, or no record of what was asked for.
    private func impliedFailure(of answers: [ProbeAnswer]) -> ProbeReading? {
        let words = assertions.map(\.word)
        let wrongCode = answers.compactMap(\.responseCode).first { $0 != .noError }
        var reading: ProbeReading
        if !words.contains("rcode"), let wrongCode {
            reading = ProbeReading(
                outcome: .critical, reason: "dns:rcode", actual: "rcode \(wrongCode)", expected: "rcode NOERROR")
        } else if !words.contains("answers"),
            answers.contains(where: { $0.responseCode == .noError && $0.records?.values.isEmpty ?? true })
        {
            reading = ProbeReading(
                outcome: .critical, reason: "dns:empty", actual: "no \(check.type) record of \(check.name)",
                expected: "at least one")
        } else {
            return nil
        }
        reading.phaseMilliseconds = PhaseSample(answers.map(\.timings)).medians
        return reading
    }

    private func answer(until end: Int64) async throws(TransportError) -> ProbeAnswer {
        let question = DNSQuestion(
            id: makeID(), name: check.name, type: check.type, wantsRecursion: check.wantsRecursion)
        if check.transport == .tcp { return try await overTCP(question, until: end, after: .zero) }
        let (answer, time) = try await overUDP(question, until: end)
        if answer.isTruncated { return try await overTCP(question, until: end, after: time) }
        return self.answer(answer, TransferTimings(firstByte: time, total: time))
    }

    /// Sends the question again, each time from another port, until there is an answer or time is over.
    private func overUDP(
        _ question: DNSQuestion, until end: Int64
    ) async throws(TransportError) -> (DNSAnswer, Duration) {
        var waited = Duration.zero
        for left in stride(from: Self.attempts, to: 0, by: -1) {
            let share = rest(until: end) / left
            let exchange = DatagramExchange(
                host: address, port: check.port, payload: question.message, timeout: .milliseconds(max(1, share)),
                maxResponseBytes: Self.maximumDatagramBytes,
                isAnswer: { DNSMessageReader.isAnswer($0, to: question) })
            do throws(TransportError) {
                let result = try await network.datagram(exchange)
                return (try decode(result.received, question), waited + result.timings.total)
            } catch {
                guard error.code == .timeout, left > 1 else { throw error }
                waited += .milliseconds(max(1, share))
            }
        }
        throw TransportError(code: .timeout, detail: "\(address): no answer in time")
    }

    private func overTCP(
        _ question: DNSQuestion, until end: Int64, after earlier: Duration
    ) async throws(TransportError) -> ProbeAnswer {
        let timeout = Duration.milliseconds(max(1, rest(until: end)))
        let result = try await network.exchange(
            RawExchange(
                endpoint: .tcp(host: address, port: check.port), send: question.streamMessage, finish: .lengthPrefixed,
                connectTimeout: timeout, totalTimeout: timeout, maxResponseBytes: DNSMessageReader.maximumBytes + 2))
        let answer = try decode(Array(result.received.dropFirst(2)), question)
        var timings = result.timings
        timings.connect += earlier
        timings.tls += earlier
        timings.firstByte += earlier
        timings.total += earlier
        return self.answer(answer, timings)
    }

    private func rest(until end: Int64) -> Int64 {
        max(0, end - clock.monotonicMilliseconds())
    }

    private func decode(_ bytes: [UInt8], _ question: DNSQuestion) throws(TransportError) -> DNSAnswer {
        do throws(DNSMessageError) {
            return try DNSMessageReader.answer(bytes, to: question)
        } catch {
            throw TransportError(code: .protocolError, detail: "\(address): \(error.problem)")
        }
    }

    private func answer(_ answer: DNSAnswer, _ timings: TransferTimings) -> ProbeAnswer {
        var result = ProbeAnswer(timings: timings)
        result.responseCode = answer.responseCode
        result.records = (check.type, answer.values(of: check.type, for: check.name))
        return result
    }
}
