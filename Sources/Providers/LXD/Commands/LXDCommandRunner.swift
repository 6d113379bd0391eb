public import LXDClient
public import Workflow

/// Runs commands on one instance of LXD or Incus by its exec API, with live output.
///
/// Commands run as root in the folder `/`. A command that a signal ended shows the exit code 128 plus the signal's
/// number. The instance needs a POSIX shell and GNU coreutils. What a command leaves running in the background is not
/// waited for. When the connection is lost the command is ended on the instance itself once its time is over.
public struct LXDCommandRunner: CommandRunner {
    private let client: any LXDCalling
    private let instance: String
    private let clock: any WorkflowClock

    /// Creates a runner of commands on `instance`; nothing is sent yet.
    public init(client: any LXDCalling, instance: String, clock: any WorkflowClock) {
        self.client = client
        self.instance = instance
        self.clock = clock
    }

    /// Runs a command on the instance; see `CommandRunner`.
    public func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        if let problem = LXDExecScript.problem(with: command) { throw problem }
        let cancellation = OneShot<Void>()
        let outcome = await withTaskCancellationHandler {
            // No child task: a command that nobody wants any more has to be ended first.
            await Task { await perform(command, until: cancellation, onLine: onLine) }.value
        } onCancel: {
            cancellation.finish(())
        }
        return try outcome.get()
    }

    private func perform(
        _ command: Command, until cancellation: OneShot<Void>,
        onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async -> Result<CommandResult, CommandError> {
        let script = LXDExecScript()
        var course = LXDExecCourse(instance: instance, command: command, marker: script.marker)
        let sockets = LockedValue<LXDExecSockets?>(nil)
        await withTaskGroup(of: LXDExecCourse.Happening.self) { group in
            group.addTask { await open(script.request(running: command), sockets) }
            group.addTask { await pass(command.timeout, then: .deadline) }
            group.addTask {
                await cancellation.value(whenCancelled: ())
                return .cancelled
            }
            while !course.isOver, let happening = await group.next() {
                for action in course.take(happening) {
                    let opened = sockets.withLock { $0 }
                    group.addTask { await perform(action, command, opened, onLine) }
                }
            }
            group.cancelAll()
            // The readers give back what they have read.
            for await case .read(let reader, let reports) in group { _ = course.take(.read(reader, reports)) }
        }
        if let opened = sockets.withLock({ $0 }) {
            if !course.isOpen {
                // It began just when nobody wanted it any more.
                await opened.end()
                _ = try? await client.finish(opened.operation, within: LXDExecCourse.endingTime)
            }
            await opened.close()
        }
        return course.outcome()
    }

    private func open(_ request: LXDValue, _ sockets: LockedValue<LXDExecSockets?>) async -> LXDExecCourse.Happening {
        do throws(LXDError) {
            let opened = try await LXDExecSockets.open(request, on: instance, by: client)
            sockets.withLock { $0 = opened }
            return .opened(.success(opened))
        } catch {
            return .opened(.failure(error))
        }
    }

    private func perform(
        _ action: LXDExecCourse.Action, _ command: Command, _ sockets: LXDExecSockets?,
        _ onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async -> LXDExecCourse.Happening {
        switch action {
        case .read(var reader):
            let reports = await reader.read(onLine: onLine)
            return .read(reader, reports)
        case .write: await sockets?.write(command.input)
        case .watch: await sockets?.watch()
        case .end: await sockets?.end()
        case .settle(let span): return await pass(span, then: .settled)
        case .wait:
            guard let sockets else { return .other }
            // Its own timers end the command long before.
            let limit = command.timeout + .seconds(60)
            do throws(LXDError) {
                return .finished(.success(try await client.finish(sockets.operation, within: limit)))
            } catch {
                return .finished(.failure(error))
            }
        }
        return .other
    }

    /// Lets time pass.
    private func pass(_ span: Span, then happening: LXDExecCourse.Happening) async -> LXDExecCourse.Happening {
        do { try await clock.sleep(for: span) } catch { return .other }
        return happening
    }
}
