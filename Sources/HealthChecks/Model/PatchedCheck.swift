internal import Workflow

/// The question whether anything is left to patch.
struct PatchedCheck: Sendable, Hashable {
    /// What a pending reboot means.
    enum RebootRule: String, Sendable, Hashable, CaseIterable {
        case forbid
        case warn
        case allow
    }

    var scope: PatchPolicy.Scope
    var rebootRequired: RebootRule
    var waivers: [PatchWaiver]
}

/// An update that may stay pending for a while.
struct PatchWaiver: Sendable, Hashable {
    var package: String
    /// The last day on which the waiver counts, in UTC.
    var until: CalendarDay
    var reason: String

    /// Whether the waiver covers `package` at `now`.
    func covers(_ package: String, at now: WallTime) -> Bool {
        package == self.package && now < until.end
    }
}
