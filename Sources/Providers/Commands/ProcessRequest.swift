/// One program to run on this machine.
struct ProcessRequest: Sendable {
    /// Program and arguments; never empty, never read by a shell.
    var arguments: [String]
    /// The whole environment of the program; its `PATH` is searched for the program.
    var environment: [String: String]
    /// The working folder; `nil` for this process's own.
    var folder: String?
    /// What the program reads from standard input.
    var input = ""
    /// After this many milliseconds its process group is ended; `nil` for never.
    var timeoutMilliseconds: Int64?
    /// How much of each output stream is kept, in bytes.
    var outputLimitBytes = 1 << 20
    /// Open files that the program is given as 3 and on, such as a lock that shall be held until it has ended.
    var carried: [OwnedDescriptor] = []
}

/// How a program ended and what it printed.
struct ProcessOutcome: Sendable {
    /// How a process can end.
    enum End: Sendable, Equatable {
        /// It exited with this code.
        case exited(Int32)
        /// This signal ended it.
        case signalled(Int32)
        /// Its timeout passed and its group was killed.
        case timedOut
    }

    /// How it ended.
    var end: End
    /// Standard output, cut at the limit.
    var output: String
    /// Standard error, cut at the limit.
    var errorOutput: String
    /// Whether output was cut.
    var isTruncated: Bool
}

/// Why a program could not be run to its end.
enum ProcessError: Error, Sendable {
    /// No such program; the text says which and where it was looked for.
    case notFound(String)
    /// The system refused to start it.
    case notPermitted(String)
    /// The system had no room for another process, or failed otherwise.
    case failed(String)
    /// The surrounding task was cancelled; the process group has been killed.
    case cancelled
}
