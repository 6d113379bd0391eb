import ArgumentParser
import Engine
import Journal
import Workflow

struct StatusVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows where a swap stands.",
        discussion: "Example: changeover status swap-7f3k2q --output json")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The swap.") var id: String

    func perform(_ output: Output) async throws -> ExitStatus {
        let (workspace, swap, records) = try await StatusReader.read(id, options)
        let row = try await workspace.journalReader.swap(swap.id)
        output.document(
            SwapDocument(
                swap, reasons: records.last?.entry.reasons ?? [], driver: row?.driver, evidence: workspace.evidence))
        output.line("\(swap.id)  \(output.coloured(swap.state.name, .bold))\(swap.pausedAt == nil ? "" : " (paused)")")
        output.line(swap.explanation)
        output.line("  original     \(swap.plan.original.name) (\(swap.plan.original.id))")
        output.line("  replacement  \(swap.launched?.rawValue ?? "none yet")")
        output.line("  created      \(Stamp.text(swap.createdAt))")
        output.line("  in state     since \(Stamp.text(swap.enteredAt))")
        if let deadline = swap.deadline { output.line("  deadline     \(Stamp.text(deadline))") }
        if case .holding(let hold) = swap.state { output.line("  held until   \(Stamp.text(hold.until))") }
        output.line("  driven by    \(row?.driver.map(\.description) ?? "nobody")")
        if !swap.nextCommands.isEmpty { output.line("Next: " + swap.nextCommands.joined(separator: "\n      ")) }
        return .done
    }
}

struct ExplainVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Says why a swap is in its state and what to do next.",
        discussion: "Example: changeover explain swap-7f3k2q")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The swap.") var id: String

    func perform(_ output: Output) async throws -> ExitStatus {
        let (workspace, swap, records) = try await StatusReader.read(id, options)
        let row = try await workspace.journalReader.swap(swap.id)
        output.document(
            SwapDocument(
                swap, reasons: records.flatMap(\.entry.reasons), driver: row?.driver, evidence: workspace.evidence))
        output.line("\(swap.id) is \(swap.state.name). \(swap.explanation)")
        output.line("\nHow it came to this:")
        for record in records {
            for reason in record.entry.reasons {
                output.line("  \(Stamp.text(record.entry.at))  \(record.entry.summary.state.padded(to: 20)) \(reason)")
            }
        }
        let next = swap.nextCommands
        output.line(next.isEmpty ? "\nNothing is left to do." : "\nWhat you can do:")
        next.forEach { output.line("  \($0)") }
        return .done
    }
}

struct DiffVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Shows original beside replacement: packages, kernel, ports, units, mounts, users.",
        discussion: "Example: changeover diff swap-7f3k2q")
    @OptionGroup var options: GlobalOptions
    @Argument(help: "The swap.") var id: String

    func perform(_ output: Output) async throws -> ExitStatus {
        let (workspace, swap, _) = try await StatusReader.read(id, options)
        guard let diff = DiffDocument(for: swap, evidence: workspace.evidence) else {
            throw CommandFailure(
                .refused, code: "no-facts",
                "the replacement of \(id) has not been looked at yet (the swap is \(swap.state.name)); "
                    + "the comparison exists once it is patched")
        }
        output.document(diff)
        DiffText.lines(diff).forEach { output.line($0) }
        return .done
    }
}

/// Reads one swap for the verbs that only show.
enum StatusReader {
    static func read(_ id: String, _ options: GlobalOptions) async throws -> (Workspace, Swap, [JournalRecord]) {
        let workspace = try Workspace.load(options)
        let reader = workspace.journalReader
        let swap = try await workspace.swap(SwapID(id), in: reader)
        return (workspace, swap, try await reader.records(of: swap.id, after: 0))
    }
}
