import Engine
import TestSupport
import Testing
import Workflow

/// What checks of the replacement are given to compare it with.
@Suite("The original that checks compare with", .timeLimit(.minutes(5)))
struct ComparedOriginalTests {
    @Test("It is given while it runs beside the replacement, and not at the last look, when it is stopped")
    func phases() async throws {
        let bench = Bench(SampleSwap.plan(policy: SampleSwap.policy(hold: .seconds(5))))
        defer { bench.removeEvidence() }
        let options = DriveOptions(approvesPolicyCheckpoints: true, waitsForHold: true)
        #expect(try await bench.drive(options).label == "ended: succeeded")
        #expect(await bench.assessor.phases == [.baseline, .verify, .bake, .bake])
        let original = SampleSwap.original
        let given = await bench.assessor.originals
        #expect(given.map { $0?.id } == [nil, original.id, original.id, nil])
        #expect(given.compactMap { $0?.address } == ["10.0.0.1", "10.0.0.1"])
    }

    @Test("Not on the way back, when the original itself is assessed")
    func rollback() async throws {
        let bench = Bench()
        defer { bench.removeEvidence() }
        await bench.assessor.script(.bake, [SampleSwap.result(.fail)])
        #expect(try await bench.drive().label == "ended: rolledBack")
        #expect(await bench.assessor.phases.last == .rollback)
        #expect(await bench.assessor.originals.last == .some(nil))
    }
}
