import Foundation

/// One command with faults, what was done to recover, and what is to be said against it.
struct CrashJourney: Sendable {
    /// In what an end differs from the one that it should be.
    struct Problem: Sendable, CustomStringConvertible {
        enum Kind: String, Sendable { case end, orphan, doubleLaunch, integrity, unrecorded }

        var kind: Kind
        var text: String

        var description: String { "\(kind.rawValue): \(text)" }
    }

    /// One run of the program in which a fault was to strike.
    struct Disturbance: Sendable {
        var fault: StoreFault
        var report: FaultReport
        var code: Int32
        var errors: String
        var world: CrashWorld
        var store: String
        /// The state that it said it came to; `nil` when it said none.
        var claimed: String?
        /// The swap's state in the journal that was left.
        var state = "no swap yet"

        var wasKilled: Bool { code == 128 + SIGKILL }
    }

    let path: CrashPath
    private(set) var swap: String
    let original: CrashWorld.Record
    let before: CrashWorld
    let servers: String
    let baseline: JournalText
    private(set) var disturbances: [Disturbance] = []
    private(set) var replacement: CrashWorld.Record?
    private(set) var problems: [Problem] = []
    private var transcripts: [String] = []

    init(
        path: CrashPath, swap: String, original: CrashWorld.Record, before: CrashWorld, servers: String,
        baseline: JournalText
    ) {
        (self.path, self.swap, self.original) = (path, swap, original)
        (self.before, self.servers, self.baseline) = (before, servers, baseline)
    }

    /// Everything that was run, for a failure's message.
    var story: String {
        let faults = disturbances.map { "\($0.fault) in \($0.state)" }.joined(separator: ", then ")
        return "\(path.rawValue), \(faults):\n" + problems.map { "  \($0)\n" }.joined()
            + transcripts.joined(separator: "\n")
    }

    mutating func object(_ kind: Problem.Kind, _ text: String) { problems.append(Problem(kind: kind, text: text)) }

    /// Runs the command, and what an operator does next, until the end is reached.
    mutating func travel(_ faults: [StoreFault], in fixture: Fixture) async throws {
        // An operator resumes, or gives the same command again; either way it goes on.
        var resumesNext = (faults.first?.number ?? 0).isMultiple(of: 2)
        var left = faults[...]
        for attempt in 0..<faults.count + 5 {
            let isResumption = attempt > 0 && resumesNext && !swap.isEmpty
            let fault = left.popFirst()
            let run = try await self.run(
                isResumption ? ["resume", swap] : path.command(swap), fault, attempt: attempt, in: fixture)
            if let last = run.state, last == path.end, run.code == (isResumption ? path.resumeCode : path.code) {
                if left.isEmpty { return }
                continue
            }
            let isDisturbed = disturbances.last?.report.struck == true && fault != nil
            if isDisturbed { continue }
            // A command that was obeyed already is refused, and a resumption does not know one that was not recorded.
            let goesOn = isResumption ? run.state == path.start : run.code == 4
            guard goesOn else { return object(.end, "exit code \(run.code) in \(run.state ?? "no state")") }
            resumesNext.toggle()
        }
        object(.end, "it does not come to its end")
    }

    private mutating func run(
        _ arguments: [String], _ fault: StoreFault?, attempt: Int, in fixture: Fixture
    ) async throws -> (code: Int32, state: String?) {
        let report = "\(fixture.folder)/fault-report"
        try? FileManager.default.removeItem(atPath: report)
        let assignments = try await fault?.assignments(report: report) ?? []
        let program = try fixture.start(
            assignments + [Tools.changeover] + arguments
                + ["--output", "jsonl", "--config", fixture.folder + "/changeover.yaml"])
        let code = try await program.end()
        transcripts.append(program.transcript)
        let line = SwapLine.lines(of: program.output).last
        if let line { swap = line.swap }
        if let fault {
            disturbances.append(
                Disturbance(
                    fault: fault, report: FaultReport(of: fault, path: report), code: code, errors: program.errors,
                    world: try CrashWorld(of: fixture),
                    store: try JournalText.copy(of: fixture, to: "attempt-\(attempt)"),
                    claimed: line?.type == "swap" ? line?.state : nil))
        }
        return (code, line?.type == "swap" ? line?.state : nil)
    }
}

// MARK: The judgement

extension CrashJourney {
    /// Compares what is there with what must be there.
    mutating func judge(in fixture: Fixture) async throws {
        let stores = disturbances.map(\.store) + [try JournalText.copy(of: fixture, to: "end")]
        let texts = try await JournalText.read(stores, in: fixture)
        for (index, text) in texts.enumerated() {
            text.problems.forEach { object(.integrity, "store \(index + 1) of \(texts.count): \($0)") }
        }
        for index in disturbances.indices {
            if let state = texts[index].records.last?.state { disturbances[index].state = state }
            judge(disturbances[index], by: texts[index])
        }
        guard let journal = texts.last else { return }
        judge(journal)
        let world = try CrashWorld(of: fixture)
        judge(world)
        try judgeTraffic(world, in: fixture)
        try await judgeProcesses(world, in: fixture)
        judgeStarts(world)
        let orphans = try await fixture.document([OrphanListing].self, ["orphans", "list"])
        orphans.forEach { object(.orphan, "\($0)") }
    }

