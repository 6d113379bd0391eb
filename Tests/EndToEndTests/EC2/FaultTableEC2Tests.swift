import Foundation
import TestSupport
import Testing

/// Every mutating request of every way through a swap, spoiled in every way: the end is the same as without the fault.
@Suite(.serialized) struct FaultTableEC2Tests {
    private static let faults: [ProxyFault] = [
        .lostBefore, .lostAfter, .unavailable, .unavailableAfterEffect, .htmlError, .throttled, .truncated,
        .expiredToken, .duplicate,
    ]
    /// How many cases work at a time; most of the time each waits.
    private static let width = 10

    @Test(arguments: FaultJourney.allCases) func everyFaultEndsTheSame(_ journey: FaultJourney) async throws {
        try await Turnstile.shared.pass(.all) {
            let plain = try await FaultCase(journey: journey).run()
            try #require(plain.outcome.code == journey.code, "\(plain.transcript)")
            try #require(plain.launched == 1)
            let mutating = plain.calls.filter(\.isMutating)
            try #require(!mutating.isEmpty, "\(plain.transcript)")
            var cases = mutating.flatMap { call in
                Self.faults.map { FaultCase(journey: journey, fault: (call, $0)) }
            }
            // The one answer that never comes: the client gives up after half a minute.
            if journey == .swap, let launch = mutating.first(where: { $0.action == "RunInstances" }) {
                cases.insert(FaultCase(journey: journey, fault: (launch, .lostAfterSlow)), at: 0)
            }
            // The first read of a kind has no older answer that could be given again.
            cases += plain.calls.filter { !$0.isMutating && $0.occurrence > 1 }.map {
                FaultCase(journey: journey, fault: ($0, .staleRead))
            }
            let start = ContinuousClock.now
            let results = try await Self.run(cases)
            for (one, result) in zip(cases, results) { Self.check(one, result, against: plain) }
            print(
                Self.table(journey, plain, cases, results)
                    + String(format: "%d cases in %.1f s\n", cases.count, (ContinuousClock.now - start) / .seconds(1)))
        }
    }

    /// The table can tell: where launches are not idempotent, a request that comes twice launches a second instance.
    @Test func secondInstanceWouldBeSeen() async throws {
        try await Turnstile.shared.pass(.several) {
            let launch = FaultyCall(action: "RunInstances", occurrence: 1, isMutating: true)
            let one = FaultCase(journey: .swap, fault: (launch, .duplicate), heedsClientTokens: false)
            let result = try await one.run()
            #expect(result.bites == 1)
            #expect(result.launched == 2, "\(result.transcript)")
        }
    }

    private static func run(_ cases: [FaultCase]) async throws -> [FaultCase.Result] {
        try await withThrowingTaskGroup(of: (Int, FaultCase.Result).self) { group in
            var results = [FaultCase.Result?](repeating: nil, count: cases.count)
            for (index, one) in cases.enumerated() {
                if index >= width, let (done, result) = try await group.next() { results[done] = result }
                group.addTask { (index, try await one.run()) }
            }
            for try await (done, result) in group { results[done] = result }
            return results.compactMap(\.self)
        }
    }

    private static func check(_ one: FaultCase, _ result: FaultCase.Result, against plain: FaultCase.Result) {
        guard let fault = one.fault else { return }
        let name = "\(one.journey) \(fault.call) \(fault.kind.rawValue)"
        #expect(result.outcome == plain.outcome, "\(name): another end\n\(result.transcript)")
        #expect(result.launched == 1, "\(name): \(result.launched) replacements\n\(result.transcript)")
        // Fewer reads may be made than without the fault; a call that changes something is always made.
        if fault.call.isMutating { #expect(result.bites == 1, "\(name): the fault did not bite\n\(result.transcript)") }
    }

    /// One row for each call, one column for each fault: the same end, and after how many seconds.
    private static func table(
        _ journey: FaultJourney, _ plain: FaultCase.Result, _ cases: [FaultCase], _ results: [FaultCase.Result]
    ) -> String {
        let columns = faults + [.lostAfterSlow, .staleRead]
        var cells: [FaultyCall: [ProxyFault: String]] = [:]
        for (one, result) in zip(cases, results) {
            guard let fault = one.fault else { continue }
            let word = result.outcome != plain.outcome ? "DIFFERS" : result.bites == 0 ? "no bite" : "same"
            cells[fault.call, default: [:]][fault.kind] = word + String(format: " %.1f", result.seconds)
        }
        func row(_ first: String, _ rest: [String]) -> String {
            first.padding(toLength: 24, withPad: " ", startingAt: 0)
                + rest.map { $0.padding(toLength: 11, withPad: " ", startingAt: 0) }.joined() + "\n"
        }
        var text = String(
            format: "\n%@: %.1f s and exit code %d without a fault\n", "\(journey)", plain.seconds, plain.outcome.code)
        text += row("", columns.map(\.rawValue))
        for call in plain.calls {
            guard let row0 = cells[call] else { continue }
            text += row("\(call)", columns.map { row0[$0] ?? "" })
        }
        return text
    }
}
