import Documents
import Testing
import Workflow

@testable import HealthChecks

@Suite struct CheckFileTests {
    static let header = "apiVersion: changeover/v1\nkind: HealthCheck\nmetadata: {name: web}\n"

    /// Each wrong `checks:` line or header with the places and codes of what is wrong; the line is the fourth.
    static let wrong: [(line: String, place: String, suggestion: String?)] = [
        ("", "1:1 missing-key", nil),
        ("checks: []", "4:9 empty", nil),
        ("checks:", "4:8 wrong-type", nil),
        ("checks: [{id: a}]", "4:10 missing-key", nil),
        ("checks: [{tcp: {port: 1}}]", "4:10 missing-key", nil),
        ("checks: [{id: a, http: {}}]", "4:10 missing-key", "add for example \"assert: [{status: 200}]\""),
        ("checks: [{id: a, http: {}, assert: []}]", "4:36 empty", nil),
        ("checks: [{id: a, http: {}, assert: [{}]}]", "4:37 missing-key", nil),
        ("checks: [{id: a, http: {}, assert: [{status: 200, body: {contains: a}}]}]", "4:51 conflicting-keys", nil),
        ("checks: [{id: a, http: {}, assert: [{status: 99}]}]", "4:46 out-of-range", nil),
        ("checks: [{id: a, http: {}, assert: [{status: {in: []}}]}]", "4:51 empty", nil),
        ("checks: [{id: a, http: {}, assert: [{statsu: 200}]}]", "4:38 unknown-key,4:37 missing-key", nil),
        ("checks: [{id: a, http: {prot: 1}, assert: [{status: 200}]}]", "4:25 unknown-key", "did you mean \"port\"?"),
        ("checks: [{id: a, http: {path: x}, assert: [{status: 200}]}]", "4:31 invalid", "write /x"),
        ("checks: [{id: a, http: {scheme: htps}, assert: [{status: 200}]}]", "4:33 unknown-value", nil),
        ("checks: [{id: a, http: {headers: {Host: x}}, assert: [{status: 200}]}]", "4:35 invalid", nil),
        ("checks: [{id: a, http: {}, tls: {}, assert: [{status: 200}]}]", "4:33 conflicting-keys", nil),
        (
            "checks: [{id: a, http: {}, assert: [{certificate: {expiresIn: {warning: \"14d:\"}}}]}]", "4:51 invalid",
            nil
        ),
        (
            "checks: [{id: a, http: {}, assert: [{json: {path: \"$..a\", exists: true}}]}]", "4:51 invalid",
            "write names and indexes only, such as $.items[0].name"
        ),
        ("checks: [{id: a, http: {}, assert: [{json: {path: $.a}}]}]", "4:44 missing-key", nil),
        ("checks: [{id: a, http: {}, assert: [{json: {path: $.a, equals: []}}]}]", "4:64 wrong-type", nil),
        (
            "checks: [{id: a, http: {}, assert: [{json: {path: $.a, equals: 1, exists: true}}]}]",
            "4:75 conflicting-keys", nil
        ),
        ("checks: [{id: a, http: {}, assert: [{json: {path: $.a, warning: \"2:1\"}}]}]", "4:65 invalid", nil),
        ("checks: [{id: a, http: {}, assert: [{body: {matches: \"(\"}}]}]", "4:54 invalid", nil),
        ("checks: [{id: a, http: {}, assert: [{duration: {warning: \"~:200\"}}]}]", "4:58 wrong-unit", nil),
        ("checks: [{id: a, http: {}, assert: [{duration: {phase: total}}]}]", "4:48 missing-key", nil),
        ("checks: [{id: a, tcp: {}}]", "4:23 missing-key", nil),
        ("checks: [{id: a, tcp: {port: 1}, http: {}}]", "4:34 conflicting-keys", nil),
        ("checks: [{id: a, tcp: {port: 1}, assert: [{status: 200}]}]", "4:44 invalid", nil),
        ("checks: [{id: a, tcp: {port: 1}}, {id: a, tcp: {port: 2}}]", "4:40 duplicate-key", nil),
        ("checks: [{id: \"a b\", tcp: {port: 1}}]", "4:15 invalid", nil),
        ("checks: [{id: a, exec: {command: []}}]", "4:34 empty", nil),
        ("checks: [{id: a, exec: {command: ls -l}}]", "4:34 wrong-type", nil),
        ("checks: [{id: a, exec: {command: [x, \"${env:P}\"]}}]", "4:38 invalid", "let the command read a file"),
        ("checks: [{id: a, exec: {command: [x], interface: nagois}}]", "4:50 unknown-value", nil),
        ("checks: [{id: a, patched: {refresh: never}}]", "4:37 unknown-value", nil),
        ("checks: [{id: a, patched: {cloudInit: finished}}]", "4:39 unknown-value", nil),
        ("checks: [{id: a, patched: {failedUnits: forbidden}}]", "4:41 unknown-value", nil),
        ("checks: [{id: a, patched: {staleServices: warnin}}]", "4:43 unknown-value", "did you mean \"warning\"?"),
        ("checks: [{id: a, patched: {gems: yes please}}]", "4:34 wrong-type", nil),
        ("checks: [{id: a, patched: {endOfLive: warning}}]", "4:28 unknown-key", "did you mean \"endOfLife\"?"),
        (
            "checks: [{id: a, patched: {waivers: [{package: x, until: 2026-02-30, reason: y}]}}]", "4:58 invalid",
            "write it as 2026-12-31"
        ),
        ("checks: [{id: a, patched: {waivers: [{package: x, until: 2026-02-28}]}}]", "4:38 missing-key", nil),
        ("checks: [{id: a, compare: x}]", "4:27 wrong-type", nil),
        ("checks: [{id: a, tcp: {port: 1}, phase: []}]", "4:41 empty", nil),
        ("checks: [{id: a, tcp: {port: 1}, phase: [verfy]}]", "4:42 unknown-value", "did you mean \"verify\"?"),
        ("checks: [{id: a, tcp: {port: 1}, phase: [bake, bake]}]", "4:41 invalid", nil),
        ("checks: [{id: a, tcp: {port: 1}, interval: 5}]", "4:44 wrong-unit", "write for example 5s"),
        ("checks: [{id: a, tcp: {port: 1}, stableFor: 15m}]", "4:15 invalid", nil),
        ("checks: [{id: a, tcp: {port: 1}, successThreshold: 0}]", "4:52 out-of-range", nil),
    ]

