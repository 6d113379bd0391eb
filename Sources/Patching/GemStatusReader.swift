import Workflow

/// Reads what Rubygems said.
struct GemStatusReader {
    let sections: ScriptSections

    /// The gems with a newer version; throws when a source did not answer.
    ///
    /// Rubygems does not say which updates are for security: all count as such, the safe side.
    func gems() throws(PatchInspectionError) -> PatchPart<[PendingUpdate]> {
        if sections.optional("gems-absent") != nil { return .unreadable(reason: "the machine has no `gem`") }
        for name in ["gem-sources", "gem-sources-after"] {
            guard let sources = sections.optional(name) else {
                throw PatchInspectionError(.malformedOutput, detail: "the inspection ended before the part `\(name)`")
            }
            guard sources.exitCode == 0 else {
                throw PatchInspectionError(
                    .repositoryUnavailable, detail: "a source of gems does not answer: \(sources.summary)")
            }
        }
        var updates: [PendingUpdate] = []
        for line in try sections.required("gems") {
            guard let update = Self.update(line) else {
                throw PatchInspectionError(.malformedOutput, detail: "gem outdated printed `\(line.prefix(200))`")
            }
            updates.append(update)
        }
        return .read(value: updates.sorted { $0.package < $1.package })
    }

    /// The update in a line such as `rake (13.0.6 < 13.2.1)`.
    static func update(_ line: Substring) -> PendingUpdate? {
        guard let match = line.wholeMatch(of: /([^ ]+) \(([^ ]+) < ([^ ]+)\)/) else { return nil }
        return PendingUpdate(
            package: String(match.1), installed: String(match.2), candidate: String(match.3), isSecurity: true)
    }
}
