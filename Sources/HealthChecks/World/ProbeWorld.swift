internal import Workflow

/// The outside world of checks: what they measure, and the time in which they do.
///
/// Every part of a check has its own ports, so that a recording keeps apart what different parts do at the same time.
protocol ProbeWorld: Sendable {
    /// Whether time passes by itself; where it does not, nothing needs to be guarded by a timer.
    var isLive: Bool { get }
    /// Whether what the world says has no secrets in it already.
    var isRedacted: Bool { get }

    func clock(_ place: ProbePlace) -> any WorkflowClock
    func network(_ place: ProbePlace) -> any NetworkProbing
    func inspector(_ place: ProbePlace) -> any PatchInspector
    /// Runs commands on this machine.
    func controller(_ place: ProbePlace) -> any CommandRunner
    /// Runs commands on the instance, in the real world by `runner`.
    func instance(_ place: ProbePlace, _ runner: any CommandRunner) -> any CommandRunner

    /// Whether the world has nothing more to say to the check: a recording that has come to its end.
    func isOver(_ check: CheckID) -> Bool
    /// Whether it will have nothing more to say once so many measurements of the check have counted.
    func isOver(_ check: CheckID, after measurements: Int) -> Bool
}

extension ProbeWorld {
    func isOver(_ check: CheckID, after measurements: Int) -> Bool { false }
}

/// The real world.
struct LiveWorld: ProbeWorld {
    var clock: any WorkflowClock
    var network: any NetworkProbing
    var controller: any CommandRunner
    var inspector: any PatchInspector

    var isLive: Bool { true }
    var isRedacted: Bool { false }

    func clock(_ place: ProbePlace) -> any WorkflowClock { clock }
    func network(_ place: ProbePlace) -> any NetworkProbing { network }
    func inspector(_ place: ProbePlace) -> any PatchInspector { inspector }
    func controller(_ place: ProbePlace) -> any CommandRunner { controller }
    func instance(_ place: ProbePlace, _ runner: any CommandRunner) -> any CommandRunner { runner }
    func isOver(_ check: CheckID) -> Bool { false }
}
