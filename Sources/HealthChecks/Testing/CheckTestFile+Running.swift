internal import Documents
public import Workflow

extension CheckTestFile {
    /// Runs the cases in virtual time, one after the other.
    ///
    /// `document` is the check file under test. Nothing outside is asked, no secret is resolved. Throws only
    /// `CancellationError`.
    public func run(_ document: CheckDocument) async throws -> [CheckTestOutcome] {
        var outcomes: [CheckTestOutcome] = []
        for testCase in cases { outcomes.append(try await run(testCase, document)) }
        return outcomes
    }

    private func run(_ testCase: CheckTestCase, _ document: CheckDocument) async throws -> CheckTestOutcome {
        guard let file = try? CheckFile.decode(document) else {
            let nothing = HealthAssessment(results: [])
            return CheckTestOutcome(
                file: path, name: testCase.name, problems: ["\(document.path) is wrong"], assessment: nothing)
        }
        let world = CannedWorld(testCase, of: file)
        let secrets = SecretResolver(environment: { _ in "[test]" }, file: { _ in Array("[test]".utf8) })
        let instance = Instance(
            id: InstanceID("test"), name: "test", state: .running, image: ImageID("test"), address: "192.0.2.1")
        let original = Instance(
            id: InstanceID("original"), name: "original", state: .running, image: ImageID("test"), address: "192.0.2.3")
        let request = AssessmentRequest(
            documents: [document], phase: testCase.phase, mode: testCase.isOnce ? .once : .untilVerdict,
            instance: instance, original: original, runner: UnusedRunner(), allowsLoopback: true)
        let assessment = try await CheckRunner(world: world, secrets: secrets).assess(request) { _ in }
        let problems = Self.problems(of: assessment, testCase, file) { world.elapsed($0) }
        return CheckTestOutcome(file: path, name: testCase.name, problems: problems, assessment: assessment)
    }

    private static func problems(
        of assessment: HealthAssessment, _ testCase: CheckTestCase, _ file: CheckFile, elapsed: (CheckID) -> Span
    ) -> [String] {
        var problems: [String] = []
        if assessment.verdict != testCase.verdict {
            let words = "\(assessment.verdict.rawValue), expected \(testCase.verdict.rawValue)"
            problems.append("the verdict is \(words): \(assessment.summary)")
        }
        for (id, wanted) in testCase.checks.sorted(by: { $0.key < $1.key }) {
            let name = CheckID("\(file.name)/\(id)")
            guard let result = assessment.results.first(where: { $0.check == name }) else {
                problems.append("\(id) did not take part")
                continue
            }
            problems += Self.problems(of: result, wanted, elapsed(name)).map { "\(id): \($0)" }
        }
        return problems
    }

    private static func problems(
        of result: CheckResult, _ wanted: CheckTestCase.Expectation, _ elapsed: Span
    ) -> [String] {
        var problems: [String] = []
        if let verdict = wanted.verdict, verdict != result.verdict {
            problems.append("\(result.verdict.rawValue), expected \(verdict.rawValue): \(result.reason)")
        }
        let reason = result.last?.reason ?? "nothing measured"
        if let wanted = wanted.reason, wanted != reason {
            problems.append("the reason is \(reason), expected \(wanted): \(result.reason)")
        }
        if let text = wanted.contains, !result.reason.contains(text) {
            problems.append("\"\(result.reason)\" does not contain \"\(text)\"")
        }
        if let limit = wanted.within, elapsed > limit {
            problems.append("the verdict came after \(elapsed.text), expected within \(limit.text)")
        }
        return problems
    }
}

/// Every runner of a test is the test's own.
private struct UnusedRunner: CommandRunner {
    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        throw CommandError(.unreachable, detail: "a test runs no commands")
    }
}
