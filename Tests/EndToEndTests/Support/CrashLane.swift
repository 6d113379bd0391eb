import Foundation

/// One fixture through which one swap after the other is driven, each with faults in its commands.
struct CrashLane: Sendable {
    let fixture: Fixture
    /// The instance that serves now.
    private(set) var original: CrashWorld.Record

    init(_ fixture: Fixture) throws {
        self.fixture = fixture
        guard let record = try CrashWorld(of: fixture).records[fixture.original] else {
            throw Failed("\(fixture.original) has no record")
        }
        original = record
    }

    /// Begins a swap with a store that does not exist yet, and leaves it where `path` starts.
    func prepare(for path: CrashPath) async throws -> String {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let file = "\(fixture.store)/journal.sqlite\(suffix)"
            if FileManager.default.fileExists(atPath: file) { try FileManager.default.removeItem(atPath: file) }
        }
        switch path {
        case .forward, .undo, .retire: return ""
        case .failingCheck, .rollback:
            var policy = Policy.quick
            policy.approval = "ask"
            policy.checks.append("healthchecks/broken.yaml")
            try fixture.write(Texts.playbook(policy), to: "playbooks/ask.yaml")
            try fixture.write(
                Texts.quickCheck(named: "broken", status: 500, phases: "bake"), to: "healthchecks/broken.yaml")
            let run = try await fixture.run([
                "swap", "web-1", "--playbook", "playbooks/ask.yaml", "--output", "jsonl",
            ])
            guard let line = SwapLine.lines(of: run.output).last, line.state == path.start else {
                throw Failed(run.transcript)
            }
            return line.swap
        }
    }

    /// Drives a swap along a path with a fault in its first command, in the next one, and so on; then undisturbed.
    mutating func travel(
        _ path: CrashPath, swap: String = "", faults: [StoreFault], fillsLog: Bool = true
    ) async throws -> CrashJourney {
        if path != .forward && fillsLog { try await fillLog() }
        let before = try CrashWorld(of: fixture)
        let servers = try fixture.servers()
        let start = try await JournalText.read([JournalText.copy(of: fixture, to: "start")], in: fixture)
        var journey = CrashJourney(
            path: path, swap: swap, original: original, before: before, servers: servers,
            baseline: start.first ?? .empty)
        try await journey.travel(faults, in: fixture)
        try await journey.judge(in: fixture)
        if path.end == "succeeded", let replacement = journey.replacement { original = replacement }
        return journey
    }

    /// Lets the log grow until SQLite is about to copy it into the database, so that this happens on the way.
    ///
    /// It ends without closing the store, which would copy the log at once.
    private func fillLog() async throws {
        _ = try await fixture.python(
            """
            import os, sqlite3, sys
            db = sqlite3.connect(sys.argv[1], isolation_level=None)
            db.execute("PRAGMA synchronous = OFF")
            db.execute("PRAGMA wal_autocheckpoint = 0")
            frames = lambda: (os.path.getsize(sys.argv[1] + "-wal") - 32) // (4096 + 24)
            while frames() < \(Self.logFrames):
                for step in 1, -1: db.execute("UPDATE swaps SET updated_at = updated_at + ?", (step,))
            os._exit(0)
            """, [fixture.store + "/journal.sqlite"])
    }

    /// SQLite copies at the first commit that makes it 1000.
    private static let logFrames = 970
}
