import Foundation
import Workflow

@testable import Journal

/// A folder of a test's own, removed with it.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("journal-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var store: String { path + "/store.sqlite" }
}

/// A clock that a test sets.
final class SetClock: WorkflowClock, @unchecked Sendable {
    private let lock = NSLock()
    private var now: Int64

    init(_ now: Int64 = 1_000_000) {
        self.now = now
    }

    func advance(_ milliseconds: Int64) {
        lock.withLock { now += milliseconds }
    }

    func wallTime() -> WallTime { WallTime(milliseconds: lock.withLock { now } + 1_700_000_000_000) }
    func monotonicMilliseconds() -> Int64 { lock.withLock { now } }
    func sleep(for span: Span) async throws { throw CancellationError() }
}

enum Sample {
    static let length = Span.seconds(30)

    static func entry(
        _ number: Int, ended: Bool = false, takes: Int64? = nil, at: Int64 = 5, filler: String = ""
    ) -> JournalEntry {
        JournalEntry(
            at: WallTime(milliseconds: at), event: .evidenceSaved(problems: ["\(number)"]),
            intents: [Call(number: number, request: .stop(InstanceID("i-1")))], reasons: ["because \(number)\(filler)"],
            summary: SwapSummary(
                state: "booting", provider: ProviderName("p"), original: InstanceID("i-1"), replacement: nil,
                hasEnded: ended, isPaused: false, dueAt: nil),
            takesRequest: takes)
    }

    static func holder() throws -> LeaseHolder { try LeaseHolder.current() }

    static func create(
        _ journal: SQLiteJournal, _ id: String = "swap-1", claims: [String] = ["i-1"], holder: LeaseHolder? = nil
    ) async throws -> Lease {
        try await journal.create(
            SwapID(id), claims: claims, first: entry(1), holder: holder ?? self.holder(), leaseLength: length)
    }
}

/// Runs a program to its end and gives what it printed; never opens a store's file in this process.
@discardableResult
func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw CocoaError(
            .executableLoad, userInfo: [NSLocalizedDescriptionKey: String(decoding: output, as: UTF8.self)])
    }
    return String(decoding: output, as: UTF8.self)
}

/// Names, sizes, times and hashes of everything in a folder, taken by other processes.
func picture(of folder: String) throws -> String {
    try run("/bin/sh", ["-c", "cd \"$0\" && stat -c '%n %i %s %y' . * && sha256sum *", folder])
}

func python(_ code: String, _ arguments: String...) throws -> String {
    try run("/usr/bin/env", ["python3", "-c", code] + arguments)
}

func thrown(_ body: () async throws -> Void) async -> JournalError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? JournalError
    }
}
