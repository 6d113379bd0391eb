import Foundation
import Testing
import Workflow

@testable import Journal

@Suite struct JournalPromisesTests {
    let folder: ScratchFolder
    let clock = SetClock()

    init() throws {
        folder = try ScratchFolder()
    }

    private func open() async throws -> SQLiteJournal {
        try await SQLiteJournal(path: folder.store, clock: clock)
    }

    @Test func writesSurviveReopeningExactly() async throws {
        var journal = try await open()
        let lease = try await Sample.create(journal)
        #expect(lease.epoch == 1)
        #expect(try await journal.append(Sample.entry(2), expectedSequence: 2, under: lease) == 2)
        await journal.close()
        journal = try await open()
        let records = try await journal.records(of: SwapID("swap-1"), after: 0)
        #expect(records.map(\.sequence) == [1, 2])
        #expect(records.map(\.epoch) == [1, 1])
        #expect(records.map(\.entry) == [Sample.entry(1), Sample.entry(2)])
        #expect(try await journal.records(of: SwapID("swap-1"), after: 1).map(\.sequence) == [2])
        #expect(try await journal.records(of: SwapID("none"), after: 0).isEmpty)
        await journal.close()
    }

    @Test func settingsReadBackAsDurable() async throws {
        for _ in 0..<2 {
            let journal = try await open()
            let settings = try await journal.durability()
            #expect(settings.journalMode == "wal")
            #expect(settings.synchronous == 2)
            await journal.close()
        }
    }

    @Test func claimsAreUniqueAmongLiveSwaps() async throws {
        let journal = try await open()
        let lease = try await Sample.create(journal, "swap-1", claims: ["i-1", "slot"])
        let error = await thrown { _ = try await Sample.create(journal, "swap-2", claims: ["i-2", "slot"]) }
        #expect(error?.code == .instanceBusy)
        #expect(error?.swap == SwapID("swap-1"))
        #expect(try await journal.swap(SwapID("swap-2")) == nil)
        try await journal.append(Sample.entry(2, ended: true), expectedSequence: 2, under: lease)
        _ = try await Sample.create(journal, "swap-2", claims: ["i-2", "slot", "slot"])
        let back = await thrown { try await journal.append(Sample.entry(3), expectedSequence: 3, under: lease) }
        #expect(back?.code == .storage)
        let twice = await thrown { _ = try await Sample.create(journal, "swap-2", claims: []) }
        #expect(twice?.code == .storage)
        await journal.close()
    }

    @Test func replacementIsClaimedOnceARecordNamesIt() async throws {
        let journal = try await open()
        let lease = try await Sample.create(journal, "swap-1", claims: ["instance:local/i-1"])
        var entry = Sample.entry(2)
        entry.summary.replacement = InstanceID("i-2")
        let claim = try #require(entry.summary.instanceClaims.last)
        try await journal.append(entry, expectedSequence: 2, under: lease)
        let error = await thrown { _ = try await Sample.create(journal, "swap-2", claims: [claim]) }
        #expect(error?.code == .instanceBusy)
        #expect(error?.swap == SwapID("swap-1"))
        try await journal.append(Sample.entry(3, ended: true), expectedSequence: 3, under: lease)
        _ = try await Sample.create(journal, "swap-2", claims: [claim])
        await journal.close()
    }

    @Test func listsNewestFirstAndOnlyLive() async throws {
        let journal = try await open()
        let first = try await Sample.create(journal, "swap-1", claims: ["a"])
        _ = try await Sample.create(journal, "swap-2", claims: ["b"])
        try await journal.append(Sample.entry(2, ended: true, at: 9), expectedSequence: 2, under: first)
        #expect(try await journal.swaps(liveOnly: false).map(\.id.rawValue) == ["swap-2", "swap-1"])
        #expect(try await journal.swaps(liveOnly: true).map(\.id.rawValue) == ["swap-2"])
        let row = try #require(try await journal.swap(SwapID("swap-1")))
        #expect(row.createdAt.milliseconds == 5 && row.updatedAt.milliseconds == 9 && row.summary.hasEnded)
        #expect(row.driver == first.holder)
        try await journal.release(first)
        try await journal.release(first)
        #expect(try await journal.swap(SwapID("swap-1"))?.driver == nil)
        await journal.close()
    }

    @Test func sequenceMustBeTheNext() async throws {
        let journal = try await open()
        let lease = try await Sample.create(journal)
        for wrong in [0, 1, 3] {
            let error = await thrown {
                try await journal.append(Sample.entry(2), expectedSequence: wrong, under: lease)
            }
            #expect(error?.code == .leaseLost)
        }
        #expect(try await journal.records(of: SwapID("swap-1"), after: 0).count == 1)
        await journal.close()
    }

