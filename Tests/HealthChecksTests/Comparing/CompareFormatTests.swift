import Documents
import Statistics
import Testing
import Workflow

@testable import HealthChecks

@Suite struct CompareFormatTests {
    static let ready = "- {id: ready, http: {}, assert: [{status: 200}]}"

    /// Checks in which `^` stands before each place that is wrong, the codes in the document's order, and the first
    /// suggestion where that matters.
    static let wrong: [(checks: String, codes: String, suggestion: String?)] = [
        ("- {id: c, compare: ^x}", "wrong-type", nil),
        ("- {id: c, compare: ^{}}", "missing-key", nil),
        ("- {id: c, compare: {probe: ^ready}}", "unknown-value", "add an http, tcp, tls or dns check"),
        ("\(ready)\n- {id: c, compare: {probe: ^redy}}", "unknown-value", "did you mean \"ready\"?"),
        ("\(ready)\n- {id: c, compare: {probe: ^database}}", "unknown-value", "valid here: ready"),
        ("\(ready)\n- {id: c, compare: {probe: ^c}}", "invalid", "valid here: ready"),
        ("- {id: e, exec: {command: [x]}}\n- {id: c, compare: {probe: ^e}}", "invalid", nil),
        ("- {id: g, all: [{id: ready, tcp: {port: 1}}]}\n- {id: c, compare: {probe: ^g}}", "invalid", nil),
        ("- {id: g, all: [{id: ready, tcp: {port: 1}}]}\n- {id: c, compare: {probe: ^ready}}", "unknown-value", nil),
        ("- {id: d, dns: {name: x.y, server: 192.0.2.1}}\n- {id: c, compare: {probe: ^d}}", "invalid", nil),
        ("- {id: c, compare: {^prob: ready, ^latencies: {}}}", "missing-key,unknown-key,unknown-key", nil),
        compare("baseline: ^golden", "unknown-value"),
        compare("samples: ^200", "wrong-type"),
        compare("samples: {min: ^0}", "out-of-range"),
        compare("samples: {max: ^100001}", "out-of-range"),
        compare("samples: {min: ^300, max: 200}", "out-of-range", "lower min or raise max"),
        compare("samples: {max: ^100}", "out-of-range"),
        compare("samples: {minimum: 1}", "unknown-key", marked: "samples: {^minimum: 1}"),
        compare("samples: {min: ^60}", "invalid", "write min: 61 or more"),
        compare("alpha: 0.001, samples: {min: ^80}", "invalid", "write min: 101 or more"),
        compare("tail: {quantile: 0.999}, samples: {min: ^200}", "invalid", nil),
        compare("alpha: ^0", "out-of-range"),
        compare("alpha: ^2%", "wrong-type"),
        compare("alpha: ^0.6", "out-of-range"),
        compare("latency: ^1.1", "wrong-type"),
        compare("latency: ^{}", "missing-key"),
        compare("latency: {minMedianRatio: ^0.9}", "out-of-range"),
        compare("tail: {quantile: ^0.5}", "out-of-range"),
        compare("tail: {quantile: ^1}", "out-of-range"),
        compare("tail: {minRatio: ^0}", "out-of-range"),
        compare("errors: {maxAbsoluteIncrease: ^0.005}", "wrong-unit", "write 0.005%"),
        compare("errors: {maxAbsoluteIncrease: ^101%}", "out-of-range"),
        compare("onNoData: ^ok", "unknown-value"),
        beside("assert: ^[{status: 200}]", "invalid", "remove \"assert\""),
        beside("tls: ^{}", "conflicting-keys"),
        beside("stableFor: ^10s", "conflicting-keys", "remove it"),
        beside(
            "successThreshold: ^2, failureThreshold: ^2, maxTransitions: ^2",
            "conflicting-keys,conflicting-keys,conflicting-keys"),
        beside("phase: [verify, ^baseline]", "invalid", "valid here: verify, bake"),
        beside("phase: [^rollback]", "invalid"),
        beside("interval: ^50ms", "out-of-range"),
        (
            "\(ready)\n- {id: ^c, compare: {probe: ready}, interval: 10s}", "invalid",
            "lengthen deadline, or shorten samples or interval"
        ),
        ("\(ready)\n- {id: ^c, compare: {probe: ready}, deadline: 39s}", "invalid", nil),
        ("\(ready)\n- {id: g, all: [^{id: c, ^compare: {probe: ready}}]}", "missing-key,unknown-key", nil),
    ]

    /// A mistake inside the mapping; the ready check stands before it.
    private static func compare(
        _ text: String, _ code: String, _ suggestion: String? = nil, marked: String? = nil
    ) -> (checks: String, codes: String, suggestion: String?) {
        ("\(ready)\n- {id: c, compare: {probe: ready, \(marked ?? text)}}", code, suggestion)
    }

