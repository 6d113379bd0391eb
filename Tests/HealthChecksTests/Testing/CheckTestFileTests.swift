import Documents
import Testing
import Workflow

@testable import HealthChecks

/// Tests of tests: given answers, expected verdicts, virtual time.
@Suite("Tests of check files", .timeLimit(.minutes(5))) struct CheckTestFileTests {
    static let checks = """
        apiVersion: changeover/v1
        kind: HealthCheck
        metadata: {name: web}
        checks:
          - {id: ready, http: {}, assert: [{status: 200}]}
          - id: parts
            any:
              - {id: port, tcp: {port: 1, expect: ok}}
              - {id: disk, exec: {command: [check_disk]}}
        """

    private func decode(_ cases: String, head: String = "") throws -> CheckTestFile {
        let text = "apiVersion: changeover/v1\nkind: HealthCheckTest\n\(head)cases:\n" + cases
        let file = try CheckFile.decode(CheckDocument(path: "web.yaml", text: Self.checks))
        return try CheckTestFile.decode(bytes: Array(text.utf8), path: "web.test.yaml", for: file)
    }

    private func run(_ cases: String) async throws -> [CheckTestOutcome] {
        try await decode(cases).run(CheckDocument(path: "web.yaml", text: Self.checks))
    }

    private static func answers(
        ready: String = "[{status: 200}]", port: String = "[{receives: ok}]",
        disk: String = "[{exitCode: 0, output: OK}]"
    ) -> String {
        "{ready: \(ready), parts/port: \(port), parts/disk: \(disk)}"
    }

    @Test("What is expected comes, in virtual time")
    func expected() async throws {
        let outcomes = try await run(
            """
              - name: an hour's grace takes no time
                answers: \(Self.answers(ready: "[{status: 503, times: 20, after: 1s}, {status: 200}]"))
                expect: {verdict: pass, checks: {ready: {verdict: pass, reason: ok, contains: "passes in a row", within: 4m}}}
              - name: fails
                answers: \(Self.answers(ready: "[{error: timeout}]"))
                expect: {verdict: fail, checks: {ready: {verdict: fail, reason: timeout}}}
              - name: a member's failure does not decide
                answers: \(Self.answers(port: "[{error: connect}]"))
                expect: {verdict: pass, checks: {parts: {verdict: pass}}}
              - name: unknown is not a pass
                answers: \(Self.answers(port: "[{error: connect}]", disk: "[{error: unreachable}]"))
                expect: {verdict: inconclusive, checks: {parts: {reason: "member:disk:exec:unreachable"}}}
              - name: later than the timeout
                once: true
                answers: \(Self.answers(ready: "[{status: 200, after: 6s}]"))
                expect: {verdict: fail, checks: {ready: {reason: timeout, within: 5s}}}

            """)
        #expect(outcomes.map(\.problems) == [[], [], [], [], []])
        #expect(outcomes.map(\.assessment.verdict) == [.pass, .fail, .pass, .inconclusive, .fail])
    }

    @Test("What is not expected is told: verdict, reason, sentence and time")
    func unexpected() async throws {
        let outcomes = try await run(
            """
              - name: all wrong
                answers: \(Self.answers(ready: "[{status: 500}]"))
                expect: {verdict: pass, checks: {ready: {verdict: pass, reason: ok, contains: nonsense, within: 1s}}}

            """)
        let problems = try #require(outcomes.first).problems
        #expect(problems.count == 5)
        #expect(problems.first?.hasPrefix("the verdict is fail, expected pass: ") == true)
        #expect(problems.dropFirst().allSatisfy { $0.hasPrefix("ready: ") })
        #expect(problems.last?.hasPrefix("ready: the verdict came after ") == true)
    }

    @Test("A test runs twice alike")
    func repeats() async throws {
        let cases = """
              - name: flaps
                answers: \(Self.answers(ready: "[{status: 200, times: 2}, {status: 500}, {status: 200, times: 3}]"))
                expect: {verdict: pass}

            """
        #expect(try await run(cases) == run(cases))
    }

    static let wrong: [(cases: String, place: String, fragments: [String])] = [
        ("  - {name: a, answers: {redy: [{status: 200}]}, expect: {verdict: pass}}", "4:24", ["redy", "\"ready\""]),
        ("  - {name: a, answers: {}, expect: {verdict: pass}}", "4:24", ["no answer for \"ready\""]),
        ("  - {name: a, answers: \(answers()), expect: {verdict: ok}}", "4:139", ["\"ok\"", "pass, warning"]),
        ("  - {name: a, answers: \(answers(ready: "[]")), expect: {verdict: pass}}", "4:32", ["may not be empty"]),
        (
            "  - {name: a, answers: \(answers(ready: "[{stats: 1}]")), expect: {verdict: pass}}", "4:33",
            ["did you mean \"status\""]
        ),
        (
            "  - {name: a, answers: \(answers(ready: "[{after: 1s}]")), expect: {verdict: pass}}", "4:33",
            ["needs one of"]
        ),
        (
            "  - {name: a, answers: \(answers(ready: "[{status: 200, exitCode: 1}]")), expect: {verdict: pass}}",
            "4:57",
            ["does not belong beside \"status\""]
        ),
        (
            "  - {name: a, answers: \(answers(ready: "[{receives: a, body: b}]")), expect: {verdict: pass}}", "4:53",
            ["\"body\" does not belong beside \"receives\""]
        ),
        (
            "  - {name: a, answers: \(answers(ready: "[{error: conect}]")), expect: {verdict: pass}}", "4:41",
            ["did you mean \"connect\""]
        ),
        (
            "  - {name: a, answers: \(answers()), expect: {verdict: pass, checks: {parst: {verdict: pass}}}}", "4:161",
            ["no check \"parst\"", "\"parts\""]
        ),
        (
            "  - {name: a, phase: rollback, answers: \(answers()), expect: {verdict: pass}}", "4:5",
            ["takes part in the phase rollback"]
        ),
        ("  - {name: a, at: tomorrow, answers: \(answers()), expect: {verdict: pass}}", "4:19", ["no date"]),
    ]

    @Test("A wrong test file is refused at its place", arguments: wrong.indices)
    func wrongFile(_ index: Int) throws {
        let wrong = Self.wrong[index]
        let errors = #expect(throws: DocumentErrors.self) { try decode(wrong.cases + "\n") }
        let text = errors?.errors.first?.description ?? ""
        #expect(text.hasPrefix("web.test.yaml:\(wrong.place): "), "\(text)")
        for fragment in wrong.fragments {
            #expect(errors?.description.contains(fragment) == true, "\(errors?.description ?? "")")
        }
    }

    @Test("The check file is the one that is named, else the one beside")
    func checkPath() throws {
        let named = "apiVersion: changeover/v1\nkind: HealthCheckTest\ncheck: ../a.yaml\ncases: []\n"
        #expect(try CheckTestFile.checkPath(of: Array(named.utf8), path: "t/x.test.yaml") == "t/../a.yaml")
        #expect(try CheckTestFile.checkPath(of: Array("kind: x\n".utf8), path: "t/x.test.yaml") == "t/x.yaml")
    }
}
