internal import Workflow

/// Checks by monitoring plugins that are installed on a machine.
struct ProposedPlugins {
    /// How many file systems are named.
    static let maximumMounts = 8

    private let facts: MachineFacts

    init(_ facts: MachineFacts) {
        self.facts = facts
    }

    /// The folder of the plugins; `nil` where none are installed.
    private var folder: String? {
        let names = Set(facts.packages.keys.compactMap { $0.split(separator: ":").first.map(String.init) })
        // Debian's and Ubuntu's packages, then those of EPEL.
        if names.contains("monitoring-plugins-basic") { return "/usr/lib/nagios/plugins" }
        return names.contains("nagios-plugins-disk") ? "/usr/lib64/nagios/plugins" : nil
    }

    /// The file systems on disks whose paths need no quoting anywhere.
    private var mounts: [String] {
        let paths = facts.mounts.compactMap { mount -> String? in
            let words = mount.split(separator: " ")
            guard words.count == 2, !Self.readOnly.contains(words[1]) else { return nil }
            return words[0].wholeMatch(of: /\/[A-Za-z0-9._\/-]*/) == nil ? nil : String(words[0])
        }
        return Array(Set(paths).sorted().prefix(Self.maximumMounts))
    }

    /// File systems that are always full.
    private static let readOnly: Set<Substring> = ["squashfs", "iso9660", "erofs"]

    /// The checks.
    var checks: [ProposedCheck] {
        guard let folder, !mounts.isEmpty else { return [] }
        let paths = mounts.map { "-p, \(ProposalText.quoted($0))" }.joined(separator: ", ")
        return [
            ProposedCheck(
                id: "disk", about: ["Less than 20 % free warns, less than 10 % fails."],
                body: [
                    "exec:",
                    "  runOn: instance",
                    "  interface: nagios",
                    "  command: [\(folder)/check_disk, -w, \"20%\", -c, \"10%\", \(paths)]",
                    "timeout: 15s",
                ])
        ]
    }
}
