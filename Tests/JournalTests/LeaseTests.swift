import Foundation
import Testing
import Workflow

@testable import Journal

@Suite struct LeaseTests {
    let folder: ScratchFolder
    let clock = SetClock()
    let id = SwapID("swap-1")

    init() throws {
        folder = try ScratchFolder()
    }

    private func open() async throws -> SQLiteJournal {
        try await SQLiteJournal(path: folder.store, clock: clock)
    }

    private func acquire(_ journal: SQLiteJournal, _ holder: LeaseHolder) async throws -> Lease {
        try await journal.acquireLease(of: id, holder: holder, leaseLength: Sample.length)
    }

    @Test func ownLeaseIsHeldUntilReleased() async throws {
        let journal = try await open()
        let me = try Sample.holder()
        let lease = try await Sample.create(journal)
        let held = await thrown { _ = try await acquire(journal, me) }
        #expect(held?.code == .leaseHeld)
        #expect(held?.holder == me)
        try await journal.release(lease)
        #expect(try await acquire(journal, me).epoch == 2)
        await journal.close()
    }

    @Test func expiryIsMonotonicOnOneBootAndFencesTheOldHolder() async throws {
        let journal = try await open()
        let me = try Sample.holder()
        let old = try await Sample.create(journal)
        clock.advance(Sample.length.milliseconds - 1)
        #expect(await thrown { _ = try await acquire(journal, me) }?.code == .leaseHeld)
        let renewed = try await journal.renew(old, leaseLength: Sample.length)
        #expect(renewed.epoch == 1)
        #expect(renewed.expiresAtMonotonicMilliseconds == clock.monotonicMilliseconds() + Sample.length.milliseconds)
        clock.advance(Sample.length.milliseconds)
        try await journal.append(Sample.entry(2), expectedSequence: 2, under: old)
        let taken = try await acquire(journal, me)
        #expect(taken.epoch == 2)
        #expect(await thrown { _ = try await journal.renew(old, leaseLength: Sample.length) }?.code == .leaseLost)
        let stale = await thrown { try await journal.append(Sample.entry(3), expectedSequence: 3, under: old) }
        #expect(stale?.code == .leaseLost)
        try await journal.release(old)
        try await journal.append(Sample.entry(3), expectedSequence: 3, under: taken)
        #expect(try await journal.records(of: id, after: 0).map(\.epoch) == [1, 1, 2])
        await journal.close()
    }

    @Test func otherMachinesExpireByWallClockAndRebootsAtOnce() async throws {
        let journal = try await open()
        let me = try Sample.holder()
        var far = me
        far.host = "elsewhere"
        far.bootID = "other-boot"
        _ = try await Sample.create(journal, holder: far)
        #expect(await thrown { _ = try await acquire(journal, me) }?.code == .leaseHeld)
        #expect(try await journal.swap(id)?.driver == far)
        clock.advance(Sample.length.milliseconds)
        #expect(try await acquire(journal, me).epoch == 2)
        var before = me
        before.bootID = "boot-before"
        _ = try await Sample.create(journal, "swap-2", claims: ["b"], holder: before)
        #expect(try await journal.swap(SwapID("swap-2"))?.driver == nil)
        let lease = try await journal.acquireLease(of: SwapID("swap-2"), holder: me, leaseLength: Sample.length)
        #expect(lease.epoch == 2)
        await journal.close()
    }

    @Test func deadProcessIsTakenOverAndLivingIsNot() async throws {
        let journal = try await open()
        let me = try Sample.holder()
        let sleeper = Process()
        sleeper.executableURL = URL(fileURLWithPath: "/bin/sleep")
        sleeper.arguments = ["600"]
        try sleeper.run()
        var other = me
        other.processID = sleeper.processIdentifier
        other.processStart = try #require(ProcessTable.entry(of: other.processID)).start
        _ = try await Sample.create(journal, holder: other)
        #expect(await thrown { _ = try await acquire(journal, me) }?.holder == other)
        kill(other.processID, SIGKILL)
        sleeper.waitUntilExit()
        #expect(try await acquire(journal, me).epoch == 2)

        var reused = me
        reused.processStart += 1
        _ = try await Sample.create(journal, "swap-2", claims: ["b"], holder: reused)
        let lease = try await journal.acquireLease(of: SwapID("swap-2"), holder: me, leaseLength: Sample.length)
        #expect(lease.epoch == 2)
        await journal.close()
    }

    @Test func unknownSwapHasNoLease() async throws {
        let journal = try await open()
        let me = try Sample.holder()
        #expect(await thrown { _ = try await acquire(journal, me) }?.code == .unknownSwap)
        await journal.close()
    }

    @Test func onlyOneOfManyContendersWins() async throws {
        let journals = [try await open(), try await open(), try await open()]
        let me = try Sample.holder()
        let lease = try await Sample.create(journals[0])
        try await journals[0].release(lease)
        let id = id
        let won = await withTaskGroup(of: Int.self) { group in
            for turn in 0..<12 {
                let journal = journals[turn % journals.count]
                group.addTask {
                    (try? await journal.acquireLease(of: id, holder: me, leaseLength: Sample.length))?.epoch ?? 0
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(won.filter { $0 > 0 } == [2])
        let claimed = await withTaskGroup(of: Bool.self) { group in
            for turn in 0..<12 {
                let journal = journals[turn % journals.count]
                group.addTask { (try? await Sample.create(journal, "many-\(turn)", claims: ["one"])) != nil }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(claimed == 1)
        for journal in journals { await journal.close() }
    }

    @Test func anotherProcessHoldingTheLockIsWaitedFor() async throws {
        let journal = try await open()
        let lease = try await Sample.create(journal)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\nc.execute('begin immediate')\n"
                + "print('held',flush=True)\nsys.stdin.readline()\nc.execute('commit')", folder.store,
        ]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        _ = output.fileHandleForReading.availableData
        async let appended = journal.append(Sample.entry(2), expectedSequence: 2, under: lease)
        #expect(try await journal.records(of: id, after: 0).count == 1, "readers do not wait for the writer")
        try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
        #expect(try await appended == 2)
        process.waitUntilExit()
        await journal.close()
    }
}
