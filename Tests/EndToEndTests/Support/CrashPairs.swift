import Foundation

/// Pairs of kills: one at a write of a path, and one at a write of the recovery.
actor CrashPairs {
    struct Pair: Sendable {
        var path: CrashPath
        var faults: [StoreFault]
    }

    private static let kinds: [StoreFault.Kind] = [.before, .after]

    /// What is not handed out yet, the last first.
    private var queue: [Pair] = []
    /// The lowest first number of each path that no run reached.
    private var ends: [CrashPath: Int] = [:]
    private let isComplete: Bool

    private init(sample: (limit: Int, seed: UInt64)?) {
        isComplete = sample == nil
        for path in CrashPath.allCases.reversed() {
            for first in (1...Self.writeLimit).reversed() { queue += Self.pairs(path, first: first, second: 1) }
        }
        guard let sample else { return }
        var random = SeededGenerator(seed: sample.seed)
        queue = (0..<sample.limit).compactMap { number in
            let paths = CrashPath.allCases
            let path = paths[number % paths.count]
            return Self.pairs(
                path, first: .random(in: 1...Self.writes(of: path), using: &random),
                second: .random(in: 1...Self.writes(of: path), using: &random)
            ).randomElement(using: &random)
        }
    }

    /// No path has more writes.
    private static let writeLimit = 60
    /// About how many a path has; of a sample's pairs some have one kill only, as the recovery has fewer.
    private static func writes(of path: CrashPath) -> Int {
        switch path {
        case .forward: 30
        case .failingCheck: 26
        case .undo: 20
        case .retire: 13
        case .rollback: 8
        }
    }

    private static func pairs(_ path: CrashPath, first: Int, second: Int) -> [Pair] {
        kinds.flatMap { one in
            kinds.map { two in
                Pair(path: path, faults: [StoreFault(kind: one, number: first), StoreFault(kind: two, number: second)])
            }
        }
    }

    /// What the environment asks for; `nil` for nothing.
    static func wanted() async throws -> CrashPairs? {
        guard let text = ProcessInfo.processInfo.environment["CHANGEOVER_CRASH_PAIRS"] else { return nil }
        if text == "1" { return CrashPairs(sample: nil) }
        let parts = text.split(separator: "/")
        guard parts.count == 2, let limit = Int(parts[0]), limit > 0, let seed = UInt64(parts[1]) else {
            throw Failed("CHANGEOVER_CRASH_PAIRS must be 1 or LIMIT/SEED, not \(text)")
        }
        return CrashPairs(sample: (limit, seed))
    }

    /// The next pair; `nil` when there is none left.
    func next() -> Pair? {
        while let pair = queue.popLast() {
            if let end = ends[pair.path], let first = pair.faults.first?.number, first >= end { continue }
            return pair
        }
        return nil
    }

    /// Learns from a journey how far the writes go.
    func record(_ journey: CrashJourney) {
        guard isComplete, let first = journey.disturbances.first else { return }
        guard first.report.struck else {
            ends[journey.path] = min(ends[journey.path] ?? .max, first.fault.number)
            return
        }
        guard let second = journey.disturbances.dropFirst().first, second.report.struck else { return }
        let fault = StoreFault(kind: second.fault.kind, number: second.fault.number + 1)
        queue.append(Pair(path: journey.path, faults: [first.fault, fault]))
    }
}
