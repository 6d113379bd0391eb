import Foundation
import Workflow

/// Reads the parts of the inspection that every distribution answers alike.
struct MachineReader {
    let sections: ScriptSections

    /// Adds services, cloud-init and the release to a status.
    func complete(_ status: PatchStatus) -> PatchStatus {
        var status = status
        status.failedUnits = failedUnits
        status.staleServices = staleServices
        status.cloudInit = CloudInitReader(sections: sections).result
        status.release = ReleaseReader(lines: sections.optional("os-release")?.lines ?? []).release
        return status
    }

    /// The failed units.
    ///
    /// An empty list proves nothing: the manager's own count must say 0.
    private var failedUnits: PatchPart<[String]> {
        guard let section = sections.optional("failed-units") else {
            return .unreadable(reason: "the inspection ended")
        }
        guard let first = section.lines.first else { return .unreadable(reason: "systemctl said nothing") }
        if first == "root-elsewhere" { return .notApplicable(reason: "no service manager runs this instance") }
        if first.hasPrefix("no-systemd") {
            let manager = first.split(separator: " ").dropFirst().joined(separator: " ")
            let isOther = !manager.isEmpty && manager != "systemd"
            return isOther
                ? .notApplicable(reason: "\(manager) runs the machine, not systemd")
                : .unreadable(reason: "systemd has not told that it runs the machine")
        }
        guard section.exitCode == 0, first.hasPrefix("NFailedUnits="), let count = UInt32(first.dropFirst(13)) else {
            return .unreadable(reason: "systemctl exited with \(section.exitCode): \(section.summary)")
        }
        // In some releases a mark such as `●` comes before the name.
        let units = section.lines.dropFirst().compactMap { line in
            line.split(separator: " ").first { $0.contains(".") }.map(String.init)
        }
        guard count == 0 || !units.isEmpty else {
            return .unreadable(reason: "systemctl names none of \(count) failed units")
        }
        return .read(value: units)
    }

    /// The services that run replaced files.
    private var staleServices: PatchPart<[String]> {
        guard let section = sections.optional("stale-services") else {
            return .unreadable(reason: "the inspection ended")
        }
        switch section.lines.last {
        case "root-elsewhere": return .notApplicable(reason: "the instance shares its machine's processes")
        case "complete": return .read(value: Set(section.lines.compactMap(Self.staleService)).sorted())
        default: return .unreadable(reason: "the memory of processes cannot be read: are commands run as root?")
        }
    }

    /// The service in `service nginx.service` or `process /system.slice/nginx.service nginx`.
    ///
    /// Sessions of people are no services; what belongs to no unit goes by its program's name.
    private static func staleService(_ line: Substring) -> String? {
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count >= 2 else { return nil }
        if words[0] == "service" { return String(words[1]) }
        guard words[0] == "process", words.count == 3 else { return nil }
        let parts = words[1].split(separator: "/")
        if parts.contains("user.slice") { return nil }
        if let unit = parts.last(where: { $0.hasSuffix(".service") }) { return String(unit) }
        return String(words[2])
    }
}

/// Reads what cloud-init left in `/run/cloud-init`: `status.json` from its first stage on, `result.json` at its end.
struct CloudInitReader {
    let sections: ScriptSections

    private struct Result: Decodable {
        struct Version: Decodable { var errors: [String] }
        var v1: Version
    }

    private struct Status: Decodable {
        struct Stage: Decodable {
            var errors: [String]?
            var recoverable_errors: [String: [String]]?
        }

        var stages: [Stage]

        private struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let v1 = try decoder.container(keyedBy: Key.self).nestedContainer(
                keyedBy: Key.self, forKey: Key(stringValue: "v1"))
            // Beside the stages there are `stage` and `datasource`, which are texts or null.
            stages = v1.allKeys.compactMap { try? v1.decode(Stage.self, forKey: $0) }
        }
    }

    var result: PatchPart<CloudInitResult> {
        guard let section = sections.optional("cloud-init"), section.exitCode == 0 else {
            return .unreadable(reason: "the inspection ended")
        }
        if section.lines.contains("root-elsewhere") {
            return .notApplicable(reason: "it does not set up this kind of instance")
        }
        let status = decode(Status.self, "cloud-init-status")
        let warnings = (status?.stages ?? []).flatMap { stage in
            (stage.recoverable_errors ?? [:]).sorted { $0.key < $1.key }.flatMap(\.value)
        }
        if sections.optional("cloud-init-result") != nil {
            guard let result = decode(Result.self, "cloud-init-result") else {
                return .unreadable(reason: "its result.json is not understood")
            }
            return .read(value: CloudInitResult(state: .done, errors: result.v1.errors, warnings: warnings))
        }
        if sections.optional("cloud-init-status") != nil {
            guard let status else { return .unreadable(reason: "its status.json is not understood") }
            let errors = status.stages.flatMap { $0.errors ?? [] }
            return .read(value: CloudInitResult(state: .running, errors: errors, warnings: warnings))
        }
        if section.lines.contains("disabled") { return .read(value: CloudInitResult(state: .disabled)) }
        guard section.lines.contains("installed") else { return .notApplicable(reason: "it is not installed") }
        return .unreadable(reason: "it is installed and has not run since the machine booted")
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ name: String) -> Value? {
        guard let section = sections.optional(name), section.exitCode == 0 else { return nil }
        return try? JSONDecoder().decode(type, from: Data(section.lines.joined(separator: "\n").utf8))
    }
}
