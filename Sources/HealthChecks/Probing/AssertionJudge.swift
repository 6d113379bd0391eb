internal import CurlTransport
internal import Workflow

/// Judges an answer by assertions: the worst decides, the first of equals.
struct AssertionJudge {
    /// How much of a text a regular expression sees, in bytes.
    static let maximumMatchedBytes = 64 * 1024

    var now: WallTime

    /// What one assertion finds.
    private struct Finding {
        var outcome: Measurement.Outcome
        var actual: String
        var expected: String
    }

    /// The reading of an answer; `ok` when every assertion holds.
    func reading(of assertions: [Assertion], in answer: ProbeAnswer) -> ProbeReading {
        let phases = answer.timings.phaseMilliseconds
        let findings = assertions.map { finding(of: $0, in: answer) }
        for outcome in [Measurement.Outcome.critical, .warning] {
            guard let index = findings.firstIndex(where: { $0.outcome == outcome }) else { continue }
            let finding = findings[index]
            return ProbeReading(
                outcome: outcome, reason: "assertion:\(index)", actual: finding.actual, expected: finding.expected,
                phaseMilliseconds: phases)
        }
        let shown = findings.first ?? Finding(outcome: .ok, actual: "connected", expected: "a connection")
        return ProbeReading(
            outcome: .ok, reason: "ok", actual: shown.actual, expected: shown.expected, phaseMilliseconds: phases)
    }

    private func finding(of assertion: Assertion, in answer: ProbeAnswer) -> Finding {
        switch assertion {
        case .status(let codes): return status(codes, answer.status)
        case .header(let name, let rule): return header(name, rule, in: answer)
        case .body(let rule):
            let text = String(decoding: answer.body, as: UTF8.self)
            let actual = text.isEmpty ? "an empty body" : "body \"\(text.prefix(120))\""
            return judge(rule.holds(for: text), actual: actual, expected: "body \(rule.words)")
        case .json(let path, let rule): return json(path, rule, answer.body)
        case .certificate(let thresholds): return certificate(thresholds, answer.certificateExpiry)
        case .duration(let phase, let thresholds):
            let milliseconds = answer.timings.phaseMilliseconds[phase.rawValue] ?? .nan
            let shown = Int(exactly: milliseconds.rounded()).map { "\($0)ms" } ?? "not measured"
            return number(milliseconds, thresholds, "\(phase.rawValue) \(shown)", phase.rawValue)
        }
    }

    private func status(_ codes: [Int], _ status: Int?) -> Finding {
        let words = codes.map { String($0) }.joined(separator: ", ")
        let holds = status.map(codes.contains) ?? false
        return judge(holds, actual: "status \(status.map { String($0) } ?? "missing")", expected: "status \(words)")
    }

    private func header(_ name: String, _ rule: TextExpectation, in answer: ProbeAnswer) -> Finding {
        let values = answer.headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        let actual = values.isEmpty ? "\(name) is missing" : "\(name): \(values.joined(separator: ", "))"
        return judge(values.contains { rule.holds(for: $0) }, actual: actual, expected: "\(name) \(rule.words)")
    }

    private func json(_ path: JSONPath, _ rule: JSONExpectation, _ body: [UInt8]) -> Finding {
        let expected = "\(path) \(rule.words)"
        let root: JSONValue
        do throws(JSONSyntaxError) {
            root = try JSONParser.parse(body)
        } catch {
            return judge(false, actual: body.isEmpty ? "an empty body" : error.description, expected: expected)
        }
        let value = path.value(in: root)
        let actual = "\(path) is \(value?.words ?? "missing")"
        switch rule {
        case .equals(let wanted): return judge(value == wanted, actual: actual, expected: expected)
        case .exists(let wanted):
            let isThere = value != nil && value != .null
            return judge(isThere == wanted, actual: actual, expected: expected)
        case .within(let thresholds):
            guard case .number(let number)? = value else { return judge(false, actual: actual, expected: expected) }
            return self.number(number, thresholds, actual, "\(path)")
        }
    }

    private func certificate(_ thresholds: Thresholds, _ expiry: Int64?) -> Finding {
        guard let expiry else { return judge(false, actual: "no expiry date", expected: "a certificate that expires") }
        let left = WallTime(milliseconds: expiry * 1000).since(now)
        let days = Double(left.milliseconds) / 86_400_000
        let text = "certificate expires in \((days * 10).rounded(.down) / 10) days"
        return number(Double(left.milliseconds), thresholds, text, "expiry")
    }

    private func number(_ value: Double, _ thresholds: Thresholds, _ actual: String, _ name: String) -> Finding {
        let outcome = thresholds.outcome(for: value)
        return Finding(outcome: outcome, actual: actual, expected: "\(name) \(thresholds.expectation(for: outcome))")
    }

    private func judge(_ holds: Bool, actual: String, expected: String) -> Finding {
        Finding(outcome: holds ? .ok : .critical, actual: actual, expected: expected)
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
