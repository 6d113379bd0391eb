import Providers
import Workflow

/// How often each fault and each command met a swap in each state.
public struct Coverage: Sendable, Hashable {
    /// One cell.
    public struct Cell: Sendable, Hashable {
        /// The fault or command.
        public var cause: String
        /// The state's name.
        public var state: String
    }

    /// The hits by cell.
    public private(set) var hits: [Cell: Int] = [:]

    /// Creates an empty table.
    public init() {}

    mutating func hit(_ cause: String, in state: String) {
        hits[Cell(cause: cause, state: state), default: 0] += 1
    }

    /// Adds another table's hits.
    public mutating func add(_ other: Coverage) {
        hits.merge(other.hits) { $0 + $1 }
    }

    /// Every cell that a fault or command can hit, with its hits, fewest first.
    public var required: [(cell: Cell, hits: Int)] {
        let faults = SimulatedFault.allCases.flatMap { fault in
            FaultTable.states.filter(FaultTable.states(of: fault).contains).map {
                Cell(cause: fault.rawValue, state: $0)
            }
        }
        let commands = OperatorCommand.allCases.flatMap { command in
            (FaultTable.states + ["needsOperator"]).map { Cell(cause: command.rawValue, state: $0) }
        }
        return (faults + commands).map { ($0, hits[$0] ?? 0) }.sorted {
            ($0.1, $0.0.cause, $0.0.state) < ($1.1, $1.0.cause, $1.0.state)
        }
    }

    /// The table for people: a row a cause, a column a state, `-` where the cause cannot be.
    public var table: [String] {
        let states = FaultTable.states + ["needsOperator"]
        let wanted = Set(required.map(\.cell))
        func row(_ name: String, _ cells: [String]) -> String {
            let head = name + String(repeating: " ", count: max(1, 22 - name.count))
            return head + cells.map { String(repeating: " ", count: max(1, 7 - $0.count)) + $0 }.joined()
        }
        var lines = [row("", states.map(Self.short))]
        for cause in SimulatedFault.allCases.map(\.rawValue) + OperatorCommand.allCases.map(\.rawValue) {
            lines.append(
                row(
                    cause,
                    states.map { state in
                        let cell = Cell(cause: cause, state: state)
                        return wanted.contains(cell) ? "\(hits[cell] ?? 0)" : "-"
                    }))
        }
        return lines
    }

    /// A state's name in six letters.
    private static func short(_ state: String) -> String {
        [
            "preflight": "prefl", "launching": "launch", "booting": "boot", "patching": "patch", "verifying": "verify",
            "awaitingApproval": "await", "promoting": "promot", "baking": "bake", "stoppingOriginal": "stopOr",
            "holding": "hold", "terminatingOriginal": "termOr", "rollingBack": "rollBk",
            "retiringReplacement": "retire", "needsOperator": "needOp",
        ][state] ?? state
    }
}
