import Workflow

/// Writes a swap's log lines to the journal and to whoever watches; a line that cannot be written is lost, never fatal.
struct LogWriter: Sendable {
    let swap: SwapID
    let environment: EngineEnvironment
    let notify: @Sendable (DriverNotice) -> Void

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
