import Workflow

/// Writes a swap's log lines to the journal and to whoever watches; a line that cannot be written is lost, never fatal.
struct LogWriter: Sendable {
    let swap: SwapID
    let environment: EngineEnvironment
    let notify: @Sendable (DriverNotice) -> Void

    /// How many lines of one source the swap's log has; zero when it cannot be read.
    func lineCount(from source: String) async -> Int {
        var count = 0
        var last: Int64 = 0
        while let page = try? await environment.journal.logLines(of: swap, after: last, limit: 1000),
            let end = page.last?.number
        {
            count += page.filter { $0.source == source }.count
            last = end
        }
        return count
    }

    func write(_ texts: [String], source: String, instance: InstanceID?) async {
        guard !texts.isEmpty else { return }
        let now = environment.clock.wallTime()
        let lines = texts.map {
            LogLine(at: now, instance: instance, source: source, text: environment.redact($0))
        }
        lines.forEach { notify(.line($0)) }
        try? await environment.journal.appendLog(lines, of: swap)
    }
}
