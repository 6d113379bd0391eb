import Workflow

/// Makes an update's result of the record that it left on its machine.
struct UpdateResultReader {
    let sections: ScriptSections

    /// The result; throws unless the record is whole.
    func result() throws(UpdateError) -> UpdateResult {
        guard sections.optional("end") != nil, let known = sections.optional("family") else {
            throw UpdateError(.malformedAnswer, detail: "the update's record on the machine is not whole")
        }
        let family = known.lines.first ?? ""
        var changes: [UpdateResult.Change] = []
        if !family.isEmpty { changes = try packageChanges(isDnf: family == "dnf") }
        changes += gemChanges()
        return UpdateResult(
            failure: sections.optional("failure").map { URLSecrets.redacted($0.summary) },
            changes: changes.sorted { $0.package < $1.package },
            held: family.isEmpty ? [] : held(isDnf: family == "dnf"),
            restartedServices: restartedServices, rebootRequired: rebootRequired(family: family), bootID: boot("after"))
    }

    private func boot(_ when: String) -> String? {
        guard let section = sections.optional("boot-\(when)"), section.exitCode == 0 else { return nil }
        return section.lines.first.map(String.init)
    }

    private func packageChanges(isDnf: Bool) throws(UpdateError) -> [UpdateResult.Change] {
        var states: [[String: String]] = []
        for when in ["before", "after"] {
            let lines: [Substring]
            do throws(PatchInspectionError) {
                lines = try sections.required("packages-\(when)")
            } catch {
                throw UpdateError(.malformedAnswer, detail: "the update's record: \(error.detail)")
            }
            states.append(isDnf ? FactsReader.rpmPackages(in: lines) : FactsReader.packages(in: lines))
        }
        return Self.changes(from: states[0], to: states[1], prefix: "")
    }

    private func gemChanges() -> [UpdateResult.Change] {
        guard let before = sections.optional("gems-before"), let after = sections.optional("gems-after"),
            before.exitCode == 0, after.exitCode == 0
        else { return [] }
        return Self.changes(from: Self.gems(in: before.lines), to: Self.gems(in: after.lines), prefix: "gem:")
    }

    private static func changes(
        from before: [String: String], to after: [String: String], prefix: String
    ) -> [UpdateResult.Change] {
        Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.map {
            UpdateResult.Change(package: prefix + $0, before: before[$0], after: after[$0])
        }
    }

    /// The newest version of each gem in lines such as `rake (13.2.1, default: 13.0.6)`: gem names it first.
    static func gems(in lines: [Substring]) -> [String: String] {
        lines.reduce(into: [:]) { gems, line in
            guard let match = line.wholeMatch(of: /([^ ]+) \((?:default: )?([^ ,)]+)[^)]*\)/) else { return }
            gems[String(match.1)] = String(match.2)
        }
    }

    /// What was left out since the administrator holds it; what cannot be read of that is not taken for nothing to hold.
    private func held(isDnf: Bool) -> [String] {
        do throws(PatchInspectionError) {
            let updates =
                isDnf
                ? try DnfStatusReader(sections: sections).status().heldUpdates ?? []
                : try AptStatusReader(sections: sections).heldUpdates()
            return Set(updates.map(\.package)).sorted()
        } catch {
            return isDnf
                ? Set(DnfStatusReader.locks(in: sections.optional("locks"))).sorted()
                : AptStatusReader.held(in: sections.optional("states")?.lines ?? [])
        }
    }

    private func rebootRequired(family: Substring) -> Bool? {
        guard let reboot = sections.optional("reboot") else { return nil }
        return family == "dnf"
            ? DnfRebootEvidence(lines: reboot.lines).isRequired : RebootEvidence(lines: reboot.lines).isRequired
    }

    /// The services that ran before and after, by another invocation; none where the machine rebooted in between.
    private var restartedServices: [String] {
        guard boot("before") == boot("after"), let before = sections.optional("services-before"),
            let after = sections.optional("services-after")
        else { return [] }
        let (old, new) = (Self.services(in: before.lines), Self.services(in: after.lines))
        return new.keys.filter { name in
            !name.hasPrefix("changeover-") && old[name].map { $0 != new[name] } == true
        }.sorted()
    }

    /// What changes with each start, by service, in lines such as `Id=nginx.service` and `InvocationID=…`.
    ///
    /// systemd prints the properties of a unit together, in an order of its own; its blank lines are not kept here.
    static func services(in lines: [Substring]) -> [String: [String]] {
        var services: [String: [String]] = [:]
        var properties: [String: String] = [:]
        for line in lines {
            let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard pair.count == 2 else { continue }
            // The first property that comes again begins the next unit.
            if properties[pair[0]] != nil {
                if let name = properties.removeValue(forKey: "Id") { services[name] = properties.values.sorted() }
                properties = [:]
            }
            properties[pair[0]] = pair[1]
        }
        if let name = properties.removeValue(forKey: "Id") { services[name] = properties.values.sorted() }
        return services
    }
}
