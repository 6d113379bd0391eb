import Workflow

/// Makes a patch status of what the apt inspection printed.
struct AptStatusReader {
    let sections: ScriptSections

    /// The status; throws unless every part of it is certain.
    func status() throws(PatchInspectionError) -> PatchStatus {
        try checkRepositories()
        let held = Self.held(in: try sections.required("states"))
        let upgrade = try sections.required("upgrade")
        let installs = try Self.installs(in: upgrade)
        let keptBack = Self.keptBack(in: upgrade).filter { update in !held.contains(update.package) }
        guard let audit = sections.optional("audit") else {
            throw PatchInspectionError(.malformedOutput, detail: "the inspection ended before the part `audit`")
        }
        let findings = audit.exitCode == 0 || !audit.lines.isEmpty ? audit.lines.map(String.init) : [audit.summary]
        return PatchStatus(
            pending: (installs + keptBack).sorted { $0.package < $1.package }, held: held, auditFindings: findings,
            rebootRequired: RebootEvidence(lines: try sections.required("reboot")).isRequired)
    }

    private func checkRepositories() throws(PatchInspectionError) {
        guard let update = sections.optional("update") else {
            throw PatchInspectionError(.malformedOutput, detail: "the inspection ended before the part `update`")
        }
        guard update.exitCode == 0 else {
            throw PatchInspectionError(
                .repositoryUnavailable, detail: "apt-get update exited with \(update.exitCode): \(update.summary)")
        }
        guard try !sections.required("repositories").isEmpty else {
            throw PatchInspectionError(
                .repositoryUnavailable,
                detail: "the machine has no package repository, so nothing can be said of updates")
        }
    }

    /// The packages that the administrator holds, from lines such as `hold nginx`.
    static func held(in lines: [Substring]) -> [String] {
        lines.filter { $0.hasPrefix("hold ") }.map { String($0.dropFirst(5)) }.sorted()
    }

    /// The updates in lines such as `Inst openssl [3.0.14-1] (3.0.15-1 Debian-Security:12/stable-security [amd64])`.
    static func installs(in lines: [Substring]) throws(PatchInspectionError) -> [PendingUpdate] {
        var updates: [PendingUpdate] = []
        for line in lines where line.hasPrefix("Inst ") {
            guard let update = install(line) else {
                throw PatchInspectionError(.malformedOutput, detail: "apt-get -s printed `\(line.prefix(200))`")
            }
            updates.append(update)
        }
        return updates
    }

    /// Updates that apt keeps back, from `   name (1.0 => 1.1)` below that heading.
    ///
    /// apt does not print where they come from here: they count as security updates, the safe side.
    static func keptBack(in lines: [Substring]) -> [PendingUpdate] {
        guard let heading = lines.firstIndex(of: "The following packages have been kept back:") else { return [] }
        return lines[(heading + 1)...].prefix { $0.hasPrefix(" ") }.compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 4, words[1].hasPrefix("("), words[2] == "=>", words[3].hasSuffix(")") else {
                return nil
            }
            return PendingUpdate(
                package: String(words[0]), installed: String(words[1].dropFirst()),
                candidate: String(words[3].dropLast()), isSecurity: true)
        }
    }

    private static func install(_ line: Substring) -> PendingUpdate? {
        guard let open = line.firstIndex(of: "("), let close = line[open...].firstIndex(of: ")") else { return nil }
        let before = line[..<open].split(separator: " ")
        let inside = line[line.index(after: open)..<close].split(separator: " ")
        guard before.count >= 2, let candidate = inside.first else { return nil }
        let installed = before.count >= 3 ? before[2].dropFirst().dropLast() : nil
        return PendingUpdate(
            package: String(before[1]), installed: installed.map(String.init), candidate: String(candidate),
            isSecurity: inside.dropFirst().contains(where: isSecurity))
    }

    /// Whether a source such as `Debian-Security:12/stable-security` or `Ubuntu:22.04/jammy-security` is for security.
    private static func isSecurity(_ source: Substring) -> Bool {
        source.lowercased().split(whereSeparator: { ":/,".contains($0) }).contains {
            $0 == "security" || $0.contains("-security")
        }
    }
}
