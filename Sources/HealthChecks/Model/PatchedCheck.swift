internal import Workflow

/// The question whether anything is left to patch.
///
/// The values given here are the built-in ones: what a cautious operator expects of a machine that takes over.
struct PatchedCheck: Sendable, Hashable {
    /// What it means that something is so.
    enum Rule: Sendable, Hashable {
        /// Critical; that it cannot be told is unknown.
        case forbid
        /// A warning; that it cannot be told is unknown.
        case warn
        /// Nothing: it is not looked at.
        case allow
    }

    /// What is expected of cloud-init.
    enum CloudInitRule: String, Sendable, Hashable, CaseIterable {
        /// Where it is installed, it has done its work without errors; one that is switched off has nothing to do.
        case done
        /// It is there, and has done its work without errors.
        case required
        /// As `done`, but only a warning.
        case warning
        /// Nothing.
        case allow
    }

    var scope: PatchPolicy.Scope = .all
    var rebootRequired: Rule = .forbid
    /// A failed unit may be the service that was just updated.
    var failedUnits: Rule = .forbid
    /// A machine whose cloud-init is still at work, or failed, is not set up as it was meant to be.
    var cloudInit: CloudInitRule = .done
    /// Services that run replaced libraries are patched on disk only; a restart cures it.
    var staleServices: Rule = .warn
    /// Whether Rubygems count.
    var gems = false
    /// After its end a release gets no updates, which then looks like "nothing left"; with `forbid` the end must be known.
    var endOfLife: Rule = .warn
    var waivers: [PatchWaiver] = []
}

/// An update that may stay pending, or a package that may be held back, for a while.
struct PatchWaiver: Sendable, Hashable {
    /// The package's name; `gem:NAME` for a Rubygem.
    var package: String
    /// The last day on which the waiver counts, in UTC.
    var until: CalendarDay
    var reason: String

    /// Whether the waiver covers `package` at `now`.
    func covers(_ package: String, at now: WallTime) -> Bool {
        package == self.package && now < until.end
    }
}
