import Foundation
import Testing

/// SIGKILL of the driving process in each state of a swap, and what taking it up again makes of it.
@Suite(.serialized, .enabled(if: Tools.areInstalled, "missing: \(Tools.missing)"))
struct CrashMatrixTests {
    /// One cell: where the driver is killed and how the swap is taken up.
    struct Cell: Sendable, CustomTestStringConvertible {
        enum Moment: String, Sendable {
            /// As soon as the state is reported: its first intent is in the journal.
            case reported
            /// Later: the provider has begun or done the launch and no outcome is recorded.
            case launchedUnrecorded
        }

        enum Recovery: String, Sendable {
            case resume, swapAgain, resumeDue
        }

        var state: String
        var moment = Moment.reported
        var recovery = Recovery.resume

        var testDescription: String { "\(state) \(moment.rawValue), then \(recovery.rawValue)" }
    }

    static let cells = [
        Cell(state: "launching"),
        Cell(state: "launching", moment: .launchedUnrecorded),
        Cell(state: "launching", moment: .launchedUnrecorded, recovery: .swapAgain),
        Cell(state: "patching"),
        Cell(state: "patching", recovery: .swapAgain),
        Cell(state: "verifying"),
        Cell(state: "promoting"),
        Cell(state: "promoting", recovery: .swapAgain),
        Cell(state: "baking", recovery: .resumeDue),
        Cell(state: "stoppingOriginal"),
        Cell(state: "stoppingOriginal", recovery: .swapAgain),
    ]

    @Test(arguments: cells) func sameEnd(_ cell: Cell) async throws {
        try await Fixture.with { fixture in
            let load = try await fixture.startLoad()
            let driver = try fixture.changeover(["swap", "web-1", "--output", "jsonl"])
            let seen = try await fixture.line(of: driver) { $0.state == cell.state }
            if cell.moment == .launchedUnrecorded { try await launchIsUnderWay(fixture) }
            try await driver.kill9()

            let left = try await fixture.status(seen.swap)
            #expect(left.state == cell.state, "the kill came too late for this cell")
            #expect(left.driver == nil, "a killed process counts as driver")
            let arguments =
                switch cell.recovery {
                case .resume: ["resume", seen.swap]
                case .swapAgain: ["swap", "web-1"]
                case .resumeDue: ["resume", "--due"]
                }
            let recovery = try await fixture.run(arguments)
            #expect(recovery.code == 0, "\(recovery.transcript)")
            try await Ending.expectSameEnd(fixture, swap: seen.swap)
            let count = try await load.end()
            #expect(count.failed == 0, "\(count.failures)")
            print("crash matrix: \(cell.testDescription): \(count.requests) requests, \(count.failed) failed")
        }
    }

    /// Killed in the first of two instances, the same command goes on with it and then swaps the other, too.
    @Test func sameCommandSwapsTheRestToo() async throws {
        try await Fixture.with { fixture in
            let launch = try await fixture.run([
                "local", "launch", "--image", "demo", "--name", "web-2", "--property",
                "repository=\(fixture.folder)/img/repository", "--property", "firstBootPatch=no",
            ])
            #expect(launch.code == 0, "\(launch.transcript)")
            let unrouted = Texts.playbook(Policy()).split(separator: "\n").filter { !$0.hasPrefix("traffic") }
            try fixture.write(unrouted.joined(separator: "\n") + "\n", to: "playbooks/unrouted.yaml")
            let arguments = ["swap", "web-1", "web-2", "--playbook", "playbooks/unrouted.yaml"]
            let driver = try fixture.changeover(arguments + ["--output", "jsonl"])
            _ = try await fixture.line(of: driver) { $0.state == "patching" }
            try await driver.kill9()
            let again = try await fixture.run(arguments)
            #expect(again.code == 0, "\(again.transcript)")
            #expect(try await fixture.swaps().map(\.summary.state) == ["holding", "holding"])
            let replacements = try await fixture.instances().filter {
                $0.instance.tags["changeover:role"] == "replacement"
            }
            #expect(replacements.map(\.instance.name).sorted() == ["web-1", "web-2"])
        }
    }

    /// Waits until the provider has begun to make the replacement.
    private func launchIsUnderWay(_ fixture: Fixture) async throws {
        try await eventually("the provider launches", within: .seconds(10)) {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: fixture.instancesFolder)) ?? []
            return names.count > 1
        }
    }
}

/// SIGKILL at random moments, the recovery included.
@Suite(.serialized, .enabled(if: Tools.areInstalled, "missing: \(Tools.missing)"))
struct RandomKillTests {
    static let seed =
        ProcessInfo.processInfo.environment["CHANGEOVER_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...9999)

    /// Five swaps, each killed twice.
    @Test(arguments: 0..<5) func sameEnd(_ number: Int) async throws {
        var random = SeededGenerator(seed: Self.seed &* 1000 &+ UInt64(number))
        let first = Int.random(in: 0...8000, using: &random)
        let second = Int.random(in: 0...3000, using: &random)
        print("random kills: CHANGEOVER_SEED=\(Self.seed), swap \(number): after \(first) ms, then after \(second) ms")
        try await Fixture.with { fixture in
            try await kill(fixture.changeover(["swap", "web-1", "--output", "jsonl"]), after: first)
            let arguments = try await recovery(of: fixture)
            try await kill(fixture.changeover(arguments), after: second)
            let last = try await fixture.run(recovery(of: fixture))
            #expect(last.code == 0, "\(last.transcript)")
            let swaps = try await fixture.swaps()
            #expect(swaps.count == 1)
            try await Ending.expectSameEnd(fixture, swap: try #require(swaps.first?.id))
        }
    }

    private func recovery(of fixture: Fixture) async throws -> [String] {
        try await fixture.swaps().first.map { ["resume", $0.id] } ?? ["swap", "web-1"]
    }

    /// Kills a program at a moment of its life; the moment is the point here, and nothing depends on hitting one.
    private func kill(_ program: Program, after milliseconds: Int) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: .milliseconds(milliseconds))
        while clock.now < deadline, program.exitCode == nil { try await clock.sleep(for: .milliseconds(2)) }
        try await program.kill9()
    }
}

/// Random numbers that a seed repeats (SplitMix64; Steele, Lea and Flood, 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// What must be true once a swap is done, however it got there.
enum Ending {
    static func expectSameEnd(_ fixture: Fixture, swap: String) async throws {
        let status = try await fixture.status(swap)
        #expect(status.state == "holding")
        let ours = try await fixture.instances().filter { $0.instance.tags["changeover:swap"] == swap }
        let replacements = ours.filter { $0.instance.tags["changeover:role"] == "replacement" }
        #expect(replacements.map(\.instance.id) == [status.replacement].compactMap(\.self), "one replacement, ever")
        #expect(replacements.first?.instance.state == "running")
        #expect(ours.first { $0.instance.id == fixture.original }?.instance.state == "stopped")
        // Also what no listing shows, such as a launch that was begun and forgotten.
        let folders = try FileManager.default.contentsOfDirectory(atPath: fixture.instancesFolder)
        #expect(folders.sorted() == ([fixture.original] + replacements.map(\.instance.id)).sorted())
        #expect(try await fixture.document([OrphanListing].self, ["orphans", "list"]).isEmpty)
        #expect(try await Store.check(fixture) == "ok")
        #expect(try fixture.page().contains("web-1 demo-web 1.1"))
        #expect(try fixture.serving() == replacements.compactMap(\.instance.address))
    }
}
