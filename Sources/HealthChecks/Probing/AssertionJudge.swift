internal import CurlTransport
internal import Workflow

/// Judges answers by assertions: the worst decides, the first of equals.
struct AssertionJudge {
    /// How much of a text a regular expression sees, in bytes.
    static let maximumMatchedBytes = 64 * 1024

    var now: WallTime

    /// The reading of an answer; `ok` when every assertion holds.
    func reading(of assertions: [Assertion], in answer: ProbeAnswer) -> ProbeReading {
        reading(of: assertions, in: [answer])
    }

    /// The reading of the answers to several requests: every answer must meet every assertion.
    ///
    /// Without any answer it is critical. The times of the phases are the medians.
    func reading(of assertions: [Assertion], in answers: [ProbeAnswer]) -> ProbeReading {
        let sample = PhaseSample(answers.map(\.timings))
        let findings = assertions.map { finding(of: $0, in: answers, sample) }
        var reading: ProbeReading
        if answers.isEmpty {
            reading = ProbeReading(
                outcome: .critical, reason: "no-answer", actual: "no answer", expected: "an answer")
        } else if let index = Finding.worstIndex(findings) {
            reading = ProbeReading(
                outcome: findings[index].outcome, reason: "assertion:\(index)", actual: findings[index].actual,
                expected: findings[index].expected)
        } else {
            let shown = findings.first ?? Finding(outcome: .ok, actual: "connected", expected: "a connection")
            reading = ProbeReading(outcome: .ok, reason: "ok", actual: shown.actual, expected: shown.expected)
        }
        reading.phaseMilliseconds = sample.medians
        return reading
    }

    private func finding(of assertion: Assertion, in answers: [ProbeAnswer], _ sample: PhaseSample) -> Finding {
        if case .duration(let duration) = assertion, let quantile = duration.quantile {
            return self.duration(duration, sample.quantile(quantile, of: duration.phase), "quantile \(quantile) of ")
        }
        return Finding.worst(answers.map { finding(of: assertion, in: $0) })
            ?? .judge(false, actual: "no answer", expected: "an answer")
    }

    private func finding(of assertion: Assertion, in answer: ProbeAnswer) -> Finding {
        switch assertion {
        case .status(let codes): return status(codes, answer.status)
        case .header(let header): return header.finding(in: answer.headers)
        case .body(let rule):
            let text = String(decoding: answer.body, as: UTF8.self)
            let actual = text.isEmpty ? "an empty body" : "body \"\(text.prefix(CheckRun.maximumReadLength))\""
            return .judge(rule.holds(for: text), actual: actual, expected: "body \(rule.words)")
        case .json(let path, let rule): return json(path, rule, answer.body)
        case .certificate(let certificate): return certificate.finding(in: answer, at: now)
        case .duration(let rule):
            return duration(rule, answer.timings.phaseMilliseconds[rule.phase.rawValue] ?? .nan, "")
        case .responseCode(let codes): return responseCode(codes, answer.responseCode)
        case .answers(let rule): return rule.finding(in: answer.records)
        case .performance(let rule):
            let expected = "performance data labelled \(rule.label)"
            return .judge(false, actual: "no plugin's output", expected: expected)
        }
    }

    private func status(_ codes: [Int], _ status: Int?) -> Finding {
        let words = codes.map { String($0) }.joined(separator: ", ")
        let holds = status.map(codes.contains) ?? false
        return .judge(holds, actual: "status \(status.map { String($0) } ?? "missing")", expected: "status \(words)")
    }

    private func json(_ path: JSONPath, _ rule: JSONExpectation, _ body: [UInt8]) -> Finding {
        let expected = "\(path) \(rule.words)"
        let root: JSONValue
        do throws(JSONSyntaxError) {
            root = try JSONParser.parse(body)
        } catch {
            return .judge(false, actual: body.isEmpty ? "an empty body" : error.description, expected: expected)
        }
        let value = path.value(in: root)
        let actual = "\(path) is \(value?.words ?? "missing")"
        switch rule {
        case .equals(let wanted): return .judge(value == wanted, actual: actual, expected: expected)
        case .exists(let wanted):
            let isThere = value != nil && value != .null
            return .judge(isThere == wanted, actual: actual, expected: expected)
        case .within(let thresholds):
            guard case .number(let number)? = value else { return .judge(false, actual: actual, expected: expected) }
            return .number(number, thresholds, actual: actual, name: "\(path)")
        }
    }

    private func duration(_ rule: DurationExpectation, _ milliseconds: Double, _ prefix: String) -> Finding {
        let name = prefix + rule.phase.rawValue
        let shown = Int(exactly: milliseconds.rounded()).map { "\($0)ms" } ?? "not measured"
        return .number(milliseconds, rule.thresholds, actual: "\(name) \(shown)", name: name)
    }

    private func responseCode(_ codes: [DNSResponseCode], _ code: DNSResponseCode?) -> Finding {
        let words = codes.map(\.description).joined(separator: ", ")
        return .judge(
            code.map(codes.contains) ?? false, actual: "rcode \(code?.description ?? "missing")",
            expected: "rcode \(words)")
    }
}

extension TextExpectation {
    /// Whether a text meets the expectation; a regular expression that does not compile is never met.
    func holds(for text: String) -> Bool {
        switch self {
        case .equals(let wanted): return text == wanted
        case .contains(let part): return text.contains(part)
        case .matches(let pattern):
            let seen = String(decoding: text.utf8.prefix(AssertionJudge.maximumMatchedBytes), as: UTF8.self)
            guard let regex = try? Regex(pattern) else { return false }
            return (try? regex.firstMatch(in: seen)) != nil
        case .exists: return true
        }
    }
}

extension JSONExpectation {
    /// What is wanted, in words.
    var words: String {
        switch self {
        case .equals(let value): "equals \(value.words)"
        case .exists(true): "present and not null"
        case .exists(false): "absent or null"
        case .within(let thresholds): thresholds.expectation(for: .critical)
        }
    }
}
