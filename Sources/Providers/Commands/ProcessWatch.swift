import Foundation
import Glibc

/// Watches one process on a thread of its own: reads its output, ends its group in time, collects its exit.
///
/// SIGTERM goes to the group first and SIGKILL follows, since a package manager that is given a moment leaves less
/// behind. What the process left running in the background when it exited by itself is not killed.
final class ProcessWatch {
    private static let graceMilliseconds: Int64 = 500
    private static let drainMilliseconds: Int64 = 500
    private static let abandonMilliseconds: Int64 = 5_000

    private enum Phase {
        case running
        case ending(killAt: Int64)
        case killed(abandonAt: Int64)
        case draining(until: Int64)
        case done
    }

    private let process: pid_t
    private let exitDescriptor: OwnedDescriptor
    private let cancellation: CancellationPipe
    private let deadline: Int64?
    private var output: OutputCollector
    private var errorOutput: OutputCollector
    private var phase = Phase.running
    private var isTimedOut = false
    private var isCancelled = false
    private var hasExited = false

    /// Starts to watch a process that was just spawned.
    init(
        _ process: pid_t, output: OutputCollector, errorOutput: OutputCollector, cancellation: CancellationPipe,
        timeoutMilliseconds: Int64?
    ) throws(SystemFailure) {
        guard let number = GNULibrary.pidfdOpen(process) else {
            throw SystemFailure(doing: "watch a process (needs the GNU C library)", number: ENOSYS)
        }
        guard number >= 0 else { throw SystemFailure(doing: "watch process \(process)") }
        self.process = process
        exitDescriptor = OwnedDescriptor(taking: number)
        self.cancellation = cancellation
        self.output = output
        self.errorOutput = errorOutput
        deadline = timeoutMilliseconds.map { Self.now() + max(0, $0) }
    }

    /// Blocks until the process has ended and returns how.
    func run() -> Result<ProcessOutcome, ProcessError> {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 1)
        defer { buffer.deallocate() }
        while true {
            if case .done = phase { break }
            poll(buffer)
            advance()
        }
        output.finish()
        errorOutput.finish()
        let end = reap()
        if isCancelled { return .failure(.cancelled) }
        return .success(
            ProcessOutcome(
                end: isTimedOut ? .timedOut : end, output: output.text, errorOutput: errorOutput.text,
                isTruncated: output.isTruncated || errorOutput.isTruncated))
    }

    private func poll(_ buffer: UnsafeMutableRawBufferPointer) {
        let events = Int16(POLLIN)
        var entries = [
            pollfd(fd: output.pollDescriptor, events: events, revents: 0),
            pollfd(fd: errorOutput.pollDescriptor, events: events, revents: 0),
            pollfd(fd: hasExited ? -1 : exitDescriptor.number, events: events, revents: 0),
            pollfd(fd: isCancelled ? -1 : cancellation.reading.number, events: events, revents: 0),
        ]
        guard Glibc.poll(&entries, UInt(entries.count), waitMilliseconds()) > 0 else { return }
        if entries[0].revents != 0 { output.read(into: buffer) }
        if entries[1].revents != 0 { errorOutput.read(into: buffer) }
        if entries[2].revents != 0 { hasExited = true }
        if entries[3].revents != 0 { isCancelled = true }
    }

    private func waitMilliseconds() -> Int32 {
        let next: Int64? =
            switch phase {
            case .running: deadline
            case .ending(let time), .killed(let time), .draining(let time): time
            case .done: 0
            }
        guard let next else { return -1 }
        return Int32(clamping: max(0, next - Self.now()))
    }

    private func advance() {
        let now = Self.now()
        switch phase {
        case .running:
            if hasExited {
                phase = .draining(until: now + Self.drainMilliseconds)
            } else if isCancelled || deadline.map({ $0 <= now }) == true {
                isTimedOut = !isCancelled
                kill(-process, SIGTERM)
                phase = .ending(killAt: now + Self.graceMilliseconds)
            }
        case .ending(let killAt):
            if hasExited || now >= killAt {
                kill(-process, SIGKILL)
                // Nothing would wake the poll for an exit that was seen already.
                phase =
                    hasExited
                    ? .draining(until: now + Self.drainMilliseconds)
                    : .killed(abandonAt: now + Self.abandonMilliseconds)
            }
        case .killed(let abandonAt):
            if hasExited { phase = .draining(until: now + Self.drainMilliseconds) }
            if now >= abandonAt { phase = .done }
        case .draining(let until):
            if now >= until { phase = .done }
        case .done: break
        }
        if case .draining = phase, output.isAtEnd, errorOutput.isAtEnd { phase = .done }
    }

    private func reap() -> ProcessOutcome.End {
        var information = siginfo_t()
        let options = WEXITED | (hasExited ? 0 : WNOHANG)
        while waitid(P_PID, id_t(process), &information, options) != 0 && errno == EINTR {}
        let status = information._sifields._sigchld.si_status
        return information.si_code == Int32(CLD_EXITED) ? .exited(status) : .signalled(status)
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
