import Workflow

/// Writes what the remote shell is given so that each argument arrives as it is.
///
/// `ssh` joins its arguments with spaces and the user's login shell reads the result, so everything is in single quotes,
/// within which a POSIX shell takes all characters for themselves.
enum RemoteCommandLine {
    /// Says that the login shell passes commands on, and replaces itself by the command, with or without `sudo`.
    ///
    /// Arguments: marker, `sudo` or nothing, the command. A shell that hung until nobody waits for the answer any more
    /// must not begin then: the connection's end of standard output is closed, so the first line cannot be written.
    private static let openingScript = """
        m=$1 by=$2; shift 2
        echo "$m output" || exit 255
        echo "$m connected" >&2 || exit 255
        command -v timeout >/dev/null 2>&1 || { echo "$m incomplete" >&2; exit 127; }
        if [ -n "$by" ]; then
        command -v sudo >/dev/null 2>&1 || { echo "$m sudoless" >&2; exit 127; }
        set -- sudo -n -- "$@"
        fi
        exec "$@"
        """

    /// Runs a command in a process group of its own and reports about it in lines that begin with the marker.
    ///
    /// Arguments: marker, program, arguments. The parent is `timeout`, which leads the group. `env` keeps a program's
    /// name from being taken for a builtin of the shell. What a `sudo` that hung begins late fails at its first line, as
    /// in the opening.
    private static let script = """
        m=$1; shift
        echo "$m begun" || exit 255
        echo "$m started $PPID" >&2
        found=
        case $1 in
        */*) [ -e "$1" ] || found=missing; [ -n "$found" ] || { [ -x "$1" ] && [ ! -d "$1" ]; } || found=refused ;;
        *) command -v "$1" >/dev/null 2>&1 || found=missing ;;
        esac
        if [ -n "$found" ]; then echo "$m $found" >&2; exit 127; fi
        env "$@"
        c=$?
        if [ "$c" -eq 255 ]; then echo "$m ended" >&2; fi
        exit "$c"
        """

    /// Ends a process group and looks, for a second, whether it is gone before it is killed.
    private static let endingScript = """
        kill -s TERM -- "-$1" || exit 0
        for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; kill -s 0 -- "-$1" 2>/dev/null || exit 0; done
        kill -s KILL -- "-$1"
        """

    /// Quotes a text for a POSIX shell.
    static func quoted(_ text: String) -> String {
        // By bytes: a combining character after a quote would otherwise hide it.
        var bytes = Array("'".utf8)
        for byte in text.utf8 {
            if byte == UInt8(ascii: "'") { bytes += Array("'\\''".utf8) } else { bytes.append(byte) }
        }
        bytes.append(UInt8(ascii: "'"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Quotes and joins arguments for a POSIX shell.
    static func joined(_ arguments: [String]) -> String {
        arguments.map(quoted).joined(separator: " ")
    }

    /// The line that runs a command and is ended by the remote machine itself if nobody else does it.
    static func running(_ command: Command, marker: String, usesSudo: Bool) -> String {
        // The local timer began earlier and ends first; this one is for when the connection is lost.
        let limit = Span(milliseconds: command.timeout.milliseconds) + .seconds(1)
        let variables = command.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let seconds = "\(limit.milliseconds / 1000).\(String(limit.milliseconds % 1000 + 1000).dropFirst())"
        return joined(
            ["sh", "-c", openingScript, "changeover", marker, usesSudo ? "sudo" : "", "timeout", "-k", "2", seconds]
                + ["env"] + variables + ["sh", "-c", script, "changeover", marker] + command.arguments)
    }

    /// The line that ends a process group.
    static func ending(group: Int, usesSudo: Bool) -> String {
        joined((usesSudo ? ["sudo", "-n", "--"] : []) + ["sh", "-c", endingScript, "changeover", "\(group)"])
    }

    /// Why a command cannot be passed on; `nil` when it can.
    static func problem(with command: Command) -> String? {
        guard let program = command.arguments.first, !program.isEmpty else { return "the command is empty" }
        if program.contains("=") || program.hasPrefix("-") {
            return "a program whose name begins with - or has = in it cannot be run: \(program)"
        }
        let isName = { (name: String) in
            name.utf8.allSatisfy { $0 == 95 || (48...57).contains($0) || (65...90).contains($0 & 0xDF) }
                && !name.isEmpty && !(name.utf8.first.map { (48...57).contains($0) } ?? true)
        }
        if let name = command.environment.keys.first(where: { !isName($0) }) {
            return "a variable cannot be called \(name)"
        }
        return nil
    }
}
