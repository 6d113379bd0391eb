import Foundation
import Glibc

/// Runs programs on this machine by exec: own process group, no inherited descriptors, bounded output and time.
enum ProcessRunner {
    /// Runs a program to its end without blocking the cooperative pool; cancellation kills its process group.
    ///
    /// `onLine` is called in order, on one thread, for each line of standard output and (with `true`) of standard error.
    static func run(
        _ request: ProcessRequest, onLine: @escaping @Sendable (Bool, String) -> Void = { _, _ in }
    ) async throws(ProcessError) -> ProcessOutcome {
        let cancellation = try makeCancellation()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    continuation.resume(returning: runBlocking(request, cancellation: cancellation, onLine: onLine))
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    /// Runs a program to its end on the calling thread, which must not belong to the cooperative pool.
    static func runBlocking(_ request: ProcessRequest) throws(ProcessError) -> ProcessOutcome {
        try runBlocking(request, cancellation: makeCancellation()) { _, _ in }.get()
    }

    private static func makeCancellation() throws(ProcessError) -> CancellationPipe {
        do {
            return try CancellationPipe()
        } catch {
            throw .failed(error.description)
        }
    }

    private static func runBlocking(
        _ request: ProcessRequest, cancellation: CancellationPipe, onLine: @escaping (Bool, String) -> Void
    ) -> Result<ProcessOutcome, ProcessError> {
        do throws(ProcessError) {
            let watch = try start(request, cancellation: cancellation, onLine: onLine)
            return watch.run()
        } catch {
            return .failure(error)
        }
    }

    private static func start(
        _ request: ProcessRequest, cancellation: CancellationPipe, onLine: @escaping (Bool, String) -> Void
    ) throws(ProcessError) -> ProcessWatch {
        let program = try ProgramSearch(request).find()
        do throws(SystemFailure) {
            let input = try OwnedDescriptor.containing(request.input)
            let output = try OwnedDescriptor.pipe()
            let errorOutput = try OwnedDescriptor.pipe()
            let spawn = SpawnRequest(
                program: program, arguments: request.arguments, environment: request.environment,
                folder: request.folder, descriptors: [input, output.writing, errorOutput.writing] + request.carried)
            let process = try spawn.spawn()
            let limit = request.outputLimitBytes
            return try ProcessWatch(
                process, output: OutputCollector(output.reading, limit: limit) { onLine(false, $0) },
                errorOutput: OutputCollector(errorOutput.reading, limit: limit) { onLine(true, $0) },
                cancellation: cancellation, timeoutMilliseconds: request.timeoutMilliseconds)
        } catch {
            throw describe(error)
        }
    }

    private static func describe(_ failure: SystemFailure) -> ProcessError {
        switch failure.number {
        case ENOENT: .notFound("\(failure); a script's interpreter may be missing")
        case EACCES, EPERM, ENOEXEC: .notPermitted("\(failure)")
        default: .failed("\(failure)")
        }
    }
}
