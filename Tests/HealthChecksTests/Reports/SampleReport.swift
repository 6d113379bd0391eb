import HealthChecks
import Workflow

/// Reports whose texts are as unpleasant as texts can be.
enum SampleReport {
    static let at = WallTime(milliseconds: 1_799_999_999_500)  // 2027-01-15T07:59:59.500Z

    static let texts = [
        "plain", "it's \"quoted\" `so`", "a|b=1", "two\nlines\r\nand a tab\t.", "nul\0 bell\u{7} escape\u{1B}[31m",
        "back\\slash \\# \\n", "#hash # SKIP no # TODO later", "#\u{301} combined", "<tag a=\"1\">&amp; ]]> --",
        "\u{FFFE}\u{FFFF}\u{85}\u{2028}\u{2029}", "日本 🦀 é e\u{301}", "", " ", "1..0", "ok 1", "Bail out!", "---\n...",
        "{a=\"b\"} 5", "a,b;c:d", String(repeating: "long ", count: 500),
    ]

    static func result(
        _ check: String, _ verdict: CheckResult.Verdict, isEnforced: Bool = true, reason: String = "because",
        phases: [String: Double] = ["total": 12.3456, "dns": 0.5]
    ) -> CheckResult {
        let outcome: Measurement.Outcome =
            switch verdict {
            case .pass: .ok
            case .warning: .warning
            case .fail: .critical
            case .inconclusive: .unknown
            }
        let last = Measurement(
            at: at, outcome: outcome, reason: outcome == .ok ? "ok" : "assertion:0", actual: reason, expected: reason,
            phaseMilliseconds: phases)
        return CheckResult(
            check: CheckID(check), verdict: verdict, isEnforced: isEnforced, reason: reason, last: last,
            measurementCount: 3)
    }

    static func report(_ results: [CheckResult], target: String = "i-1", standing: String? = nil) -> CheckReport {
        CheckReport(
            target: target, assessment: HealthAssessment(results: results, standing: standing), startedAt: at,
            duration: .milliseconds(1250))
    }

    /// Every text in every place, under every verdict, enforced and not.
    static var unpleasant: [CheckReport] {
        texts.enumerated().map { number, text in
            let results = CheckResult.Verdict.allCases.flatMap { verdict in
                [true, false].map { isEnforced in
                    let name = "\(text)/\(verdict.rawValue)-\(isEnforced)"
                    return result(name, verdict, isEnforced: isEnforced, reason: text, phases: ["total": 1, text: 2])
                }
            }
            return report(results, target: text, standing: number.isMultiple(of: 2) ? text : nil)
        }
    }
}
