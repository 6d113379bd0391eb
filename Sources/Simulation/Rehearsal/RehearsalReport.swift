public import Engine
public import Providers
public import Workflow

/// What came of a rehearsal; all times are simulated and count from its beginning.
public struct RehearsalReport: Sendable {
    /// What the rehearsed operator types.
    public enum Command: Sendable, Hashable {
        /// `swap` with the playbook.
        case swap
        /// `swap` of the same instance by somebody else.
        case rivalSwap
        /// `resume` of the swap.
        case resume
        /// `resume --due`, as a timer runs it when the hold ends.
        case resumeDue
        /// A lever, such as `approve`.
        case lever(OperatorCommand)
    }

    /// How a process ended.
    public enum Ending: Sendable {
        /// It drove the swap until something said to stop.
        case drove(DriveEnd)
        /// The plan had obstacles, so that no swap was begun.
        case obstructed([PreflightFinding])
        /// It failed, while it drove the swap or before.
        case failed(EngineError, whileDriving: Bool)
        /// It was killed by this signal.
        case killed(signal: Int32)
    }

    /// One process.
    public struct Run: Sendable {
        /// Its number, from 1.
        public var number: Int
        /// What was typed.
        public var command: Command
        /// When it started.
        public var start: Span
        /// When and how it ended; `nil` when the rehearsal was over first.
        public var end: (at: Span, ending: Ending)?
    }

    /// Something that happened, for a timeline.
    public struct Moment: Sendable {
        /// What can happen.
        public enum Kind: Sendable {
            /// A process starts.
            case started(run: Int, Command)
            /// A decision was recorded.
            case recorded(JournalRecord, isNewState: Bool, Swap)
            /// The engine wrote something into the log.
            case logged(String)
            /// A fault bit; later bites of the same fault are only counted.
            case fault(SimulatedFault)
            /// A process asked its operator, and the rehearsal answers.
            case answered(OperatorCommand, run: Int)
            /// A process ended.
            case ended(run: Int, Command, Ending)
        }

        /// When it happened.
        public var at: Span
        /// What happened.
        public var kind: Kind
    }

    /// What became of a fault.
    public struct Fault: Sendable {
        /// The fault and where it was let loose.
        public var fault: RehearsedFault
        /// When it was let loose; `nil` when the swap never came to that state.
        public var releasedAt: Span?
        /// When it bit first, and in which state the swap was.
        public var first: (at: Span, state: String)?
        /// How often it bit.
        public var count = 0
    }

    /// One of the two instances as the rehearsal leaves it.
    public struct Machine: Sendable {
        /// The instance as it truly is.
        public var instance: Instance
        /// Whether it is the original.
        public var isOriginal: Bool
        /// How each router treats it; a router that does not know it is missing.
        public var traffic: [RouterName: TrafficMember.Status]
    }

    /// The seed.
    public var seed: UInt64
    /// What happened, in order.
    public var moments: [Moment]
    /// The processes, in the order of their start; the first is the one of `swap`.
    public var runs: [Run]
    /// The faults asked for, in their order.
    public var faults: [Fault]
    /// The swap as it was left; `nil` when none was begun.
    public var swap: Swap?
    /// The instances, the original first.
    public var machines: [Machine]
    /// The invariant that did not hold; `nil` when all did.
    public var violation: Violation?
    /// Whether the rehearsal was broken off because it took too many steps.
    public var isBrokenOff: Bool
    /// How long everything took.
    public var length: Span

    /// How the process of `swap` ended; `nil` when the rehearsal was broken off before.
    public var firstEnding: Ending? { runs.first?.end?.ending }
}
