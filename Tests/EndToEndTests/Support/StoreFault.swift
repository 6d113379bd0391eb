import Foundation

/// What goes wrong at one journal write of one process; see `store-faults.c`, which does it.
struct StoreFault: Sendable, Hashable, CustomStringConvertible {
    enum Kind: String, Sendable, CaseIterable {
        /// SIGKILL before the first byte.
        case before
        /// SIGKILL after half of the first block.
        case torn
        /// SIGKILL when all is written and nothing is synced.
        case unsynced
        /// SIGKILL as soon as it is synced.
        case after
        /// The write fails with EIO.
        case writeError = "eio"
        /// The write is cut short and its rest fails with ENOSPC.
        case fullDisk = "enospc"
        /// The sync fails with EIO.
        case syncError = "sync-eio"
        /// Nothing.
        case none

        /// Whether it ends the process.
        var kills: Bool {
            switch self {
            case .before, .torn, .unsynced, .after: true
            case .writeError, .fullDisk, .syncError, .none: false
            }
        }
    }

    var kind: Kind
    /// The journal write, from 1.
    var number: Int
    /// How many journal writes fail from there on; 0 is all of them.
    var count = 0

    var description: String {
        switch kind {
        case .before, .torn, .unsynced, .after: "killed \(kind.rawValue) write \(number)"
        case .writeError, .fullDisk, .syncError:
            "\(kind.rawValue) at write \(number)" + (count == 0 ? " and all later ones" : "")
        case .none: "undisturbed"
        }
    }

    /// What comes before the program's name in the arguments of `env`.
    func assignments(report: String) async throws -> [String] {
        [
            "LD_PRELOAD=\(try await StoreFaultLibrary.shared.path())", "STORE_FAULT=\(kind.rawValue)",
            "STORE_FAULT_AT=\(number)", "STORE_FAULT_WRITES=\(count)", "STORE_FAULT_REPORT=\(report)",
        ]
    }
}

/// What the library told about one process.
struct FaultReport: Sendable {
    /// Whether the fault struck.
    let struck: Bool
    /// How many journal writes there were; `nil` when the process did not live to tell.
    let count: Int?

    init(of fault: StoreFault, path: String) {
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
        struck = lines.contains { $0.first == Substring(fault.kind.rawValue) && fault.kind != .none }
        count = lines.last { $0.first == "count" }.flatMap { $0.dropFirst().first }.flatMap { Int($0) }
    }
}

/// The library that makes journal writes fail, compiled once for all tests.
actor StoreFaultLibrary {
    static let shared = StoreFaultLibrary()

    private var building: Task<String, any Error>?

    func path() async throws -> String {
        let task = building ?? Task { try await Self.build() }
        building = task
        return try await task.value
    }

    private static func build() async throws -> String {
        let folder = "/tmp/chg-faults-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // The folder's name follows from the process, so the handler needs to remember nothing.
        atexit { try? FileManager.default.removeItem(atPath: "/tmp/chg-faults-\(getpid())") }
        let source = Tools.checkout + "/Tests/EndToEndTests/Support/store-faults.c"
        guard let compiler = Tools.compiler else { throw Failed("there is no C compiler: clang, cc or gcc") }
        let compilation = try Program(
            [compiler, "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o", folder + "/faults.so", source],
            in: folder, environment: ["PATH": Tools.path], files: folder + "/build")
        guard try await compilation.end() == 0 else { throw Failed(compilation.transcript) }
        return folder + "/faults.so"
    }
}
