import ArgumentParser
import Engine
import Journal
import Workflow

struct WatchVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Shows a swap live, whoever drives it, until it ends or the original is held.",
        discussion: "Example: changeover watch swap-7f3k2q --output jsonl")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The swap.") var id: String

    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options)
        let reader = workspace.journalReader
        var swap = try await workspace.swap(SwapID(id), in: reader)
        let timeline = Timeline(output, clock: workspace.clock)
        var records: [JournalRecord] = []
        var seen: Int64?
        while true {
            let counter = try await reader.changeCounter()
            if counter != seen {
                seen = counter
                let fresh = try await reader.records(of: swap.id, after: records.count)
                for record in fresh {
                    records.append(record)
                    guard let replayed = Swap.replay(records) else { continue }
                    swap = replayed
                    timeline.show(record, swap)
                }
                let isHeld = if case .holding(let hold) = swap.state { hold.confirmation == nil } else { false }
                if swap.state.isFinal || isHeld { break }
            }
            timeline.refresh()
            try await workspace.clock.sleep(for: .milliseconds(50))
        }
        timeline.finish()
        output.line(swap.explanation)
        if output.format == .json {
            output.document(SwapDocument(swap, reasons: [], driver: nil, evidence: workspace.evidence))
        }
        return ExitStatus(ended: swap.state)
    }
}

struct LogsVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Shows the output of first boot, commands and checks of a swap.",
        discussion: "Example: changeover logs swap-7f3k2q --instance i-0123456789ab")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The swap.") var id: String
    @Option(help: "Only this instance's lines.") var instance: String?

    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options)
        let reader = workspace.journalReader
        let swap = try await workspace.swap(SwapID(id), in: reader)
        var last: Int64 = 0
        var all: [LogLine] = []
        while true {
            let lines = try await reader.logLines(of: swap.id, after: last, limit: 500)
            guard let end = lines.last else { break }
            last = end.number
            for line in lines where instance == nil || line.instance?.rawValue == instance {
                if output.format == .json { all.append(line) }
                output.documentLine(line)
                guard output.format == .text else { continue }
                output.line("\(Stamp.text(line.at)) \(line.instance?.rawValue ?? "–") [\(line.source)] \(line.text)")
            }
        }
        if output.format == .json { output.document(all) }
        return .done
    }
}