    /// A mistake beside the mapping.
    private static func beside(
        _ text: String, _ code: String, _ suggestion: String? = nil
    ) -> (checks: String, codes: String, suggestion: String?) {
        ("\(ready)\n- {id: c, compare: {probe: ready}, \(text)}", code, suggestion)
    }

    @Test(arguments: wrong) func wrongFile(_ example: (checks: String, codes: String, suggestion: String?)) {
        let marked = CheckFileTests.header + "checks:\n" + example.checks + "\n"
        let errors = CheckFile.lint(text: marked.replacing("^", with: ""), path: "web.yaml")
        #expect(errors.map(\.code.rawValue).sorted() == example.codes.split(separator: ",").map(String.init).sorted())
        let places = Set(errors.map { "\($0.line):\($0.column)" })
        let expected = Set(Self.marks(in: marked))
        #expect(example.codes.contains("missing-key") ? places.isSuperset(of: expected) : places == expected)
        if let suggestion = example.suggestion { #expect(errors.first?.suggestion == suggestion) }
        #expect(errors.allSatisfy { $0.keyPath.hasPrefix("checks[") })
    }

    /// The places of the marks in the text without them, from 1.
    private static func marks(in text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { number, line in
            let parts = line.split(separator: "^", omittingEmptySubsequences: false).dropLast()
            var column = 1
            return parts.map { part in
                column += part.count
                return "\(number + 1):\(column)"
            }
        }
    }

    @Test func everythingIsReadAndDefaultsAreTheExamples() throws {
        let whole = """
            {probe: ready, baseline: original, samples: {min: 200, max: 1000}, alpha: 0.02, latency: {minMedianRatio: 1.10},
             tail: {quantile: 0.95, minRatio: 1.5}, errors: {maxAbsoluteIncrease: 0.5%}, onNoData: inconclusive}
            """
        let other = """
            {probe: ready, samples: {min: 300, max: 400}, alpha: 0.05, latency: {minMedianRatio: 2},
             tail: {quantile: 0.9, minRatio: 3}, errors: {maxAbsoluteIncrease: 2%}, onNoData: fail}
            """
        let file = try Self.file(
            """
            \(Self.ready)
            - {id: short, compare: {probe: ready}}
            - {id: whole, compare: \(whole)}
            - {id: other, compare: \(other), interval: 1s}
            """)
        let checks = file.checks.compactMap { check -> CompareCheck? in
            if case .compare(let compare) = check.kind { compare } else { nil }
        }
        try #require(checks.count == 3)
        #expect(checks[0] == checks[1])
        let design = checks[2].design
        #expect(design.minSamples == 300 && design.maxSamples == 400 && design.alpha == 0.05)
        #expect(design.minMedianRatio == 2 && design.tailQuantile == 0.9 && design.minTailRatio == 3)
        #expect(design.maxErrorIncrease == 0.02 && design.onNoData == .fail)
        #expect(file.checks.map(\.timing.interval) == [10, 0.2, 0.2, 1].map { Span(milliseconds: Int64($0 * 1000)) })
        #expect(file.describe()[1].contains("at the earliest after 199800ms"))
        #expect(file.describe()[3].contains("without an original, it fails."))
    }

    @Test func defaultsOfTheFileApplyAsFarAsTheyMeanSomething() throws {
        let file = try Self.file(
            "\(Self.ready)\n- {id: c, compare: {probe: ready}}",
            defaults: "{interval: 30s, timeout: 2s, stableFor: 1m, phase: [baseline, bake], severity: warning}")
        let timing = try #require(file.checks.last).timing
        #expect(timing.interval == .milliseconds(200) && timing.timeout == .seconds(2))
        #expect(timing.phases == [.bake] && timing.severity == .warning)
    }

    @Test func defaultsWithoutAPhaseForItAreAMistake() {
        let text =
            CheckFileTests.header + "defaults: {phase: [baseline]}\nchecks:\n\(Self.ready)\n"
            + "- {id: c, compare: {probe: ready}}\n"
        let errors = CheckFile.lint(text: text, path: "web.yaml")
        #expect(errors.map { "\($0.line):\($0.column) \($0.code.rawValue)" } == ["7:8 missing-key"])
        #expect(errors.first?.suggestion == "add phase: [verify, bake]")
    }

    private static func file(_ checks: String, defaults: String = "{}") throws -> CheckFile {
        let text = CheckFileTests.header + "defaults: \(defaults)\nchecks:\n\(checks)\n"
        return try CheckFile.decode(DocumentParser.parse(text: text, path: "web.yaml"))
    }
}
