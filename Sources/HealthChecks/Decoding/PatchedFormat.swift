internal import Documents
internal import Workflow

/// The format of a `patched` probe.
enum PatchedFormat {
    private static let scope = DocumentKey(
        "scope", DocumentFormat<PatchPolicy.Scope>.choice([("all", .all), ("security", .security)]), defaultText: "all",
        summary: "Which updates count.")
    private static let refresh = DocumentKey(
        "refresh", .constant("required"), defaultText: "required",
        summary: "The package lists are always read anew; without that nothing is known.")
    private static let rebootRequired = DocumentKey(
        "rebootRequired", rule(), defaultText: "forbid", summary: "What a pending reboot means.")
    private static let failedUnits = DocumentKey(
        "failedUnits", rule(), defaultText: "forbid",
        summary: "What a failed unit of systemd means; to name units or leave some out use a systemd check and allow.")
    private static let cloudInit = DocumentKey(
        "cloudInit", DocumentFormat<PatchedCheck.CloudInitRule>.choice, defaultText: "done",
        summary: "What cloud-init must have done where it is installed; required: it must be there, too.")
    private static let staleServices = DocumentKey(
        "staleServices", rule(), defaultText: "warning",
        summary: "What services mean that still run what updates have replaced.")
    private static let gems = DocumentKey(
        "gems", DocumentFormat<Bool>.boolean, defaultText: "false",
        summary: "Whether Rubygems with a newer version count as pending.")
    private static let endOfLife = DocumentKey(
        "endOfLife", rule(), defaultText: "warning",
        summary: "What it means that the release gets no updates any more; with forbid that must be known.")
    private static let waivers = DocumentKey(
        "waivers", .list(of: waiver, allowsEmpty: true),
        summary: "Updates that may stay pending, and packages that may be held back, for a while.")

    private static func rule() -> DocumentFormat<PatchedCheck.Rule> {
        .choice([("forbid", .forbid), ("warning", .warn), ("warn", .warn), ("allow", .allow)])
    }

    private static let package = DocumentKey(
        "package", DocumentFormat<String>.text("a package's name"), isRequired: true,
        summary: "The package's name; gem:NAME for a Rubygem.")
    private static let until = DocumentKey(
        "until", day, isRequired: true, summary: "The last day, in UTC, on which the waiver counts.")
    private static let reason = DocumentKey(
        "reason", DocumentFormat<String>.text, isRequired: true, summary: "Why it may wait.")

    private static let day = DocumentFormat<String>.text("a date such as 2026-12-31", limits: TextForms.day) { text in
        .invalid("\"\(text.prefix(60))\" is no date", suggestion: "write it as 2026-12-31")
    }.refine { text, _ in CalendarDay(text: text) }

    private static let waiver = DocumentFormat<PatchWaiver>.object(
        "waiver", keys: [package.shape, until.shape, reason.shape]
    ) { object in
        let parts = (object[package], object[until], object[reason])
        guard let package = parts.0, let until = parts.1, let reason = parts.2 else { return nil }
        return PatchWaiver(package: package, until: until, reason: reason)
    }

    /// A `patched` probe.
    static let patched = DocumentFormat<PatchedCheck>.object(
        "patched",
        keys: [
            scope.shape, refresh.shape, rebootRequired.shape, failedUnits.shape, cloudInit.shape, staleServices.shape,
            gems.shape, endOfLife.shape, waivers.shape,
        ]
    ) { object in
        _ = object[refresh]
        var check = PatchedCheck()
        check.scope = object[scope] ?? check.scope
        check.rebootRequired = object[rebootRequired] ?? check.rebootRequired
        check.failedUnits = object[failedUnits] ?? check.failedUnits
        check.cloudInit = object[cloudInit] ?? check.cloudInit
        check.staleServices = object[staleServices] ?? check.staleServices
        check.gems = object[gems] ?? check.gems
        check.endOfLife = object[endOfLife] ?? check.endOfLife
        check.waivers = object[waivers] ?? check.waivers
        return check
    }
}
