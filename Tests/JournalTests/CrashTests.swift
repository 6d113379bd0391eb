import Foundation
import Testing
import Workflow

@testable import Journal

@Suite struct CrashTests {
    private static let variable = "CHANGEOVER_CRASH_STORE"

    /// Not a test of itself: the child process that `killedWriterLeavesAWholePrefix` starts and kills.
    ///
    /// Without that test's variable it has nothing to do and proves nothing.
    @Test func childAppendsUntilKilled() async throws {
        guard let path = ProcessInfo.processInfo.environment[Self.variable] else { return }
        let journal = try await SQLiteJournal(path: path, clock: SetClock())
        let id = SwapID("swap-1")
        let lease =
            if try await journal.swap(id) == nil {
                try await Sample.create(journal)
            } else {
                try await journal.acquireLease(of: id, holder: Sample.holder(), leaseLength: Sample.length)
            }
        var sequence = try await journal.records(of: id, after: 0).last?.sequence ?? 0
        while sequence < 1_000_000 {
            sequence += 1
            try await journal.append(Sample.entry(sequence), expectedSequence: sequence, under: lease)
            try FileHandle.standardError.write(contentsOf: Data("appended \(sequence)\n".utf8))
        }
    }

    @Test func killedWriterLeavesAWholePrefix() async throws {
        let folder = try ScratchFolder()
        var acknowledged = 1
        for round in 1...4 {
            acknowledged = max(acknowledged, try killChild(store: folder.store, afterAppends: round * 15))
            let check = try python(
                "import sqlite3,sys\nprint(sqlite3.connect('file:'+sys.argv[1]+'?mode=ro',uri=True)"
                    + ".execute('pragma integrity_check').fetchone()[0])", folder.store)
            #expect(check == "ok\n")
            let reader = SQLiteJournalReader(path: folder.store, clock: SetClock())
            let records = try await reader.records(of: SwapID("swap-1"), after: 0)
            await reader.close()
            #expect(records.map(\.sequence) == Array(1...records.count))
            #expect(records.count >= acknowledged, "what was acknowledged is there")
            #expect(records.map(\.epoch) == records.map(\.epoch).sorted())
            #expect(records.last?.epoch == round)
            for record in records.dropFirst() { #expect(record.entry == Sample.entry(record.sequence)) }
        }
    }

    /// Starts this very test program as a child that appends, kills it, and gives the last sequence it acknowledged.
    private func killChild(store: String, afterAppends count: Int) throws -> Int {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        var arguments = Array(CommandLine.arguments.dropFirst())
        if let filter = arguments.firstIndex(of: "--filter") { arguments.removeSubrange(filter...(filter + 1)) }
        if !arguments.contains("--testing-library") { arguments += ["--testing-library", "swift-testing"] }
        child.arguments = arguments + ["--filter", "childAppendsUntilKilled"]
        child.environment = ProcessInfo.processInfo.environment.merging([Self.variable: store]) { $1 }
        let output = Pipe()
        child.standardError = output
        child.standardOutput = FileHandle.nullDevice
        try child.run()
        var text = ""
        while text.components(separatedBy: "appended ").count <= count {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            text += String(decoding: data, as: UTF8.self)
        }
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
        text += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(child.terminationReason == .uncaughtSignal, "\(text.suffix(2000))")
        let numbers = text.split(separator: "\n").compactMap { line in
            line.hasPrefix("appended ") ? Int(line.dropFirst(9)) : nil
        }
        return numbers.last ?? 0
    }
}
