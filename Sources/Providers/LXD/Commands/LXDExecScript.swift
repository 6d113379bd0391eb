import Foundation
import LXDClient
import Workflow

/// The shell script by which a command is run on an instance, and the request that starts it.
///
/// The server can signal the process that it started, and kills it when the client goes away, but reaches none of its
/// children. So the script puts the command into a process group of its own, led by `timeout`, and ends that group when
/// it is told to. When nobody is left who could tell, `timeout` ends the group once the command's time is over.
struct LXDExecScript: Sendable {
    /// The signal upon which the script ends the command.
    static let endingSignal = 15

    /// What stands before every report; random, so that no command can print it by accident.
    let marker: String

    init(marker: String = "\u{1E}changeover-\(UUID().uuidString)") {
        self.marker = marker
    }

    /// Arguments: marker, seconds, program, arguments.
    ///
    /// `env` keeps a program's name from being taken for a builtin of the shell. What a shell starts in the background
    /// would read nothing, so it is given the input under another number first.
    private static let text = """
        changeover_marker=$1 changeover_limit=$2; shift 2
        changeover_say() { printf '%s %s\\n' "$changeover_marker" "$1" >&2; }
        changeover_end() {
          trap '' TERM
          [ -n "$!" ] || exit 143
          kill -s TERM -- "-$!" 2>/dev/null || kill -s TERM "$!" 2>/dev/null
          for changeover_i in 1 2 3 4 5 6 7 8 9 10; do
            kill -s 0 -- "-$!" 2>/dev/null || exit 143
            sleep 0.1
          done
          kill -s KILL -- "-$!" 2>/dev/null
          exit 143
        }
        trap changeover_end TERM
        changeover_say started
        changeover_problem=
        case $1 in
        */*)
          if [ ! -e "$1" ]; then changeover_problem=missing
          elif [ -d "$1" ] || [ ! -x "$1" ]; then changeover_problem=refused; fi ;;
        *) command -v -- "$1" >/dev/null 2>&1 || changeover_problem=missing ;;
        esac
        command -v timeout >/dev/null 2>&1 || changeover_problem=bare
        if [ -n "$changeover_problem" ]; then changeover_say "$changeover_problem"; exit 127; fi
        exec 3<&0
        timeout -k 2 "$changeover_limit" env "$@" <&3 3<&- &
        exec 3<&- </dev/null
        wait "$!"
        changeover_code=$?
        changeover_say "ended $changeover_code"
        exit "$changeover_code"
        """

    /// The body of the exec request; arguments and variables are passed as they are.
    func request(running command: Command) -> LXDValue {
        // The own timer began earlier and ends first; this one is for when the connection is lost.
        let seconds = (command.timeout.milliseconds + 999) / 1000 + 1
        let arguments = ["sh", "-c", Self.text, "changeover", marker, "\(seconds)"] + command.arguments
        return .object([
            "command": .list(arguments.map { .text($0) }),
            "environment": .texts(command.environment),
            "cwd": .text("/"), "user": .integer(0), "group": .integer(0),
            "wait-for-websocket": .boolean(true), "interactive": .boolean(false), "record-output": .boolean(false),
        ])
    }

    /// The control message that passes a signal on to the script.
    static var endingMessage: [UInt8] { Array(#"{"command":"signal","signal":\#(endingSignal)}"#.utf8) }

    /// Why a command cannot be passed on; `nil` when it can.
    static func problem(with command: Command) -> CommandError? {
        if let problem = RemoteCommandLine.problem(with: command) { return CommandError(.notFound, detail: problem) }
        let texts = command.arguments + command.environment.flatMap { [$0.key, $0.value] }
        if texts.contains(where: { $0.utf8.contains(0) }) {
            return CommandError(.notPermitted, detail: "arguments and variables cannot contain the character NUL")
        }
        // MAX_ARG_STRLEN of Linux, which counts the final NUL; see execve(2).
        if texts.contains(where: { $0.utf8.count >= 131_072 }) {
            return CommandError(.notPermitted, detail: "an argument or a variable is longer than 128 KiB")
        }
        return nil
    }
}

/// What the script reports about a command.
enum LXDExecReport: Sendable, Hashable {
    /// The script runs.
    case started
    /// The program does not exist.
    case missing
    /// The program may not be executed.
    case refused
    /// The instance lacks `timeout`.
    case bare
    /// The command has ended with this code.
    case ended(Int32)

    /// Reads the words after a marker; `nil` for others.
    init?(words: some StringProtocol) {
        let parts = words.split(separator: " ")
        switch (parts.first, parts.count) {
        case ("started", 1): self = .started
        case ("missing", 1): self = .missing
        case ("refused", 1): self = .refused
        case ("bare", 1): self = .bare
        case ("ended", 2):
            guard let code = Int32(parts[1]) else { return nil }
            self = .ended(code)
        default: return nil
        }
    }
}
