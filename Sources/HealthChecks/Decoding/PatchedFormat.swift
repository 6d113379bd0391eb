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
        "rebootRequired", DocumentFormat<PatchedCheck.RebootRule>.choice, defaultText: "forbid",
        summary: "What a pending reboot means.")
    private static let waivers = DocumentKey(
        "waivers", .list(of: waiver, allowsEmpty: true), summary: "Updates that may stay pending for a while.")
    private static let later = ["failedUnits", "cloudInit", "staleServices"].map { name in
        DocumentKey(name, notAvailable(name), summary: "Not available yet in this version.")
    }

    private static let package = DocumentKey(
        "package", DocumentFormat<String>.text("a package's name"), isRequired: true, summary: "The package's name.")
    private static let until = DocumentKey(
        "until", day, isRequired: true, summary: "The last day, in UTC, on which the waiver counts.")
    private static let reason = DocumentKey(
        "reason", DocumentFormat<String>.text, isRequired: true, summary: "Why the update may wait.")

    private static let day = DocumentFormat<String>.text("a date such as 2026-12-31").refine { text, cursor in
        guard let day = CalendarDay(text: text) else {
            cursor.report(.invalid, "\"\(text.prefix(60))\" is no date", suggestion: "write it as 2026-12-31")
            return CalendarDay?.none
        }
        return day
    }

    private static let waiver = DocumentFormat<PatchWaiver>.object(
        "waiver", keys: [package.shape, until.shape, reason.shape]
    ) { object in
        let parts = (object[package], object[until], object[reason])
        guard let package = parts.0, let until = parts.1, let reason = parts.2 else { return nil }
        return PatchWaiver(package: package, until: until, reason: reason)
    }

    private static func notAvailable(_ name: String) -> DocumentFormat<Bool> {
        DocumentFormat(.text(form: "something that this version does not have yet")) { cursor in
            cursor.report(.notAvailable, "\"\(name)\" is not available yet in this version", suggestion: "remove it")
            return nil
        }
    }

    /// A `patched` probe.
    static let patched = DocumentFormat<PatchedCheck>.object(
        "patched", keys: [scope.shape, refresh.shape, rebootRequired.shape, waivers.shape] + later.map(\.shape)
    ) { object in
        _ = (object[refresh], later.map { object[$0] })
        return PatchedCheck(
            scope: object[scope] ?? .all, rebootRequired: object[rebootRequired] ?? .forbid,
            waivers: object[waivers] ?? [])
    }
}
