import Workflow

/// Makes a machine's facts of what the inspection printed.
struct FactsReader {
    let sections: ScriptSections
    let address: String?

    /// File systems that the kernel makes up; they say nothing of a machine's disks.
    private static let pseudoFileSystems: Set<Substring> = [
        "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs", "efivarfs",
        "fusectl", "hugetlbfs", "mqueue", "nsfs", "proc", "pstore", "ramfs", "rpc_pipefs", "securityfs", "sysfs",
        "tmpfs", "tracefs",
    ]

    /// The facts; throws when packages, kernel or users cannot be read.
    func facts() throws(PatchInspectionError) -> MachineFacts {
        let isElsewhere = sections.optional("root-elsewhere") != nil
        let packages =
            sections.optional("rpm-packages") == nil
            ? Self.packages(in: try sections.required("packages"))
            : Self.rpmPackages(in: try sections.required("rpm-packages"))
        let kernel = try sections.required("kernel").first.map(String.init) ?? ""
        let users = try sections.required("users").compactMap { $0.split(separator: ":").first.map(String.init) }
        let boot = sections.optional("boot").flatMap { $0.exitCode == 0 ? $0.lines.first : nil }
        return MachineFacts(
            packages: packages, kernel: kernel, bootID: boot.map(String.init),
            listeningPorts: Self.ports(in: lines("ports"), address: address, only: isElsewhere),
            units: lines("units").compactMap { $0.split(separator: " ").first.map(String.init) }.sorted(),
            mounts: Self.mounts(in: lines("mounts")), users: users.sorted(),
            packageFormat: sections.optional("rpm-packages") == nil ? .deb : .rpm)
    }

    private func lines(_ name: String) -> [Substring] {
        sections.optional(name).map { $0.exitCode == 0 ? $0.lines : [] } ?? []
    }

    /// Installed packages in lines such as `installed libc6:amd64 2.36-9`.
    static func packages(in lines: [Substring]) -> [String: String] {
        lines.reduce(into: [:]) { packages, line in
            let words = line.split(separator: " ")
            // What is unpacked or half configured is on the disk; only `not-installed` and `config-files` are not.
            guard words.count == 3, words[0] != "not-installed", words[0] != "config-files" else { return }
            packages[String(words[1])] = String(words[2])
        }
    }

    /// Installed packages in lines such as `installed bash x86_64 5.1.8-6.el9`; of several versions the newest.
    ///
    /// A second architecture is named, as in `glibc.i686`; keys that were imported are no packages.
    static func rpmPackages(in lines: [Substring]) -> [String: String] {
        lines.reduce(into: [:]) { packages, line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 4, words[0] == "installed", words[2] != "(none)" else { return }
            let isSecond = words[2].wholeMatch(of: /i[3-6]86/) != nil
            let name = isSecond ? "\(words[1]).\(words[2])" : words[1]
            if let other = packages[name], RPMVersion(other) > RPMVersion(words[3]) { return }
            packages[name] = words[3]
        }
    }

    /// Ports in lines of `ss -Hltn` such as `LISTEN 0 128 127.42.7.1:8080 0.0.0.0:*`.
    ///
    /// With `only`, for an instance that shares this machine's network, just those bound to `address`; otherwise all
    /// but the ones that only the machine itself can reach.
    static func ports(in lines: [Substring], address: String?, only: Bool) -> [String] {
        let ports = lines.compactMap { line -> Int? in
            let words = line.split(separator: " ")
            guard words.count >= 4, words[0] == "LISTEN", let colon = words[3].lastIndex(of: ":"),
                let port = Int(words[3][words[3].index(after: colon)...])
            else { return nil }
            let bound = words[3][..<colon].filter { !"[]".contains($0) }.split(separator: "%").first.map(String.init)
            let isOwn = bound == address
            let isLoopback = bound?.hasPrefix("127.") == true || bound == "::1" || bound == "::ffff:127.0.0.1"
            return isOwn || (!only && !isLoopback) ? port : nil
        }
        return Set(ports).sorted().map { "tcp/\($0)" }
    }

    /// Mounts of real file systems in lines of `/proc/self/mounts`.
    static func mounts(in lines: [Substring]) -> [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            guard words.count >= 3, !pseudoFileSystems.contains(words[2]) else { return nil }
            return "\(words[1]) \(words[2])"
        }.sorted()
    }
}
