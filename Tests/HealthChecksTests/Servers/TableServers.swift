import Foundation
import Testing

/// The servers of `servers.py`, which end with the handle.
final class TableServers: Sendable {
    /// Ports by the server's name.
    let ports: [String: Int]
    /// The folder of PostgreSQL's programs.
    let postgresPrograms: String
    private let process: Guarded<Process>

    private struct Ready: Decodable {
        var ports: [String: Int]
        var postgresPrograms: String
    }

    init() throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("servers.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-B", script.path]
        // The servers end when this pipe closes, even if this process is killed.
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            line += data
        }
        let ready = try JSONDecoder().decode(Ready.self, from: line)
        ports = ready.ports
        postgresPrograms = ready.postgresPrograms
        self.process = Guarded(process)
    }

    /// Closes the pipe, which lets the script end its children, and waits.
    deinit {
        process.with {
            try? ($0.standardInput as? Pipe)?.fileHandleForWriting.close()
            $0.waitUntilExit()
        }
    }
}
