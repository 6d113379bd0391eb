import CurlTransport
import Documents
import Patching
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

/// No check passes for lack of data: over the real decoder, planner and probes, with scripted networks and commands.
@Suite(.timeLimit(.minutes(5))) struct NoDataTests {
    /// A check, what it is answered, and its verdict with the reason.
    typealias Case = (check: String, answer: String, verdict: String)

    static func json(_ rule: String) -> String { "http: {}, assert: [{json: {path: $.a, \(rule)}}]" }

    static let bodies: [Case] = [
        // A missing field.
        (json("equals: UP"), "{}", "fail assertion:0"), (json("equals: null"), "{}", "fail assertion:0"),
        (json("exists: true"), "{}", "fail assertion:0"), (json("warning: \"~:5\""), "{}", "fail assertion:0"),
        (json("critical: \"@10:20\""), "{\"b\": 1}", "fail assertion:0"),
        ("http: {}, assert: [{json: {path: \"$.a[0].b\", exists: true}}]", "{\"a\": []}", "fail assertion:0"),
        // Null.
        (json("equals: UP"), "{\"a\": null}", "fail assertion:0"),
        (json("equals: 0"), "{\"a\": null}", "fail assertion:0"),
        (json("equals: false"), "{\"a\": null}", "fail assertion:0"),
        (json("exists: true"), "{\"a\": null}", "fail assertion:0"),
        (json("critical: \"~:5\""), "{\"a\": null}", "fail assertion:0"),
        (json("equals: UP"), "null", "fail assertion:0"),
        // Another type.
        (json("critical: \"~:5\""), "{\"a\": \"3\"}", "fail assertion:0"),
        (json("critical: \"~:5\""), "{\"a\": true}", "fail assertion:0"),
        (json("critical: \"~:5\""), "{\"a\": [1]}", "fail assertion:0"),
        (json("critical: \"~:5\""), "{\"a\": {}}", "fail assertion:0"),
        (json("critical: \"~:5\""), "{\"a\": NaN}", "fail assertion:0"),
        (json("equals: 1"), "{\"a\": \"1\"}", "fail assertion:0"),
        (json("equals: \"1\""), "{\"a\": 1}", "fail assertion:0"),
        (json("equals: true"), "{\"a\": 1}", "fail assertion:0"), (json("equals: UP"), "[\"UP\"]", "fail assertion:0"),
        (json("equals: UP"), "\"UP\"", "fail assertion:0"),
        // An empty body, and one that is not JSON.
        (json("exists: false"), "", "fail assertion:0"), (json("exists: true"), "", "fail assertion:0"),
        (json("equals: null"), "", "fail assertion:0"), (json("critical: \"~:5\""), "", "fail assertion:0"),
        (json("exists: false"), "<html>", "fail assertion:0"),
        (json("equals: UP"), "{\"a\": \"UP\"", "fail assertion:0"),
        ("http: {}, assert: [{body: {contains: ok}}]", "", "fail assertion:0"),
        ("http: {}, assert: [{body: {matches: \".+\"}}]", "", "fail assertion:0"),
        ("http: {}, assert: [{body: {equals: ok}}]", "", "fail assertion:0"),
        // A header field that is not there.
        ("http: {}, assert: [{header: {name: x, exists: true}}]", "{}", "fail assertion:0"),
        ("http: {}, assert: [{header: {name: x, equals: a}}]", "{}", "fail assertion:0"),
        ("http: {}, assert: [{header: {name: x, matches: a}}]", "{}", "fail assertion:0"),
        ("http: {}, assert: [{header: {name: x, contains: a, match: all}}]", "{}", "fail assertion:0"),
        ("http: {}, assert: [{header: {name: x, contains: a, match: all, list: true}}]", "{}", "fail assertion:0"),
        ("http: {}, assert: [{header: {name: x, count: {critical: \"1:\"}}}]", "{}", "fail assertion:0"),
    ]

    @Test(arguments: bodies) func body(_ example: Case) async throws {
        let answer = HTTPResponse(status: 200, body: Array(example.answer.utf8))
        #expect(try await verdict(example.check, ScriptedNetwork(.success(answer))) == example.verdict)
    }

    /// A server that shakes hands and shows no certificate.
    @Test(arguments: [
        "expiresIn: {critical: \"2d:\"}", "expiresIn: {warning: \"~:9d\"}", "name: a.test", "subject: {contains: a}",
        "issuer: {matches: a}",
    ]) func certificate(_ rule: String) async throws {
        let network = ScriptedNetwork(.success(HTTPResponse(status: 200)))
        for kind in ["tls: {}", "tls: {verify: false}", "http: {scheme: https}"] {
            let check = "\(kind), assert: [{certificate: {\(rule)}}]"
            #expect(try await verdict(check, network) == "fail assertion:0")
        }
    }

    @Test func tcp() async throws {
        let closed = TransportError(code: .reset, detail: "closed after 0 bytes")
        #expect(try await verdict("tcp: {port: 1, expect: ok}", ScriptedNetwork(.failure(closed))) == "fail expect")
    }

    static let queries: [Case] = [
        (
            "", "{\"status\": \"success\", \"data\": {\"resultType\": \"vector\", \"result\": []}}",
            "fail promql:no-data"
        ),
        (
            ", onNoData: inconclusive",
            "{\"status\": \"success\", \"data\": {\"resultType\": \"vector\", \"result\": []}}",
            "inconclusive promql:no-data"
        ),
        (
            "", "{\"status\": \"success\", \"data\": {\"resultType\": \"vector\", \"result\": [{\"metric\": {}}]}}",
            "fail promql:range"
        ),
        (
            "", "{\"status\": \"success\", \"data\": {\"resultType\": \"scalar\", \"result\": [1, \"NaN\"]}}",
            "fail promql:range"
        ),
        (
            "", "{\"status\": \"success\", \"data\": {\"resultType\": \"scalar\", \"result\": [1, null]}}",
            "fail promql:range"
        ),
        ("", "{\"status\": \"success\", \"data\": null}", "inconclusive promql:type"),
        ("", "{}", "inconclusive promql:status-200"), ("", "", "inconclusive promql:status-200"),
    ]

    @Test(arguments: queries) func query(_ example: Case) async throws {
        let check = "promql: {url: \"http://192.0.2.1\", query: up, critical: \"~:5\"\(example.check)}"
        let answer = HTTPResponse(status: 200, body: Array(example.answer.utf8))
        #expect(try await verdict(check, ScriptedNetwork(.success(answer))) == example.verdict)
    }

    @Test(arguments: [
        ("", "fail dns:empty"), (", assert: [{rcode: NOERROR}]", "fail dns:empty"),
        (", assert: [{answers: {contains: 192.0.2.1}}]", "fail assertion:0"),
        (", assert: [{answers: {equals: 192.0.2.1}}]", "fail assertion:0"),
        (", assert: [{answers: {count: {critical: \"1:\"}}}]", "fail assertion:0"),
        (", assert: [{duration: {critical: \"~:9s\"}}]", "fail dns:empty"),
    ]) func dnsWithoutAnswers(_ example: (rules: String, verdict: String)) async throws {
        var network = ScriptedNetwork(nil)
        network.respond = { question in
            .success(DatagramResult(received: DNSReply().message(to: question.payload), timings: TransferTimings()))
        }
        #expect(try await verdict("dns: {name: web.test}\(example.rules)", network) == example.verdict)
    }

    static let outputs: [Case] = [
        // A plugin that prints nothing, whatever its exit code.
        ("exec: {command: [x]}", "", "inconclusive exec:no-output"),
        ("exec: {command: [x]}", " \n\n", "inconclusive exec:no-output"),
        (
            "exec: {command: [x]}, assert: [{perfdata: {label: a, critical: \"~:5\"}}]", "",
            "inconclusive exec:no-output"
        ),
        // Performance data that is not there, not known, or no number.
        ("exec: {command: [x]}, assert: [{perfdata: {label: a, critical: \"~:5\"}}]", "OK", "fail assertion:0"),
        ("exec: {command: [x]}, assert: [{perfdata: {label: a, critical: \"~:5\"}}]", "OK|", "fail assertion:0"),
        ("exec: {command: [x]}, assert: [{perfdata: {label: a, critical: \"~:5\"}}]", "OK|b=1", "fail assertion:0"),
        ("exec: {command: [x]}, assert: [{perfdata: {label: a, critical: \"~:5\"}}]", "OK|a=U", "fail assertion:0"),
        ("exec: {command: [x]}, assert: [{perfdata: {label: a, critical: \"~:5\"}}]", "OK|a=", "fail assertion:0"),
        ("exec: {command: [x]}, assert: [{perfdata: {label: a, critical: \"~:5\"}}]", "OK|a=x", "fail assertion:0"),
        // A service manager that says nothing.
        ("systemd: {units: [a.service]}", "", "inconclusive systemd:malformed"),
        ("systemd: {}", "", "inconclusive systemd:malformed"),
        ("systemd: {}", "NFailedUnits=\n", "inconclusive systemd:malformed"),
        ("systemd: {units: [a.service]}", "LoadState=\nActiveState=\n", "inconclusive systemd:malformed"),
    ]

    @Test(arguments: outputs) func output(_ example: Case) async throws {
        let result = CommandResult(termination: .exited(0), output: example.answer, errorOutput: "")
        let runner = ScriptedRunner(answer: .success(result))
        #expect(try await verdict(example.check, ScriptedNetwork(nil), runner: runner) == example.verdict)
    }

    @Test(arguments: ["", "\n", "OK\n", "\0"]) func patches(_ output: String) async throws {
        let runner = ScriptedRunner(
            answer: .success(CommandResult(termination: .exited(0), output: output, errorOutput: "")))
        let verdict = try await verdict(
            "patched: {}", ScriptedNetwork(nil), runner: runner, inspector: SystemPatchInspector())
        #expect(verdict.hasPrefix("inconclusive patched:"), "\(verdict)")
    }

    @Test func patchesWithoutCertainty() async throws {
        let unsure = ScriptedInspector(answer: .success(PatchStatus(pending: [], rebootRequired: nil)))
        let verdict = try await verdict("patched: {}", ScriptedNetwork(nil), inspector: unsure)
        #expect(verdict == "inconclusive patched:reboot-unknown")
    }

    @Test func groups() async throws {
        let empty = ScriptedNetwork(.success(HTTPResponse(status: 200)))
        let silent = ScriptedRunner(
            answer: .success(CommandResult(termination: .exited(0), output: "", errorOutput: "")))
        let web = "{id: web, http: {}, assert: [{json: {path: $.a, exists: true}}]}"
        let plugin = "{id: plugin, exec: {command: [x]}}"
        for (check, wanted) in [
            ("any: [\(web)]", "fail member:web:assertion:0"),
            ("any: [\(web), \(plugin)]", "inconclusive member:plugin:exec:no-output"),
            ("all: [\(web), \(plugin)]", "fail member:web:assertion:0"),
            ("all: [\(plugin)]", "inconclusive member:plugin:exec:no-output"),
        ] {
            #expect(try await verdict(check, empty, runner: silent) == wanted)
        }
        for rule in CheckGroup.Rule.allCases {
            #expect(GroupProbe.combined([], by: rule).outcome == .critical)
        }
        #expect(AssertionJudge(now: WallTime(milliseconds: 0)).reading(of: [], in: []).outcome == .critical)
    }

    /// What could only pass for lack of data is a mistake already.
    @Test(arguments: [
        ("checks: []", "empty"), ("checks:", "wrong-type"), ("checks: [{id: a}]", "missing-key"),
        ("checks: [{id: a, http: {}}]", "missing-key"), ("checks: [{id: a, http: {}, assert: []}]", "empty"),
        ("checks: [{id: a, http: {}, assert: [{}]}]", "missing-key"),
        ("checks: [{id: a, http: {}, assert: [{body: {contains: \"\"}}]}]", "empty"),
        ("checks: [{id: a, http: {}, assert: [{body: {matches: \"\"}}]}]", "empty"),
        ("checks: [{id: a, http: {}, assert: [{body: {matches: \".*\"}}]}]", "invalid"),
        ("checks: [{id: a, http: {}, assert: [{body: {matches: \"ok|\"}}]}]", "invalid"),
        ("checks: [{id: a, http: {}, assert: [{status: {in: []}}]}]", "empty"),
        ("checks: [{id: a, http: {}, assert: [{header: {name: x}}]}]", "missing-key"),
        ("checks: [{id: a, http: {}, assert: [{header: {name: x, matches: \"a?\"}}]}]", "invalid"),
        ("checks: [{id: a, http: {scheme: https}, assert: [{certificate: {}}]}]", "missing-key"),
        ("checks: [{id: a, tcp: {port: 1, expect: \"\"}}]", "empty"),
        ("checks: [{id: a, tls: {verify: false}}]", "missing-key"),
        ("checks: [{id: a, dns: {name: a.test}, assert: [{answers: {contains: []}}]}]", "empty"),
        ("checks: [{id: a, exec: {command: []}}]", "empty"), ("checks: [{id: a, any: []}]", "empty"),
        ("checks: [{id: a, all: []}]", "empty"),
        ("checks: [{id: a, systemd: {failed: allow}}]", "missing-key"),
        ("checks: [{id: a, promql: {url: \"http://p\", query: up}}]", "missing-key"),
        ("checks: [{id: a, exec: {command: [x]}, assert: [{perfdata: {label: a}}]}]", "missing-key"),
    ]) func lint(_ example: (line: String, code: String)) async throws {
        let text = CheckFileTests.header + example.line + "\n"
        let errors = CheckFile.lint(text: text, path: "web.yaml")
        #expect(errors.map(\.code.rawValue).contains(example.code), "\(errors)")
        // And a file that was not looked at before is no pass either.
        #expect(try await assess(text, ScriptedNetwork(nil)).verdict == .inconclusive)
    }

    @Test func zeroChecks() async throws {
        let other = "checks: [{id: a, tcp: {port: 1}, phase: [bake]}]\n"
        let network = ScriptedNetwork(.success(HTTPResponse(status: 200)))
        #expect(try await assess(CheckFileTests.header + other, network).verdict == .inconclusive)
        let observed = "checks: [{id: a, tcp: {port: 1}, mode: observe}]\n"
        #expect(try await assess(CheckFileTests.header + observed, network).verdict == .inconclusive)
        #expect(try await assess(nil, network).verdict == .inconclusive)
        #expect(try await assess("", network).verdict == .inconclusive)
        #expect(try await assess("---\n", network).verdict == .inconclusive)
    }

    /// The verdict and the last measurement's reason.
    private func verdict(
        _ check: String, _ network: ScriptedNetwork, runner: ScriptedRunner = ScriptedRunner(),
        inspector: any PatchInspector = ScriptedInspector()
    ) async throws -> String {
        let text =
            CheckFileTests.header + "defaults: {consecutiveErrorLimit: 1}\nchecks: [{id: a, \(check)}]\n"
        let assessment = try await assess(text, network, runner: runner, inspector: inspector)
        let result = try #require(assessment.results.first)
        return "\(result.verdict.rawValue) \(result.last?.reason ?? result.reason)"
    }

    private func assess(
        _ text: String?, _ network: ScriptedNetwork, runner: ScriptedRunner = ScriptedRunner(),
        inspector: any PatchInspector = ScriptedInspector()
    ) async throws -> HealthAssessment {
        let checkRunner = CheckRunner(
            clock: ManualClock(), network: network, controller: ScriptedRunner(), inspector: inspector)
        let request = AssessmentRequest(
            documents: text.map { [CheckDocument(path: "web.yaml", text: $0)] } ?? [], phase: .verify, mode: .once,
            instance: Instance(
                id: InstanceID("i-1"), name: "web-1", state: .running, image: ImageID("img"), address: "10.0.0.9"),
            runner: runner, allowsLoopback: false)
        return try await checkRunner.assess(request) { _ in }
    }
}
