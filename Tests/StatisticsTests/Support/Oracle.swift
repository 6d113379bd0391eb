import Foundation

/// Runs `oracle.py`; without python3, NumPy or SciPy the tests fail, they are not skipped.
enum Oracle {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// The same numbers in every run, unless the environment asks for others.
    static let seed = ProcessInfo.processInfo.environment["STATISTICS_ORACLE_SEED"].flatMap(Int.init) ?? 20_270_309

    /// The documents that the script prints, one a line.
    static func documents<Document: Decodable>(_ kind: String, count: Int) throws -> [Document] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let script = folder.appendingPathComponent("oracle.py").path
        process.arguments = ["python3", "-B", script, kind, "\(seed)", "\(count)"]
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "oracle.py failed; python3 with SciPy is needed: run scripts/setup test")
        }
        let decoder = JSONDecoder()
        return try text.split(separator: 10).map { try decoder.decode(Document.self, from: Data($0)) }
    }
}
