import Foundation
import Testing
import Workflow

@testable import Journal

@Suite struct ReaderTests {
    let folder: ScratchFolder
    let clock = SetClock()
    let id = SwapID("swap-1")

    init() throws {
        folder = try ScratchFolder()
    }

    private func reader() -> SQLiteJournalReader { SQLiteJournalReader(path: folder.store, clock: clock) }

    private func readAll(_ reader: SQLiteJournalReader) async throws -> Int {
        _ = try await reader.swaps(liveOnly: false)
        _ = try await reader.swap(id)
        _ = try await reader.logLines(of: id, after: 0, limit: 10)
        _ = try await reader.changeCounter()
        return try await reader.records(of: id, after: 0).count
    }

    @Test func missingStoreReadsAsEmptyAndIsFoundLater() async throws {
        let reader = reader()
        #expect(try await readAll(reader) == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        let count = try await reader.changeCounter()
        let journal = try await SQLiteJournal(path: folder.store, clock: clock)
        _ = try await Sample.create(journal)
        #expect(try await reader.changeCounter() != count)
        #expect(try await readAll(reader) == 1)
        await journal.close()
        #expect(try await readAll(reader) == 1)
        await reader.close()
        #expect(await thrown { _ = try await reader.swaps(liveOnly: true) }?.code == .closed)
    }

    @Test func readingAStoreInUseChangesNoByte() async throws {
        let journal = try await SQLiteJournal(path: folder.store, clock: clock)
        _ = try await Sample.create(journal)
        await journal.close()
        let writer = try ForeignWriter(store: folder.store)
        try writer.writeLine()
        let reader = reader()
        let before = try picture(of: folder.path)
        #expect(try await readAll(reader) == 1)
        #expect(try picture(of: folder.path) == before)
        let count = try await reader.changeCounter()
        #expect(try await reader.changeCounter() == count)
        try writer.writeLine()
        #expect(try await reader.changeCounter() != count)
        let lines = try await reader.logLines(of: id, after: 0, limit: 9)
        #expect(lines.count == 2)
        await reader.close()
        let after = try picture(of: folder.path)
        #expect(after.contains("store.sqlite-wal"))
        writer.close()
    }

    @Test func readingAClosedStoreChangesNoByte() async throws {
        let journal = try await SQLiteJournal(path: folder.store, clock: clock)
        _ = try await Sample.create(journal)
        await journal.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["store.sqlite"])
        let before = try picture(of: folder.path)
        let reader = reader()
        #expect(try await readAll(reader) == 1)
        await reader.close()
        #expect(try picture(of: folder.path) == before)
    }

    @Test(arguments: [true, false]) func readingAfterACrashChangesNoByte(keepsIndex: Bool) async throws {
        let journal = try await SQLiteJournal(path: folder.store, clock: clock)
        _ = try await Sample.create(journal)
        let crashed = folder.path + "/crashed"
        let names = ["", "-wal"] + (keepsIndex ? ["-shm"] : [])
        try FileManager.default.createDirectory(atPath: crashed, withIntermediateDirectories: false)
        for name in names { try run("/bin/cp", [folder.store + name, crashed + "/store.sqlite" + name]) }
        await journal.close()
        let before = try picture(of: crashed)
        let reader = SQLiteJournalReader(path: crashed + "/store.sqlite", clock: clock)
        #expect(try await readAll(reader) == 1)
        let count = try await reader.changeCounter()
        #expect(try await reader.changeCounter() == count)
        await reader.close()
        #expect(try picture(of: crashed) == before)
    }

    /// Closing any descriptor drops POSIX locks; then another process's last closing would delete our log.
    @Test func readersNeverCostAJournalOfThisProcessItsLocks() async throws {
        var journal = try await SQLiteJournal(path: folder.store, clock: clock)
        let lease = try await Sample.create(journal)
        await journal.close()
        let reader = reader()
        #expect(try await readAll(reader) == 1)
        journal = try await SQLiteJournal(path: folder.store, clock: clock)
        #expect(try await readAll(reader) == 1)
        await reader.close()
        _ = try python(
            "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\n"
                + "c.execute(\"insert into log(swap,at,source,text) values(1,1,'x','y')\")\nc.close()", folder.store)
        #expect(FileManager.default.fileExists(atPath: folder.store + "-wal"))
        try await journal.append(Sample.entry(2), expectedSequence: 2, under: lease)
        await journal.close()
        let again = self.reader()
        #expect(try await readAll(again) == 2)
        #expect(try await again.logLines(of: id, after: 0, limit: 9).count == 1)
        await again.close()
    }

    @Test func readersFollowManyOpeningsAndClosings() async throws {
        let store = folder.store
        let clock = clock
        let writer = Task {
            for turn in 1...25 {
                let journal = try await SQLiteJournal(path: store, clock: clock)
                _ = try await Sample.create(journal, "swap-\(turn)", claims: ["\(turn)"])
                await journal.close()
            }
        }
        let reader = reader()
        var last = 0
        while last < 25 {
            let now = try await reader.swaps(liveOnly: true).count
            #expect(now >= last)
            last = max(last, now)
            await Task.yield()
        }
        try await writer.value
        await reader.close()
    }
}

/// Another process that has the store open and writes when told.
private final class ForeignWriter {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(store: String) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\nfor l in sys.stdin:\n"
                + " c.execute(\"insert into log(swap,at,source,text) values(1,1,'x','y')\")\n print('ok',flush=True)",
            store,
        ]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    func writeLine() throws {
        try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
        // Python writes the word and its line feed apart.
        var answer = Data()
        while !answer.contains(UInt8(ascii: "\n")) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw CocoaError(.fileReadUnknown) }
            answer += more
        }
    }

    func close() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
