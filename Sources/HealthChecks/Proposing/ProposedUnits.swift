/// A check of the service units that run on a machine.
struct ProposedUnits {
    /// How many units are named; more are mentioned.
    static let maximumUnits = 16

    /// Units of every machine, which are no purpose of one; a failure of them is seen by `failed: forbid` all the same.
    private static let basic: Set = [
        "acpid", "alsa-restore", "amazon-ssm-agent", "apparmor", "apport", "atd", "auditd", "blk-availability",
        "chrony", "chronyd", "cloud-config", "cloud-final", "cloud-init", "cloud-init-local", "cloud-init-main",
        "cloud-init-network", "console-setup", "cron", "crond", "dbus", "dbus-broker", "dracut-shutdown",
        "e2scrub_reap", "finalrd", "firewalld", "fwupd", "gssproxy", "hibinit-agent", "ifupdown-pre", "import-state",
        "irqbalance", "iscsid", "kdump", "keyboard-setup", "kmod-static-nodes", "ldconfig", "libstoragemgmt",
        "lvm2-monitor", "lvm2-activation-early", "ModemManager", "multipathd", "netplan-configure",
        "networkd-dispatcher", "networking", "NetworkManager", "NetworkManager-wait-online", "nis-domainname",
        "nvmefc-boot-connections", "open-vm-tools", "packagekit", "plymouth-quit", "plymouth-quit-wait",
        "plymouth-read-write", "plymouth-start", "polkit", "qemu-guest-agent", "rc-local", "resolvconf",
        "rng-tools", "rngd", "rpc-statd-notify", "rsyslog", "rtkit-daemon", "selinux-autorelabel-mark", "setvtrgb",
        "smartmontools", "snapd", "snapd.apparmor", "snapd.seeded", "ssh", "sshd", "sssd", "sysstat", "tuned", "udev",
        "udisks2", "ufw", "unattended-upgrades", "unbound-anchor", "upower", "uuidd", "vgauth", "wpa_supplicant",
    ]
    private static let basicPrefixes = [
        "apt-daily", "dnf-", "dracut-", "getty@", "ifup@", "initrd-", "lxd-agent", "modprobe@", "serial-getty@",
        "snap.lxd", "sshd-keygen", "systemd-", "user-runtime-dir@", "user@", "autovt@", "console-getty",
        "container-getty@",
    ]

    private let hasUnits: Bool
    private let names: [String]

    /// Reads the names of active services; those that the language cannot name are left out.
    init(_ units: [String]) {
        hasUnits = !units.isEmpty
        names = Set(units.compactMap(Self.name)).sorted()
    }

    /// The name as it is written in a file, without `.service`; `nil` for a unit of every machine.
    private static func name(of unit: String) -> String? {
        let form = /[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*/
        guard unit.hasSuffix(".service"), unit.utf8.count <= 240, unit.wholeMatch(of: form) != nil else { return nil }
        let name = String(unit.dropLast(".service".count))
        guard !name.isEmpty, !basic.contains(name), !basicPrefixes.contains(where: name.hasPrefix) else { return nil }
        return name
    }

    /// The check; `nil` for a machine without systemd.
    var check: ProposedCheck? {
        guard hasUnits else { return nil }
        let units = ["multi-user.target"] + names.prefix(Self.maximumUnits).map { "\($0).service" }
        return ProposedCheck(
            id: "units",
            about: [
                "multi-user.target is active when booting has ended; before, \"no unit has failed\" proves nothing."
            ],
            body: ["systemd:", "  units:"] + units.map { "    - \(ProposalText.quoted($0))" }
                + ["  failed: forbid                  # or warn; or allow, so that only the units above count"])
    }

    /// What of the units is not checked, in words.
    var notes: [String] {
        let left = names.dropFirst(Self.maximumUnits)
        guard let first = left.first else { return [] }
        let others = left.count == 1 ? "" : " and \(left.count - 1) more"
        return ["Units that run, too, and are not proposed: \(ProposalText.comment(first))\(others)."]
    }
}
