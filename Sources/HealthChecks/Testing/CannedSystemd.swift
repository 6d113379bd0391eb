internal import Workflow

/// Answers `systemctl` from the states of units that a test gives.
struct CannedSystemd {
    /// Units that are not active, with the states that `systemctl show` names: of loading or of activity.
    var units: [String: String]
    var failed: [String]

    /// The states that `LoadState` has rather than `ActiveState`.
    private static let loadStates: Set = ["not-found", "masked", "error", "bad-setting"]

    func result(of command: Command) -> CommandResult {
        let text: String
        if command.arguments.contains("--property=NFailedUnits") {
            text = "NFailedUnits=\(failed.count)\n"
        } else if let separator = command.arguments.firstIndex(of: "--") {
            text = command.arguments[(separator + 1)...].map(properties).joined(separator: "\n")
        } else {
            text = failed.map(Self.whole).map { "\($0) loaded failed failed \($0)\n" }.joined()
        }
        return CommandResult(termination: .exited(0), output: text, errorOutput: "")
    }

    private static func whole(_ unit: String) -> String { unit.contains(".") ? unit : "\(unit).service" }

    private func properties(of unit: String) -> String {
        let state =
            units[unit] ?? units[unit.replacing(".service", with: "")]
            ?? (failed.map(Self.whole).contains(unit) ? "failed" : "active")
        return Self.loadStates.contains(state)
            ? "LoadState=\(state)\nActiveState=inactive\n" : "LoadState=loaded\nActiveState=\(state)\n"
    }
}
