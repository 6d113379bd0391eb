import Workflow

/// Makes a patch status of what the apt inspection printed.
struct AptStatusReader {
    let sections: ScriptSections

    /// The status; throws unless every part of it is certain.
    func status() throws(PatchInspectionError) -> PatchStatus {
        try checkRepositories()
        try checkLocks()
        let simulation = try simulation()
        let (held, pinned) = (simulation.held, simulation.pinned)
        guard let audit = sections.optional("audit") else {
            throw PatchInspectionError(.malformedOutput, detail: "the inspection ended before the part `audit`")
        }
        let findings = audit.exitCode == 0 || !audit.lines.isEmpty ? audit.lines.map(String.init) : [audit.summary]
        let waiting = simulation.keptBack.filter { !held.contains($0.package) }
        var status = PatchStatus(
            pending: (simulation.installs + waiting).sorted { $0.package < $1.package },
            held: Set(held + pinned.map(\.package)).sorted(), auditFindings: findings,
            rebootRequired: RebootEvidence(lines: try sections.required("reboot")).isRequired)
        status.heldUpdates = simulation.heldUpdates
        return status
    }

    /// The updates that wait only because the administrator holds their packages back.
    func heldUpdates() throws(PatchInspectionError) -> [PendingUpdate] { try simulation().heldUpdates }

    /// What the simulated upgrade would do and leave undone.
    private struct Simulation {
        var installs: [PendingUpdate]
        var keptBack: [PendingUpdate]
        var pinned: [PendingUpdate]
        var held: [String]
        var heldUpdates: [PendingUpdate] { keptBack.filter { held.contains($0.package) } + pinned }
    }

    private func simulation() throws(PatchInspectionError) -> Simulation {
        let held = Self.held(in: try sections.required("states"))
        let upgrade = try sections.required("upgrade")
        let installs = try Self.installs(in: upgrade)
        let keptBack = try Self.keptBack(in: upgrade)
        let pinned = try pinned(besides: installs + keptBack)
        return Simulation(installs: installs, keptBack: keptBack, pinned: pinned, held: held)
    }

    private func checkRepositories() throws(PatchInspectionError) {
        guard let update = sections.optional("update") else {
            throw PatchInspectionError(.malformedOutput, detail: "the inspection ended before the part `update`")
        }
        guard update.exitCode == 0 else {
            throw PatchInspectionError(
                .repositoryUnavailable, detail: "apt-get update exited with \(update.exitCode): \(update.summary)")
        }
        // Releases before apt 2.1.16 do not know Error-Mode and exit with 0.
        let failures = ["Err:", "W: Failed to fetch", "W: Some index files failed", "W: An error occurred during"]
        if let line = update.lines.first(where: { line in failures.contains { line.hasPrefix($0) } }) {
            throw PatchInspectionError(.repositoryUnavailable, detail: "apt-get update: \(line.prefix(200))")
        }
        guard try !sections.required("repositories").isEmpty else {
            throw PatchInspectionError(
                .repositoryUnavailable,
                detail: "the machine has no package repository, so nothing can be said of updates")
        }
    }

    private func checkLocks() throws(PatchInspectionError) {
        let locks = ["locks-before", "locks-after"].flatMap { sections.optional($0)?.lines ?? [] }
        guard locks.isEmpty else {
            throw PatchInspectionError(.locked, detail: "another package manager is at work: it holds dpkg's lock")
        }
    }

    /// What would be installed but for pins and a default release, which are another way of holding packages back.
    private func pinned(besides known: [PendingUpdate]) throws(PatchInspectionError) -> [PendingUpdate] {
        let unpinned = try sections.required("unpinned")
        let all = try Self.installs(in: unpinned) + Self.keptBack(in: unpinned)
        let candidates = Dictionary(known.map { ($0.package, $0.candidate) }) { first, _ in first }
        return all.filter { update in
            guard let installed = update.installed, candidates[update.package] != update.candidate else { return false }
            return DebianVersion(installed) < DebianVersion(update.candidate)
        }
    }

    /// The packages that the administrator holds, from lines such as `hold nginx`.
    static func held(in lines: [Substring]) -> [String] {
        Set(lines.filter { $0.hasPrefix("hold ") }.map { String($0.dropFirst(5)) }).sorted()
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
    /// Throws where fewer are named than apt counts.
    static func keptBack(in lines: [Substring]) throws(PatchInspectionError) -> [PendingUpdate] {
        let updates = named(in: lines)
        guard let count = lines.lazy.compactMap(notUpgraded).first else {
            throw PatchInspectionError(.malformedOutput, detail: "apt-get -s does not sum up what it would do")
        }
        guard updates.count >= count else {
            throw PatchInspectionError(
                .malformedOutput, detail: "apt-get -s keeps back \(count) packages and names \(updates.count)")
        }
        return updates
    }

    /// The last number in a line such as `0 upgraded, 0 newly installed, 0 to remove and 2 not upgraded`.
    private static func notUpgraded(_ line: Substring) -> Int? {
        line.wholeMatch(of: /[0-9]+ upgraded, .* and ([0-9]+) not upgraded\./).flatMap { Int($0.1) }
    }

    private static func named(in lines: [Substring]) -> [PendingUpdate] {
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
