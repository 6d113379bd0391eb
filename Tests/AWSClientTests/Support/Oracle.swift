import Foundation
import Testing

/// Runs `oracle.py`; without python3 or botocore the tests fail, they are not skipped.
enum Oracle {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    /// A seed that no run had before; every test prints its own so that it can be given again.
    static func seed() -> Int {
        ProcessInfo.processInfo.environment["AWS_ORACLE_SEED"].flatMap(Int.init)
            ?? Int(UInt32.random(in: UInt32.min...UInt32.max))
    }

    /// The documents that the script prints, one a line.
    static func documents<Document: Decodable>(_ arguments: [String]) throws -> [Document] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-B", folder.appendingPathComponent("oracle.py").path] + arguments
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "oracle.py failed; python3 with botocore is needed: run scripts/setup test")
        }
        let decoder = JSONDecoder()
        return try text.split(separator: 10).map { try decoder.decode(Document.self, from: Data($0)) }
    }
}