    @Test(arguments: wrong) func wrongFile(_ example: (line: String, place: String, suggestion: String?)) {
        let errors = CheckFile.lint(text: Self.header + example.line + "\n", path: "web.yaml")
        let places = errors.map { "\($0.line):\($0.column) \($0.code.rawValue)" }
        #expect(Set(places) == Set(example.place.split(separator: ",").map(String.init)))
        if let suggestion = example.suggestion { #expect(errors.first?.suggestion == suggestion) }
    }

    @Test func wrongHeaderAndDefaultsInOnePass() {
        let text = """
            apiVersion: changeover/v2
            kind: Playbook
            metadata: {name: web, nmae: x}
            defaults: {intervall: 1s, timeout: 5, id: a}
            checks: [{id: a, tcp: {port: 0}}]
            """
        let errors = CheckFile.lint(text: text, path: "web.yaml")
        let places = errors.map { "\($0.line):\($0.column) \($0.code.rawValue)" }
        let expected = [
            "1:13 unknown-value", "2:7 unknown-value", "3:23 unknown-key", "4:12 unknown-key", "4:36 wrong-unit",
            "4:39 unknown-key", "5:30 out-of-range",
        ]
        #expect(places == expected)
        #expect(errors.last?.keyPath == "checks[0].tcp.port")
    }

    @Test func defaultsAndOverrides() throws {
        let text =
            Self.header + """
                defaults: {interval: 1s, timeout: 3s, phase: [bake]}
                checks:
                  - {id: a, tcp: {port: 1}, interval: 2s, severity: warning}
                  - {id: b, patched: {}}
                  - {id: c, patched: {}, timeout: 7s}
                """
        let file = try CheckFile.decode(DocumentParser.parse(text: text, path: "web.yaml"))
        let timings = file.checks.map(\.timing)
        #expect(timings.map(\.interval) == [.seconds(2), .seconds(1), .seconds(1)])
        #expect(timings.map(\.timeout) == [.seconds(3), .seconds(60), .seconds(7)])
        #expect(timings.map(\.severity) == [.warning, .critical, .critical])
        #expect(timings.allSatisfy { $0.phases == [.bake] && $0.stableFor == .seconds(30) })
        #expect(file.checkIDs.map(\.id.rawValue) == ["web/a", "web/b", "web/c"])
        #expect(file.describe().count == 3)
    }

    @Test func patchedHasCautiousDefaults() throws {
        let text =
            Self.header + """
                checks:
                  - {id: a, patched: {}}
                  - id: b
                    patched: {scope: security, rebootRequired: warning, failedUnits: warning, cloudInit: required,
                              staleServices: forbid, gems: true, endOfLife: allow,
                              waivers: [{package: gem:x, until: 2026-12-31, reason: y}]}
                  - {id: c, patched: {rebootRequired: warn, failedUnits: allow, cloudInit: allow}}
                """
        let kinds = try CheckFile.decode(DocumentParser.parse(text: text, path: "web.yaml")).checks.map(\.kind)
        guard case .patched(let first) = kinds[0], case .patched(let second) = kinds[1],
            case .patched(let third) = kinds[2]
        else { return #expect(Bool(false), "\(kinds)") }
        #expect(first == PatchedCheck())
        #expect([first.rebootRequired, first.failedUnits, first.staleServices] == [.forbid, .forbid, .warn])
        #expect(first.cloudInit == .done && !first.gems && first.endOfLife == .warn && first.waivers.isEmpty)
        #expect([second.rebootRequired, second.failedUnits, second.staleServices] == [.warn, .warn, .forbid])
        #expect(second.cloudInit == .required && second.gems && second.endOfLife == .allow)
        #expect(second.scope == .security && second.waivers.map(\.package) == ["gem:x"])
        #expect([third.rebootRequired, third.failedUnits] == [.warn, .allow] && third.cloudInit == .allow)
    }

    @Test func jsonValuesKeepTheirKind() throws {
        let values = ["UP", "\"1\"", "1", "true", "yes", "null", "1e3", "01"].map { value in
            "{json: {path: $.a, equals: \(value)}}"
        }
        let line = "checks: [{id: a, http: {}, assert: [\(values.joined(separator: ", "))]}]"
        let file = try CheckFile.decode(DocumentParser.parse(text: Self.header + line, path: "f"))
        let wanted: [JSONValue] = [
            .string("UP"), .string("1"), .number(1), .boolean(true), .string("yes"), .null, .number(1000),
            .string("01"),
        ]
        let path = try JSONPath(text: "$.a")
        #expect(file.checks.first?.assertions == wanted.map { .json(path, .equals($0)) })
    }
}