    @Test func requestsWaitUntilARecordTakesThem() async throws {
        let journal = try await open()
        let lease = try await Sample.create(journal)
        let id = SwapID("swap-1")
        let request = OperatorRequest(command: .pause, author: "alice", comment: "so")
        let first = try await journal.post(request, for: id, at: WallTime(milliseconds: 7))
        let second = try await journal.post(request, for: id, at: WallTime(milliseconds: 8))
        #expect(try await journal.pendingRequests(of: id).map(\.number) == [first, second])
        #expect(try await journal.pendingRequests(of: id).first?.request == request)
        try await journal.append(Sample.entry(2, takes: first), expectedSequence: 2, under: lease)
        try await journal.append(Sample.entry(3, takes: first), expectedSequence: 3, under: lease)
        #expect(try await journal.pendingRequests(of: id).map(\.number) == [second])
        let unknown = await thrown { try await journal.post(request, for: SwapID("x"), at: WallTime(milliseconds: 7)) }
        #expect(unknown?.code == .unknownSwap)
        await journal.close()
    }

    @Test func logIsOrderedBoundedAndPaged() async throws {
        let journal = try await open()
        _ = try await Sample.create(journal)
        let id = SwapID("swap-1")
        let long = String(repeating: "é", count: 10_000)
        let lines = ["a", long, "c"].map {
            LogLine(at: WallTime(milliseconds: 1), instance: InstanceID("i-1"), source: "call", text: $0)
        }
        try await journal.appendLog(lines, of: id)
        try await journal.appendLog([], of: id)
        let page = try await journal.logLines(of: id, after: 0, limit: 2)
        #expect(page.map(\.text).first == "a" && page.count == 2)
        #expect(page[1].text.utf8.count <= 8192 && page[1].text.hasSuffix("(20000 bytes, cut)"))
        let rest = try await journal.logLines(of: id, after: page[1].number, limit: 10)
        #expect(rest.map(\.text) == ["c"])
        #expect(try await journal.logLines(of: id, after: 0, limit: -1).isEmpty)
        await journal.close()
    }

    @Test func closedStoreSaysSo() async throws {
        let journal = try await open()
        await journal.close()
        await journal.close()
        for error in [
            await thrown { _ = try await journal.swaps(liveOnly: true) },
            await thrown { _ = try await journal.changeCounter() },
            await thrown { _ = try await Sample.create(journal) },
        ] {
            #expect(error?.code == .closed)
        }
    }

    @Test func counterChangesForOwnAndForeignCommits() async throws {
        let journal = try await open()
        let other = try await SQLiteJournal(path: folder.store, clock: clock)
        var seen: [Int64] = [try await journal.changeCounter()]
        #expect(try await journal.changeCounter() == seen[0])
        let lease = try await Sample.create(journal)
        seen.append(try await journal.changeCounter())
        try await other.post(
            OperatorRequest(command: .pause, author: "a"), for: lease.swap, at: WallTime(milliseconds: 1))
        seen.append(try await journal.changeCounter())
        _ = try python(
            "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\n"
                + "c.execute(\"insert into log(swap,at,source,text) values(1,1,'x','y')\")", folder.store)
        seen.append(try await journal.changeCounter())
        #expect(Set(seen).count == 4)
        #expect(try await journal.changeCounter() == seen[3])
        var fastest = Duration.seconds(1)
        for _ in 0..<200 {
            let asked = ContinuousClock.now
            _ = try await journal.changeCounter()
            fastest = min(fastest, asked.duration(to: .now))
        }
        #expect(fastest < .milliseconds(1))
        await journal.close()
        await other.close()
    }

    @Test func cancellationNeverPreventsAWrite() async throws {
        let journal = try await open()
        let lease = try await Sample.create(journal)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await journal.append(Sample.entry(2), expectedSequence: 2, under: lease)
        }
        #expect(try await task.value == 2)
        await journal.close()
    }

    @Test func recordsAndEpochsCannotBeChangedEvenByHand() async throws {
        let journal = try await open()
        _ = try await Sample.create(journal)
        await journal.close()
        for statement in ["update records set epoch = 9", "delete from records", "update leases set epoch = 0"] {
            #expect(throws: (any Error).self) {
                try python(
                    "import sqlite3,sys\nsqlite3.connect(sys.argv[1],isolation_level=None).execute(sys.argv[2])",
                    folder.store, statement)
            }
        }
    }
}
