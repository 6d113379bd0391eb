import Engine
import Foundation
import Synchronization
import Workflow

/// Shows a swap as it goes: a line for each decision, and on a terminal one live line below them.
final class Timeline: Sendable {
    private struct Shown {
        var swap: Swap?
        var detail = ""
        var hasLiveLine = false
    }

    private let output: Output
    private let clock: any WorkflowClock
    private let shown = Mutex(Shown())

    /// What stands before each line where several swaps share the screen; there is no live line then.
    private let label: String?

    init(_ output: Output, clock: any WorkflowClock, label: String? = nil) {
        self.output = output
        self.clock = clock
        self.label = label
    }

    /// Writes a line for people; an empty one only where one swap has the screen.
    func line(_ text: String) {
        guard let label else { return output.line(text) }
        for part in text.split(separator: "\n") { output.line("\(label): \(part)") }
    }

    /// Takes a driver's notice.
    func take(_ notice: DriverNotice) {
        switch notice {
        case .recorded(let record, let swap): show(record, swap)
        case .check(let progress):
            shown.withLock {
                $0.detail = "\(progress.check) \(progress.measurement.outcome.rawValue), \(progress.detail)"
            }
        case .line(let line) where line.source.hasPrefix("update"): showOutput(line)
        case .line(let line):
            guard line.source == "first-boot" || line.source == "engine" else { return }
            shown.withLock { $0.detail = line.text }
            if output.format == .text && !output.isLive && line.source == "engine" {
                self.line("          \(line.text)")
            }
        case .timed: return
        }
        refresh()
    }

    /// Shows what a machine prints while it is updated, with its name before it.
    private func showOutput(_ line: LogLine) {
        let name = label ?? shown.withLock { $0.swap?.plan.original.name } ?? line.instance?.rawValue ?? ""
        eraseLiveLine()
        output.line("\(output.coloured("\(name) |", .faint)) \(line.text)")
    }

    /// Shows one record with its reasons.
    func show(_ record: JournalRecord, _ swap: Swap) {
        output.documentLine(EventDocument(record, swap))
        guard output.format != .jsonl else { return }
        let before = shown.withLock { shown -> Swap? in
            defer { shown.swap = swap }
            shown.detail = ""
            return shown.swap
        }
        eraseLiveLine()
        let isNewState = before?.state.name != swap.state.name
        let elapsed = Self.seconds(record.entry.at.since(swap.createdAt))
        for (index, row) in Self.rows(of: record, isNewState: isNewState).enumerated() {
            let padded = row.label.padding(toLength: 20, withPad: " ", startingAt: 0)
            let time = index == 0 ? elapsed : ""
            let column = String(repeating: " ", count: max(0, 8 - time.count)) + time
            line(
                "\(output.coloured(column, .faint))  \(output.coloured(padded, Self.colour(of: swap.state))) "
                    + row.reason)
        }
    }

    /// A record's reasons, the last of them labelled with the state that the record has entered.
    static func rows(of record: JournalRecord, isNewState: Bool) -> [(label: String, reason: String)] {
        let reasons = record.entry.reasons
        let label = isNewState ? record.entry.summary.state : ""
        return reasons.enumerated().map { ($0 == reasons.count - 1 ? label : "", $1) }
    }

    /// Redraws the live line: state, time in it, deadline, newest detail.
    func refresh() {
        guard output.isLive, label == nil else { return }
        let (swap, detail) = shown.withLock { shown -> (Swap?, String) in
            shown.hasLiveLine = true
            return (shown.swap, shown.detail)
        }
        guard let swap, !swap.state.isFinal else { return }
        let now = clock.wallTime()
        var text = "\(swap.state.name) \(Self.seconds(now.since(swap.enteredAt)))"
        if let limit = limit(of: swap) { text += " of \(limit)" }
        if swap.pausedAt != nil { text += " (paused)" }
        let doing = detail.isEmpty ? swap.presentStep ?? "" : detail
        if !doing.isEmpty { text += "  \(doing)" }
        output.raw("\r\u{1b}[K" + output.coloured(String(text.prefix(Self.width)), .faint))
    }

    /// How long the state may last: the bake's own length, which ends well, or else the deadline.
    private func limit(of swap: Swap) -> String? {
        if case .baking(_, let watch) = swap.state, case .watch(let span) = watch.length { return span.text }
        guard let span = swap.deadline?.since(swap.enteredAt) else { return nil }
        let seconds = span.milliseconds / 1000
        return seconds < 120 ? "\(seconds)s" : "\(seconds / 60)m" + (seconds % 60 == 0 ? "" : "\(seconds % 60)s")
    }

    /// Ends the live line so that what follows starts on a line of its own.
    func finish() { eraseLiveLine() }

    private func eraseLiveLine() {
        guard output.isLive else { return }
        let had = shown.withLock { shown -> Bool in
            defer { shown.hasLiveLine = false }
            return shown.hasLiveLine
        }
        if had { output.raw("\r\u{1b}[K") }
    }

    private static var width: Int {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 10 ? Int(size.ws_col) - 1 : 79
    }

    /// A span as seconds with one digit, such as `12.3s`.
    static func seconds(_ span: Span) -> String {
        let tenths = max(0, span.milliseconds) / 100
        return "\(tenths / 10).\(tenths % 10)s"
    }

    /// The colour in which a state's name is shown.
    static func colour(of state: SwapState) -> Output.Colour {
        switch state {
        case .succeeded, .updated, .holding: .green
        case .rollingBack, .retiringReplacement, .rolledBack, .awaitingApproval, .awaitingFallback, .awaitingUncordon,
            .restoringSnapshot:
            .yellow
        case .needsOperator, .refused, .cancelled: .red
        case .planned, .preflight, .launching, .booting, .patching, .verifying, .promoting, .baking,
            .stoppingOriginal, .terminatingOriginal, .cordoning, .snapshotting, .updating, .rebooting, .verifyingUpdate,
            .uncordoning:
            .bold
        }
    }
}

extension Output {
    /// One event of a stream; nothing in the other formats.
    func documentLine(_ value: some Encodable) {
        if format == .jsonl { document(value) }
    }
}
