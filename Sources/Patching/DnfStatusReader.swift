import Workflow

/// Makes a patch status of what the inspection by dnf printed.
struct DnfStatusReader {
    let sections: ScriptSections

    /// An update as `repoquery` names it.
    private struct Update: Hashable {
        var name: String
        var architecture: String
        var version: String
        var repository: String
        var identity: String { "\(name).\(architecture)" }
    }

    /// The status; throws unless every part of it is certain.
    func status() throws(PatchInspectionError) -> PatchStatus {
        let printed = try printedByCheckUpdate()
        let everything = try updates("everything")
        let visible = everything.filter { printed.contains($0.identity) && printed.contains($0.version) }
        guard printed.isEmpty || !visible.isEmpty else {
            throw PatchInspectionError(
                .malformedOutput, detail: "dnf check-update says that updates are pending, and repoquery names none")
        }
        let seen = Set(visible.map(\.identity))
        let hidden = everything.filter { !seen.contains($0.identity) }
        let heldUpdates = try pending(hidden)
        guard let audit = sections.optional("audit") else {
            throw PatchInspectionError(.malformedOutput, detail: "the inspection ended before the part `audit`")
        }
        let held = Set(Self.locks(in: sections.optional("locks"))).union(heldUpdates.map(\.package))
        let findings = audit.lines.isEmpty ? ["dnf check failed"] : audit.lines.map(String.init)
        var status = PatchStatus(
            pending: try pending(visible), held: held.sorted(), auditFindings: audit.exitCode == 0 ? [] : findings,
            rebootRequired: DnfRebootEvidence(lines: try sections.required("reboot")).isRequired)
        status.heldUpdates = heldUpdates
        return status
    }

    /// The words that `check-update` printed, `name.architecture` and versions among them; none when nothing is pending.
    ///
    /// Throws when a repository does not answer, or when there is none.
    private func printedByCheckUpdate() throws(PatchInspectionError) -> Set<String> {
        let repositories = try sections.required("repositories").filter { !$0.hasPrefix("repo id") }
        guard !repositories.isEmpty else {
            throw PatchInspectionError(
                .repositoryUnavailable,
                detail: "the machine has no enabled package repository, so nothing can be said of updates")
        }
        guard let update = sections.optional("update") else {
            throw PatchInspectionError(.malformedOutput, detail: "the inspection ended before the part `update`")
        }
        guard update.exitCode == 0 || update.exitCode == 100 else {
            throw PatchInspectionError(
                .repositoryUnavailable, detail: "dnf check-update exited with \(update.exitCode): \(update.summary)")
        }
        guard update.exitCode == 100 else { return [] }
        // Long lines are wrapped, hence words.
        return Set(["update"] + update.lines.flatMap { $0.split(separator: " ") }.map(String.init))
    }

    /// The updates in lines such as `update bash x86_64 5.1.8-9.el9 baseos`.
    private func updates(_ section: String) throws(PatchInspectionError) -> [Update] {
        var updates: [Update] = []
        for line in try sections.required(section) {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 5, words[0] == "update" else {
                throw PatchInspectionError(.malformedOutput, detail: "dnf repoquery printed `\(line.prefix(200))`")
            }
            updates.append(Update(name: words[1], architecture: words[2], version: words[3], repository: words[4]))
        }
        return updates
    }

    private func pending(_ updates: [Update]) throws(PatchInspectionError) -> [PendingUpdate] {
        let installed = Self.installed(in: try sections.required("installed"))
        let security = try sections.required("security")
        let informed = Set(try sections.required("advisories").map(String.init))
        var found: [String: PendingUpdate] = [:]
        for update in updates {
            // Of a repository without advisories nobody can tell: its updates count as security updates, the safe side.
            let isSecurity =
                !informed.contains(update.repository) || security.contains { Self.concerns($0, update) }
            let other = found[update.name]
            let isNewer = other.map { RPMVersion($0.candidate) < RPMVersion(update.version) } ?? true
            found[update.name] = PendingUpdate(
                package: update.name,
                installed: installed[update.identity] ?? other?.installed,
                candidate: isNewer ? update.version : other?.candidate ?? update.version,
                isSecurity: isSecurity || other?.isSecurity == true)
        }
        return found.values.sorted { $0.package < $1.package }
    }

    /// Whether a line of `updateinfo list`, such as `RHSA-2024:1 Important/Sec. bash-5.1.8-9.el9.x86_64`, is of a package.
    private static func concerns(_ line: Substring, _ update: Update) -> Bool {
        line.split(separator: " ").contains { word in
            guard word.hasPrefix("\(update.name)-"), word.hasSuffix(".\(update.architecture)") else { return false }
            return word.dropFirst(update.name.count + 1).count { $0 == "-" } == 1
        }
    }

    /// The newest installed version by `name.architecture`.
    private static func installed(in lines: [Substring]) -> [String: String] {
        lines.reduce(into: [:]) { versions, line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 4 else { return }
            let key = "\(words[1]).\(words[2])"
            if let other = versions[key], RPMVersion(other) > RPMVersion(words[3]) { return }
            versions[key] = words[3]
        }
    }

    /// The packages that `versionlock list` names; without that command nothing is locked.
    ///
    /// dnf 4 prints `bash-0:5.1.8-6.el9.*`, dnf 5 `Package name: bash`.
    static func locks(in section: ScriptSections.Section?) -> [String] {
        guard let section, section.exitCode == 0 else { return [] }
        return section.lines.compactMap { line in
            if let match = line.wholeMatch(of: /Package name: ([^ ]+)/) { return String(match.1) }
            if let match = line.wholeMatch(of: /!?([^ ]+)-(?:[0-9]+:)?[^- ]+-[^- ]+/) { return String(match.1) }
            return nil
        }
    }
}
