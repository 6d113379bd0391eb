import Workflow

/// How the update of one instance ended, as people and scripts read it.
struct UpdateOutcome: Codable, Sendable {
    /// How an update ended.
    enum Result: String, Codable, Sendable {
        case updated
        case rebooted
        case rebootPending
        case alreadyCurrent
        case rolledBack
        case needsOperator
        case refused
        case stopped
        case failed
        case notBegun
    }

    var instance: InstanceID
    var name: String
    var result: Result
    /// How many packages and gems have another version than before; absent where nothing was begun.
    var packagesChanged: Int?
    var durationMs: Int64?
    var swap: SwapID?
    var exitCode: Int32
    /// Why, where it did not end well.
    var explanation: String?

    /// An instance that was not touched.
    init(_ instance: Instance, _ result: Result) {
        self.instance = instance.id
        name = instance.name
        self.result = result
        exitCode = (result == .notBegun ? ExitStatus.stopped : .done).rawValue
    }

    /// How a drive ended.
    init(_ instance: Instance, _ plan: Plan, _ status: ExitStatus, _ document: SwapDocument) {
        self.init(instance, Self.result(status, document.update, plan))
        packagesChanged = document.update?.changes.count ?? 0
        swap = document.swap
        exitCode = status.rawValue
        explanation = status == .done ? nil : document.explanation
    }

    /// A drive that broke off with an error.
    init(_ instance: Instance, _ swap: SwapID, _ failure: CommandFailure) {
        self.init(instance, Self.result(failure.status, nil, nil))
        self.swap = swap
        exitCode = failure.status.rawValue
        explanation = failure.message
    }

    private static func result(_ status: ExitStatus, _ update: UpdateResult?, _ plan: Plan?) -> Result {
        switch status {
        case .done:
            guard update?.rebootRequired == true else { return .updated }
            return plan?.update?.patch.reboot == .never ? .rebootPending : .rebooted
        case .rolledBack: return .rolledBack
        case .needsOperator: return .needsOperator
        case .refused: return .refused
        case .stopped: return .stopped
        case .unexpected, .usage: return .failed
        }
    }

    /// The result in the table's words.
    var words: String {
        let hasChanges = (packagesChanged ?? 0) > 0
        return switch result {
        case .updated: hasChanges ? "updated" : "nothing to update"
        case .rebooted: hasChanges ? "updated, rebooted" : "rebooted"
        case .rebootPending: hasChanges ? "updated, reboot pending" : "already current, reboot pending"
        case .alreadyCurrent: "already current"
        case .rolledBack: "failed: rolled back"
        case .needsOperator: "needs operator"
        case .refused: "refused"
        case .stopped: "stopped"
        case .failed: "failed"
        case .notBegun: "not begun"
        }
    }

    var isGood: Bool { exitCode == ExitStatus.done.rawValue }
}

/// How the updates of one command ended.
struct UpdateReport: Codable {
    var type = "update"
    var exitCode: Int32
    var instances: [UpdateOutcome]

    /// The first that did not end well gives the exit code; what was not begun counts last.
    init(_ outcomes: [UpdateOutcome]) {
        let bad = outcomes.filter { !$0.isGood }
        exitCode = (bad.first { $0.result != .notBegun } ?? bad.first)?.exitCode ?? ExitStatus.done.rawValue
        instances = outcomes
    }

    /// The closing table, with the reasons of what did not end well below it.
    func lines(_ output: Output) -> [String] {
        let rows = instances.map { outcome in
            [
                outcome.name, outcome.words, outcome.packagesChanged.map(String.init) ?? "–",
                outcome.durationMs.map { Self.duration($0) } ?? "–", outcome.swap?.rawValue ?? "–",
            ]
        }
        var lines = Table.lines(header: ["instance", "result", "packages", "time", "swap"], rows: rows)
        for (index, outcome) in instances.enumerated() {
            lines[index + 1] = output.coloured(lines[index + 1], Self.colour(of: outcome.result))
        }
        for outcome in instances {
            guard let explanation = outcome.explanation else { continue }
            lines.append("\(outcome.name): \(explanation)")
        }
        return lines
    }

    private static func duration(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        return seconds < 120
            ? Timeline.seconds(.milliseconds(milliseconds))
            : "\(seconds / 60)m" + (seconds % 60 == 0 ? "" : "\(seconds % 60)s")
    }

    private static func colour(of result: UpdateOutcome.Result) -> Output.Colour {
        switch result {
        case .updated, .rebooted, .alreadyCurrent: .green
        case .rebootPending, .rolledBack, .stopped: .yellow
        case .needsOperator, .refused, .failed: .red
        case .notBegun: .faint
        }
    }
}
