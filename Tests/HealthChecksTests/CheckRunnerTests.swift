import CurlTransport
import Documents
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

@Suite(.timeLimit(.minutes(5))) struct CheckRunnerTests {
    static let timing = """
        interval: 1s, startupGrace: 0s, successThreshold: 2, failureThreshold: 2, stableFor: 3s, deadline: 20s, \
        consecutiveErrorLimit: 3, phase: [verify, bake, baseline]
        """
    static let web = "{id: web, http: {port: 8080, path: /h}, assert: [{status: 200}]}"
    static let refused = TransportError(code: .connect, detail: "refused")

    let clock = ManualClock()

    @Test func passesWhenHeldHealthy() async throws {
        let network = ScriptedNetwork(.failure(Self.refused), .success(HTTPResponse(status: 200)))
        let progress = Guarded<[CheckProgress]>([])
        let result = try await assess(network, onProgress: { step in progress.with { $0.append(step) } }).results.first
        #expect(result?.verdict == .pass)
        #expect(result?.check == CheckID("web/web"))
        #expect(result?.measurementCount == 5)
        #expect(result?.reason == "4 passes in a row, held healthy for 3s")
        #expect(clock.monotonicMilliseconds() == 4000)
        let steps = progress.with { $0 }
        #expect(steps.map(\.measurement.reason) == ["connect", "ok", "ok", "ok", "ok"])
        #expect(steps.map(\.successes) == [0, 1, 2, 3, 4])
        #expect(steps.map(\.detail).prefix(3) == ["1 of 2 failures", "1 of 2 passes", "held healthy 1s of 3s"])
        let request = network.requests.with { $0.first }
        #expect(request?.url == "http://10.0.0.9:8080/h")
        #expect(request?.options.totalTimeout == .seconds(5))
        #expect(clock.sleeperCount == 0)
    }

    @Test func failsWithReasonActualAndExpected() async throws {
        let result = try await assess(ScriptedNetwork(.success(HTTPResponse(status: 503)))).results.first
        #expect(result?.verdict == .fail)
        #expect(result?.last?.reason == "assertion:0")
        #expect(result?.last?.actual == "status 503")
        #expect(result?.last?.expected == "status 200")
        #expect(result?.reason == "2 failures in a row: assertion:0, status 503, expected status 200")
    }

    @Test func hangingProbeEndsAtDeadline() async throws {
        let network = ScriptedNetwork(nil)
        async let running = assess(network, drives: false)
        try await clock.waitForSleepers(1)
        clock.advance(by: .seconds(20))
        let result = try await running.results.first
        #expect(result?.verdict == .inconclusive)
        #expect(result?.reason == "nothing was measured within 20s")
    }

    @Test func cancellationIsImmediate() async throws {
        let task = Task { try await assess(ScriptedNetwork(nil), drives: false) }
        try await clock.waitForSleepers(1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test func watchEndsEarlyForAllChecks() async throws {
        let checks = """
            {id: good, exec: {command: [a]}}, {id: bad, tcp: {port: 1}, failureThreshold: 1}
            """
        let network = ScriptedNetwork(.failure(Self.refused))
        let runner = ScriptedRunner(
            answer: .success(CommandResult(termination: .exited(0), output: "OK\n", errorOutput: "")))
        let assessment = try await assess(
            network, checks, mode: .watch(.minutes(10)), phase: .bake, runner: runner, drives: false)
        #expect(assessment.verdict == .fail)
        #expect(assessment.results.map(\.check.rawValue) == ["web/good", "web/bad"])
        #expect(assessment.results.last?.verdict == .fail)
        #expect(clock.monotonicMilliseconds() == 0)
    }

    @Test func onceTakesOneMeasurement() async throws {
        let network = ScriptedNetwork(.success(HTTPResponse(status: 200)))
        let assessment = try await assess(network, mode: .once, phase: .baseline, drives: false)
        #expect(assessment.verdict == .pass)
        #expect(assessment.results.map(\.measurementCount) == [1])
    }

    @Test func noCheckForThePhaseIsInconclusive() async throws {
        let assessment = try await assess(ScriptedNetwork(nil), phase: .rollback, drives: false)
        #expect(assessment.results.isEmpty)
        #expect(assessment.verdict == .inconclusive)
    }

    @Test func wrongDocumentIsInconclusive() async throws {
        let assessment = try await assess(ScriptedNetwork(nil), "{id: a}", drives: false)
        #expect(assessment.verdict == .inconclusive)
        #expect(assessment.results.first?.reason.hasPrefix("the check file is wrong: web.yaml:5:10: ") == true)
    }

    @Test func observedFailureDoesNotDecide() async throws {
        let checks = "{id: a, tcp: {port: 1}, failureThreshold: 1, mode: observe}, {id: b, exec: {command: [x]}}"
        let runner = ScriptedRunner(
            answer: .success(CommandResult(termination: .exited(0), output: "OK\n", errorOutput: "")))
        let network = ScriptedNetwork(.failure(Self.refused))
        let assessment = try await assess(network, checks, mode: .once, runner: runner, drives: false)
        #expect(assessment.verdict == .pass)
        #expect(assessment.results.map(\.isEnforced) == [false, true])
    }

    @Test func ourOwnErrorsAreInconclusive() async throws {
        let network = ScriptedNetwork(.failure(TransportError(code: .internal, detail: "out of descriptors")))
        let result = try await assess(network).results.first
        #expect(result?.verdict == .inconclusive)
        #expect(result?.measurementCount == 3)
    }

    @Test func secretsAreSentAndRedacted() async throws {
        let check = """
            {id: web, http: {headers: {Authorization: "Bearer ${env:TOKEN}"}}, assert: [{body: {contains: hello}}]}
            """
        let network = ScriptedNetwork(.success(HTTPResponse(status: 200, body: Array("you sent hunter2".utf8))))
        let assessment = try await assess(network, check, mode: .once, drives: false)
        #expect(network.requests.with { $0.first?.headers } == [.init(name: "Authorization", value: "Bearer hunter2")])
        #expect(assessment.results.first?.last?.actual == "body \"you sent [redacted]\"")
        #expect(!"\(assessment)".contains("hunter2"))
    }

    @Test func missingSecretIsInconclusiveWithoutMeasuring() async throws {
        let check = "{id: web, tcp: {port: 1, send: \"${env:NONE}\"}}"
        let network = ScriptedNetwork(nil)
        let result = try await assess(network, check, drives: false).results.first
        #expect(result?.verdict == .inconclusive)
        #expect(result?.reason == "the secret ${env:NONE} is not set [unset]")
        #expect(network.exchanges.with { $0.isEmpty })
    }

    @Test(arguments: [
        "169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "fd00:ec2::254", "127.0.0.1", "::1", "0.0.0.0", "::",
        "224.0.0.1", "localhost", "", "10.0.0.9:80", "[::1]", "2130706433",
    ]) func dangerousAddressIsNotProbed(_ address: String) async throws {
        let network = ScriptedNetwork(nil)
        let assessment = try await assess(network, address: address, drives: false)
        #expect(assessment.verdict == .inconclusive)
        #expect(network.requests.with { $0.isEmpty })
    }

    @Test func loopbackOnlyWhereAllowed() {
        #expect(AddressGuard.refusal(of: "127.42.0.1", allowsLoopback: true) == nil)
        #expect(AddressGuard.refusal(of: "::1", allowsLoopback: true) == nil)
        #expect(AddressGuard.refusal(of: "2001:db8::1", allowsLoopback: false) == nil)
        #expect(AddressGuard.refusal(of: "169.254.169.254", allowsLoopback: true) != nil)
        #expect(AddressGuard.refusal(of: nil, allowsLoopback: true) != nil)
    }

    /// Assesses with the clock moved from deadline to deadline whenever the one check has come to rest.
    private func assess(
        _ network: ScriptedNetwork, _ checks: String = CheckRunnerTests.web,
        mode: AssessmentRequest.Mode = .untilVerdict, phase: CheckPhase = .verify, address: String = "10.0.0.9",
        runner: ScriptedRunner = ScriptedRunner(), drives: Bool = true,
        onProgress: @escaping @Sendable (CheckProgress) -> Void = { _ in }
    ) async throws -> HealthAssessment {
        let text = CheckFileTests.header + "defaults: {\(Self.timing)}\nchecks: [\(checks)]\n"
        let request = AssessmentRequest(
            documents: [CheckDocument(path: "web.yaml", text: text)], phase: phase, mode: mode,
            instance: Instance(
                id: InstanceID("i-1"), name: "web-1", state: .running, image: ImageID("img"), address: address),
            runner: runner, allowsLoopback: false)
        let secrets = SecretResolver(environment: { ["TOKEN": "hunter2"][$0] }, file: { _ in nil })
        let checkRunner = CheckRunner(
            clock: clock, network: network, controller: ScriptedRunner(), inspector: ScriptedInspector(),
            secrets: secrets)
        let driver = Task { [clock] in
            while drives {
                try await clock.waitForSleepers(2)
                clock.advanceToNextSleeper()
            }
        }
        defer { driver.cancel() }
        return try await checkRunner.assess(request, onProgress: onProgress)
    }
}
