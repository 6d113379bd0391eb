import Foundation

/// Other parties' programs that read what we write and say what they think of our readings.
enum ReaderProcess {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    struct Ending {
        var status: Int32
        /// Standard output and standard error, as they came.
        var output: Data

        var text: String { String(decoding: output, as: UTF8.self) }
    }

    static let oracle = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("plugin_oracle.py").path

    /// Runs a program of the path to its end, with a file as its standard input.
    static func run(_ arguments: [String], input: String = "", mergeErrors: Bool = true) throws -> Ending {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("reader-\(UUID().uuidString)")
        try Data(input.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let output = Pipe()
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = output
        if mergeErrors { process.standardError = output }
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Ending(status: process.terminationStatus, output: data)
    }

    /// The documents that `plugin_oracle.py` prints, one a line; without its modules the tests fail, they are not skipped.
    static func documents<Document: Decodable>(_ arguments: [String], input: String = "") throws -> [Document] {
        let ending = try run(["python3", "-B", oracle] + arguments, input: input, mergeErrors: false)
        guard ending.status == 0 else {
            throw Failure(
                description: "plugin_oracle.py failed: it needs nagiosplugin and junitparser: scripts/setup test")
        }
        let decoder = JSONDecoder()
        return try ending.output.split(separator: 10).map { try decoder.decode(Document.self, from: Data($0)) }
    }
}
