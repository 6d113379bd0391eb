import ArgumentParser
import Foundation
import Journal
import Workflow

struct ListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists swaps, newest first.", discussion: "Example: changeover list --live")
    @OptionGroup var options: GlobalOptions
    @Flag(help: "Only swaps that have not ended.") var live = false

    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options)
        let rows = try await workspace.journalReader.swaps(liveOnly: live)
        if output.format == .jsonl { rows.forEach { output.document($0) } } else { output.document(rows) }
        guard !rows.isEmpty else {
            output.line(live ? "No swap is live." : "There is no swap yet.")
            return .done
        }
        let table = rows.map { row in
            [
                row.id.rawValue, row.summary.state + (row.summary.isPaused ? " (paused)" : ""),
                row.summary.original.rawValue, row.summary.replacement?.rawValue ?? "–", Stamp.text(row.updatedAt),
                row.driver.map(\.description) ?? "–",
            ]
        }
        Table.lines(header: ["swap", "state", "original", "replacement", "updated", "driven by"], rows: table)
            .forEach { output.line($0) }
        return .done
    }
}

/// Wall times for people.
enum Stamp {
    static func text(_ time: WallTime) -> String {
        var seconds = time_t(time.milliseconds / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let length = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S", &parts)
        return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
