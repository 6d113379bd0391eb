internal import Documents

/// The format of a `systemd` probe.
enum SystemdFormat {
    private static let units = DocumentKey(
        "units", DocumentFormat<[String]>.list(of: unit),
        summary: "Units that must be active; without a suffix they are services.")
    private static let failed = DocumentKey(
        "failed", DocumentFormat<SystemdCheck.FailedRule>.choice, defaultText: "forbid",
        summary: "What it means that any unit of the machine has failed.")
    private static let ignore = DocumentKey(
        "ignore", DocumentFormat<[String]>.list(of: unit), summary: "Units that may have failed all the same.")

    private static let suffixes = [
        "service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "slice", "scope",
    ]

    /// A unit's name, completed with `.service`.
    private static let unit = DocumentFormat<String>.text("a unit's name", limits: TextForms.unit) { text in
        .invalid("\"\(text.prefix(60))\" is no unit's name", suggestion: "write for example nginx.service")
    }.map { text in
        suffixes.contains { text.hasSuffix(".\($0)") } ? text : "\(text).service"
    }

    private static let rules = [
        DocumentRule(
            "With failed: allow there must be units.", when: .word("failed", ["allow"]), demand: .has("units"),
            code: .missingKey, message: "with failed: allow and no units nothing is asked", suggestion: "add units"),
        DocumentRule(
            "With failed: allow there is nothing to ignore.", when: .word("failed", ["allow"]),
            demand: .not(.has("ignore")), message: "with failed: allow there is nothing to ignore",
            suggestion: "remove ignore"),
    ]

    /// A `systemd` probe.
    static let systemd = DocumentFormat<SystemdCheck>.object(
        "systemd", keys: [units.shape, failed.shape, ignore.shape], rules: rules
    ) { object in
        let units = object[units] ?? []
        let failed = object[failed] ?? .forbid
        let ignored = object[ignore] ?? []
        return SystemdCheck(units: units, failed: failed, ignored: ignored)
    }
}