    /// A kill must have been ours, and nothing may be done that is not recorded.
    private mutating func judge(_ disturbance: Disturbance, by text: JournalText) {
        let recorded = Set(text.records.dropFirst(baseline.records.count).flatMap(\.intents))
        let made = disturbance.world.calls(since: before)
        for call in made.subtracting(recorded).sorted() {
            object(.unrecorded, "\(call) was made and no intent is recorded after: \(disturbance.fault)")
        }
        if disturbance.wasKilled != (disturbance.report.struck && disturbance.fault.kind.kills) {
            object(.end, "exit code \(disturbance.code), and a fault that struck: \(disturbance.report.struck)")
        }
        if disturbance.report.struck && !disturbance.fault.kind.kills { judgeExit(of: disturbance) }
    }

    /// A store that fails is named with what can be done, unless all that mattered was recorded.
    private mutating func judgeExit(of disturbance: Disturbance) {
        let words = disturbance.errors
        switch disturbance.code {
        case path.code, path.resumeCode:
            if disturbance.claimed != path.end { object(.end, "it failed and exits with \(disturbance.code)") }
        case 3, 4:
            let says = disturbance.fault.kind == .fullDisk ? "disk is full" : "could not be"
            if !words.contains("journal.sqlite") || !words.contains(says) { object(.end, "unclear: \(words)") }
        default: object(.end, "\(disturbance.fault): exit code \(disturbance.code): \(words)")
        }
    }

    private mutating func judge(_ journal: JournalText) {
        if journal.swaps != [swap] { object(.end, "swaps \(journal.swaps), not \(swap)") }
        if journal.records.last?.state != path.end { object(.end, "\(journal.records.last?.state ?? "no state")") }
        if journal.openRequests != 0 { object(.end, "\(journal.openRequests) requests are open") }
        if (journal.claims > 0) != (path.end == "holding") { object(.end, "\(journal.claims) claims") }
        let launches = journal.records.flatMap(\.intents).count { $0 == "launch" }
        if launches != 1 { object(.doubleLaunch, "\(launches) launches are recorded") }
    }

    private mutating func judge(_ world: CrashWorld) {
        let known = path == .forward ? before.names : before.names.subtracting(replacementBefore.map { [$0] } ?? [])
        let created = world.names.subtracting(known)
        replacement = world.records.values.first { created.contains($0.id) }
        if created.count != 1 { object(.doubleLaunch, "created \(created.sorted())") }
        world.otherFolders.forEach { object(.orphan, "the folder \($0) is left") }
        let ends: (original: String, replacement: String) =
            switch path.end {
            case "holding": ("stopped", "running")
            case "succeeded": ("terminated", "running")
            default: ("running", "terminated")
            }
        let found = (world.records[original.id]?.intention, replacement?.intention)
        if found.0 != ends.original || found.1 != ends.replacement { object(.end, "\(found), not \(ends)") }
        for record in [world.records[original.id], replacement].compactMap(\.self) {
            let isMarked = record.tags["changeover:swap"] != nil
            if (record.intention == "terminated") != (record.terminatedAt != nil) {
                object(.end, "\(record.id) is half terminated")
            }
            if path.end != "holding", record.intention == "running", isMarked { object(.end, "tags: \(record)") }
        }
    }

    /// The replacement that was there before this path began.
    private var replacementBefore: String? {
        before.records.values.first {
            $0.tags["changeover:swap"] == swap && $0.tags["changeover:role"] == "replacement"
        }?.id
    }

    private mutating func judgeTraffic(_ world: CrashWorld, in fixture: Fixture) throws {
        let serving = path.end == "rolledBack" ? original : replacement
        let found = try fixture.serving()
        if found != [serving?.address].compactMap(\.self) { object(.end, "\(found) serve, not \(serving?.id ?? "?")") }
        let page = try fixture.page()
        if !page.contains(serving?.id ?? "?") { object(.end, "the page is \(page.suffix(40))") }
        if path == .failingCheck || path == .rollback {
            let now = try fixture.servers()
            if now != servers { object(.end, "HAProxy has\n\(now)\nand had\n\(servers)") }
        }
    }

    /// Whatever runs must be HAProxy or belong to an instance that shall run.
    private mutating func judgeProcesses(_ world: CrashWorld, in fixture: Fixture) async throws {
        let running = world.records.values.filter { $0.intention == "running" }.map {
            "CHANGEOVER_INSTANCE_FOLDER=\(fixture.instancesFolder)/\($0.id)\0"
        }
        var strangers: [pid_t] = []
        do {
            // What the killed process had started to look at an instance ends by itself.
            try await eventually("only what shall run runs", within: .seconds(10)) {
                strangers = ProcessScan.processes(of: fixture.folder).filter { process in
                    !ProcessScan.mentions("haproxy\0-db", "/proc/\(process)/cmdline")
                        && !running.contains { ProcessScan.mentions($0, "/proc/\(process)/environ") }
                }
                return strangers.isEmpty
            }
        } catch {
            let words = strangers.map { process in
                let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
                return "\(process) \(String(decoding: line, as: UTF8.self).replacing("\0", with: " "))"
            }
            object(.orphan, "still running: \(words)")
        }
    }

    /// Whatever the provider was told twice, it did once.
    private mutating func judgeStarts(_ world: CrashWorld) {
        let again = path == .undo ? 1 : 0
        if world.starts[original.id] != (before.starts[original.id] ?? 0) + again {
            object(.doubleLaunch, "the original's service was started \(world.starts[original.id] ?? 0) times")
        }
        guard let id = replacement?.id, world.boots[id] != 1 || world.starts[id] != 1 else { return }
        object(
            .doubleLaunch, "\(id) had \(world.boots[id] ?? 0) first boots and \(world.starts[id] ?? 0) starts")
    }
}
