/// Several lanes that share the work of a matrix.
enum CrashLanes {
    /// They mostly wait; with more the processor is the limit.
    private static let count = 6
    /// After so many swaps a lane makes a new fixture, so that others get their turn and listings stay short.
    private static let swapsPerFixture = 12

    /// One swap: a path, and the one that follows it.
    private struct Lap: Sendable {
        var path: CrashPath
        var faults: [StoreFault]
        var sequel: (path: CrashPath, faults: [StoreFault])?
    }

    /// Makes the journeys of a matrix, or those of `pairs`.
    static func travel(_ matrix: CrashMatrix, pairs: CrashPairs? = nil) async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<count { group.addTask { await lane(matrix, pairs) } }
        }
    }

    private static func lap(_ matrix: CrashMatrix, _ pairs: CrashPairs?) async -> Lap? {
        if let pairs {
            guard await !matrix.isHopeless, let pair = await pairs.next() else { return nil }
            if pair.path.start != "holding" { return Lap(path: pair.path, faults: pair.faults) }
            return Lap(path: .forward, faults: [], sequel: (pair.path, pair.faults))
        }
        let forward = await matrix.next(.forward)
        let sequel = await matrix.next(.undo, or: .retire)
        if forward != nil || sequel != nil {
            return Lap(path: .forward, faults: [forward].compactMap(\.self), sequel: sequel.map { ($0.0, [$0.1]) })
        }
        return await matrix.next(.failingCheck, or: .rollback).map { Lap(path: $0.0, faults: [$0.1]) }
    }

    private static func lane(_ matrix: CrashMatrix, _ pairs: CrashPairs?) async {
        var isDone = false
        while !isDone {
            do {
                isDone = try await Fixture.with(policy: .quick) { fixture in
                    var lane = try CrashLane(fixture)
                    for _ in 0..<swapsPerFixture {
                        guard let lap = await lap(matrix, pairs) else { return true }
                        guard try await run(lap, in: &lane, matrix, pairs) else { return false }
                    }
                    return false
                }
            } catch {
                // The fixture has reported it; where none can be made there is no use in trying on.
                await matrix.fail()
                isDone = await matrix.isHopeless
            }
        }
    }

    /// Runs a lap; false when its fixture is not to be used any more.
    private static func run(
        _ lap: Lap, in lane: inout CrashLane, _ matrix: CrashMatrix, _ pairs: CrashPairs?
    ) async throws -> Bool {
        let swap = try await lane.prepare(for: lap.path)
        let journey = try await lane.travel(lap.path, swap: swap, faults: lap.faults)
        await matrix.record(journey)
        await pairs?.record(journey)
        guard journey.problems.isEmpty else { return false }
        // A held original has the name of its replacement, so the next swap could not name it.
        guard let sequel = lap.sequel else { return journey.path.end != "holding" }
        let next = try await lane.travel(sequel.path, swap: journey.swap, faults: sequel.faults)
        await matrix.record(next)
        await pairs?.record(next)
        return next.problems.isEmpty
    }
}
