import Foundation
import Workflow

/// Runs commands on this machine with nothing in their environment but what the test says.
struct RealRunner: CommandRunner {
    var environment: [String: String]

    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command.arguments
        process.environment = environment.merging(command.environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        // Files, not pipes: reading those would block the threads on which all other tests run.
        let name = "/tmp/chg-run-" + UUID().uuidString
        defer { for suffix in [".out", ".err"] { try? FileManager.default.removeItem(atPath: name + suffix) } }
        for suffix in [".out", ".err"] { _ = FileManager.default.createFile(atPath: name + suffix, contents: nil) }
        process.standardOutput = FileHandle(forWritingAtPath: name + ".out")
        process.standardError = FileHandle(forWritingAtPath: name + ".err")
        let hasStarted = await withCheckedContinuation { continuation in
            process.terminationHandler = { _ in continuation.resume(returning: true) }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(returning: false)
            }
        }
        guard hasStarted else {
            throw CommandError(.notFound, detail: "\(command.arguments.first ?? "") cannot be run")
        }
        let isExit = process.terminationReason == .exit
        let texts = [".out", ".err"].map { suffix in
            String(decoding: FileManager.default.contents(atPath: name + suffix) ?? Data(), as: UTF8.self)
        }
        return CommandResult(
            termination: isExit ? .exited(process.terminationStatus) : .signalled(process.terminationStatus),
            output: texts[0], errorOutput: texts[1])
    }
}
