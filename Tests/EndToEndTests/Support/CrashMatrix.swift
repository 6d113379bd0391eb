import Testing

/// Which journal writes of which paths were disturbed, and what came of it.
actor CrashMatrix {
    /// What is known of one path; the first three for each series.
    private struct Progress {
        var next: [Int]
        /// The numbers at which a fault struck.
        var struck: [Set<Int>]
        /// The number at which none struck: the run had fewer writes.
        var ends: [Int?]
        var kinds: [StoreFault.Kind: Int] = [:]
        var landed: [String: Int] = [:]
        var codes: [Int32: Int] = [:]
        var problems: [CrashJourney.Problem.Kind: Int] = [:]
        var stores = 0
        /// Journeys in which two faults struck.
        var pairs = 0
    }

    /// So many journeys may fail before the rest is given up.
    private static let failureLimit = 8
    /// No run has so many writes.
    private static let writeLimit = 200
    /// The shortest path has more.
    private static let writesAtLeast = 6

    private let name: String
    private let series: [[StoreFault.Kind]]
    private var progress: [CrashPath: Progress] = [:]
    private var failures = 0

    /// - Parameter series: each goes through all writes, with its kinds of fault in turn.
    init(_ name: String, series: [[StoreFault.Kind]]) {
        self.name = name
        self.series = series
        for path in CrashPath.allCases {
            progress[path] = Progress(
                next: series.map { _ in 1 }, struck: series.map { _ in [] }, ends: series.map { _ in nil })
        }
    }

    /// The fault for the next journey along a path; `nil` when all its writes were disturbed.
    func next(_ path: CrashPath) -> StoreFault? {
        guard !isHopeless, let known = progress[path] else { return nil }
        let open = series.indices.filter { known.ends[$0] == nil && known.next[$0] <= Self.writeLimit }
        guard let index = open.min(by: { known.next[$0] < known.next[$1] }) else { return nil }
        let number = known.next[index]
        progress[path]?.next[index] = number + 1
        // The paths have much in common, so what comes in turn begins with another kind on each.
        let turn = number + (CrashPath.allCases.firstIndex(of: path) ?? 0)
        return StoreFault(kind: series[index][turn % series[index].count], number: number)
    }

    /// The one of two paths that is further behind, and its next fault.
    func next(_ first: CrashPath, or second: CrashPath) -> (CrashPath, StoreFault)? {
        let order = done(first) <= done(second) ? [first, second] : [second, first]
        for path in order { if let fault = next(path) { return (path, fault) } }
        return nil
    }

    private func done(_ path: CrashPath) -> Int { progress[path]?.next.max() ?? 0 }

    /// Takes what came of a journey; reports what is to be said against it.
    func record(_ journey: CrashJourney) {
        guard var known = progress[journey.path] else { return }
        if let first = journey.disturbances.first,
            let index = series.firstIndex(where: { $0.contains(first.fault.kind) })
        {
            if first.report.struck {
                known.struck[index].insert(first.fault.number)
                known.kinds[first.fault.kind, default: 0] += 1
            } else {
                known.ends[index] = min(known.ends[index] ?? .max, first.fault.number)
            }
        }
        for disturbance in journey.disturbances where disturbance.report.struck {
            known.landed[disturbance.state, default: 0] += 1
            if !disturbance.fault.kind.kills { known.codes[disturbance.code, default: 0] += 1 }
        }
        if journey.disturbances.count(where: \.report.struck) > 1 { known.pairs += 1 }
        known.stores += journey.disturbances.count + 1
        for problem in journey.problems { known.problems[problem.kind, default: 0] += 1 }
        if !journey.problems.isEmpty {
            failures += 1
            Issue.record("\(journey.story)")
        }
        progress[journey.path] = known
    }

    /// Takes a journey that could not be made.
    func fail() { failures += 1 }

    /// Whether so much has failed that the rest is not tried.
    var isHopeless: Bool { failures >= Self.failureLimit }

    /// Requires that every path was travelled to its end with every kind of fault, and prints the table.
    ///
    /// - Parameter pairs: two faults struck in each journey, and which ones was not for the matrix to choose.
    func conclude(pairs: Bool = false) {
        print("\(name):")
        for path in CrashPath.allCases {
            guard let known = progress[path] else { continue }
            if pairs { #expect(known.pairs > 0, "\(path.rawValue): no pair") }
            for index in series.indices where !pairs {
                let end = known.ends[index] ?? 0
                // Without this an empty matrix would pass.
                #expect(
                    end > Self.writesAtLeast && Set(1..<max(end, 1)).isSubset(of: known.struck[index]),
                    "\(path.rawValue): struck \(known.struck[index].sorted()), ended at \(end)")
            }
            print(row(path, known))
        }
    }

    private func row(_ path: CrashPath, _ known: Progress) -> String {
        let kinds = series.flatMap(\.self)
        let counts = kinds.map { "\(known.kinds[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
        let states = known.landed.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        func number(_ kind: CrashJourney.Problem.Kind) -> Int { known.problems[kind] ?? 0 }
        let codes = known.codes.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        let pairs = known.pairs > 0 ? "\(known.pairs) pairs, first ones: " : ""
        return "| \(path.rawValue) | \(pairs)\(counts) | \(states) | other ends \(number(.end)) "
            + "| orphans \(number(.orphan)) | double launches \(number(.doubleLaunch)) "
            + "| unrecorded calls \(number(.unrecorded)) "
            + "| integrity: \(known.stores) stores, \(number(.integrity)) not ok |"
            + (codes.isEmpty ? "" : " exit codes \(codes) |")
    }
}
