import Workflow

/// Makes findings of what a machine says about itself before an update.
struct UpdateFindings {
    let sections: ScriptSections
    let policy: PatchPolicy

    /// What must be free for downloads and unpacking, in KiB.
    private static let leastFreeKiB = 200 << 10
    /// What a kernel with its initial file system may take, in KiB.
    private static let leastFreeForKernelsKiB = 64 << 10

    /// All findings.
    var all: [PreflightFinding] {
        systemFindings + spaceFindings + packageFindings + bootFindings
    }

    private var systemFindings: [PreflightFinding] {
        var findings: [PreflightFinding] = []
        let family = sections.optional("family")?.lines.first ?? ""
        if family.isEmpty, policy.scope != .none {
            findings.append(
                PreflightFinding(
                    .obstacle, code: "unsupported-system",
                    message: "the machine has no package manager that Changeover knows (apt, dnf)"))
        }
        if sections.optional("identity")?.lines.first != "0" {
            findings.append(
                PreflightFinding(
                    .obstacle, code: "not-permitted",
                    message: "the login may not update the machine; run commands as root, or by sudo without a password"
                ))
        }
        let missing = (sections.optional("missing")?.lines ?? []).map(String.init)
        let tools = missing.filter { $0 != "gem" }
        if !tools.isEmpty {
            findings.append(
                PreflightFinding(
                    .obstacle, code: "unsupported-system",
                    message: "the machine lacks \(tools.joined(separator: ", ")), which an update needs; install "
                        + "util-linux and coreutils"))
        }
        if policy.gems, missing.contains("gem") {
            findings.append(
                PreflightFinding(
                    .warning, code: "no-gems",
                    message: "gems shall be updated, and the machine has no `gem`: that part is left out"))
        }
        return findings
    }

    /// Lines such as `/boot 51200 /boot`: the place that was asked for, KiB free, where its file system is mounted.
    private var spaceFindings: [PreflightFinding] {
        var seen: Set<String> = []
        return (sections.optional("space")?.lines ?? []).compactMap { line in
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            guard words.count == 3, let free = Int(words[1]), seen.insert(words[2]).inserted else { return nil }
            let isForKernels = words[0] == "/boot"
            guard free < (isForKernels ? Self.leastFreeForKernelsKiB : Self.leastFreeKiB) else { return nil }
            let advice = isForKernels ? "remove old kernels" : "make room"
            return PreflightFinding(
                .obstacle, code: "disk-full",
                message: "only \(free >> 10) MiB are free on \(words[2]), which an update may need more of; \(advice)")
        }
    }

    private var packageFindings: [PreflightFinding] {
        var findings: [PreflightFinding] = []
        if let holder = sections.optional("locks")?.lines.first {
            findings.append(
                PreflightFinding(
                    .warning, code: "package-manager-busy",
                    message: "the package manager is in use: \(holder); the update waits for it, 10 minutes at most"))
        }
        if let audit = sections.optional("audit"), audit.exitCode != 0 || !audit.lines.isEmpty {
            findings.append(
                PreflightFinding(
                    .warning, code: "package-state",
                    message: "dpkg complains about its own state, and the update begins by repairing it: "
                        + audit.lines.prefix(3).joined(separator: " ")))
        }
        return findings
    }

    private var bootFindings: [PreflightFinding] {
        let boot = sections.optional("boot")
        guard policy.reboot == .ifRequired, boot?.exitCode != 0 || boot?.lines.isEmpty != false else { return [] }
        return [
            PreflightFinding(
                .warning, code: "no-boot-id",
                message: "the machine has no boot id of its own, so that a reboot of it cannot be proven")
        ]
    }
}
