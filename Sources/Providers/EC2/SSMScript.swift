import Foundation
import Workflow

/// The scripts that SSM is given: constant text around quoted arguments, sent as Base64 so that neither SSM, which
/// replaces `{{ … }}`, nor a shell reads any of it.
struct SSMScript: Sendable {
    /// The most characters of Base64 that one answer is asked for; SSM cuts output at 24,000 characters
    /// (Systems Manager API Reference, GetCommandInvocation).
    static let chunkCharacters = 23_000
    /// The longest line that is sent.
    static let lineLimitBytes = 64 << 10

    /// The folder of one run on the instance.
    let folder: String

    init(run: String) {
        folder = "/var/tmp/changeover-run-\(run)"
    }

    /// The line that runs a command and prints its result, or the first part of it.
    func line(running command: Command) throws(CommandError) -> String {
        guard let program = command.arguments.first, !program.isEmpty,
            command.arguments.allSatisfy({ !$0.utf8.contains(0) }),
            command.environment.allSatisfy({ Self.isName($0.key) && !$0.value.utf8.contains(0) })
        else {
            throw CommandError(
                .notPermitted, detail: "a command without program, with a NUL, or with an odd variable name")
        }
        let exports = command.environment.sorted { $0.key < $1.key }.map {
            "export \($0.key)=\(RemoteCommandLine.quoted($0.value))"
        }
        let milliseconds = max(1, command.timeout.milliseconds)
        let fraction = String("00\(milliseconds % 1000)".suffix(3))
        let script = """
            umask 077
            find /var/tmp -maxdepth 1 -name 'changeover-run-*' -mmin +120 -exec rm -rf {} + 2>/dev/null
            d=\(folder)
            mkdir "$d" || exit 1
            printf %s '\(Data(command.input.utf8).base64EncodedString())' | base64 -d >"$d/in"
            : >"$d/out"
            : >"$d/err"
            set -- \(RemoteCommandLine.joined(command.arguments))
            limit=\(max(0, command.outputLimitBytes)) seconds=\(milliseconds / 1000).\(fraction)

            """ + Self.running(exports: exports.joined(separator: "\n")) + Self.framing + line(from: 0)
        let line = Self.encoded(script)
        guard line.utf8.count <= Self.lineLimitBytes else {
            throw CommandError(
                .notPermitted,
                detail: "the command and its input are \(line.utf8.count) bytes for SSM, which is sent "
                    + "\(Self.lineLimitBytes) at most")
        }
        return line
    }

    /// The line that prints the rest of a result from a position on.
    func line(fetchingFrom position: Int) -> String {
        Self.encoded("d=\(folder)\ntotal=$(wc -c <\"$d/frame\") || exit 1\n" + line(from: position))
    }

    /// The line that ends a run whose result nobody waits for any more.
    var endingLine: String {
        Self.encoded(
            """
            d=\(folder)
            read -r group <"$d/group" && kill -KILL -- "-$group"
            rm -rf "$d"
            """)
    }

    /// Prints one part, and removes the folder with the last one.
    private func line(from position: Int) -> String {
        """
        tail -c +\(position + 1) "$d/frame" | head -c \(Self.chunkCharacters)
        [ $((total)) -gt \(position + Self.chunkCharacters) ] || rm -rf "$d"

        """
    }

    /// The command is run by a shell that writes down how it ended; without that it was killed at its timeout.
    private static func running(exports: String) -> String {
        """
        end=
        case $1 in
            */*) if [ ! -e "$1" ]; then end=missing; elif [ -d "$1" ] || [ ! -x "$1" ]; then end=refused; fi ;;
            *) command -v "$1" >/dev/null 2>&1 || end=missing ;;
        esac
        if [ -z "$end" ]; then
            (
                :
        \(exports)
                exec timeout -s KILL "$seconds" /bin/sh -c '"$@"
        echo "$?" >"$0"' "$d/code" "$@" <"$d/in" >"$d/out" 2>"$d/err"
            ) &
            echo "$!" >"$d/group"
            wait "$!"
            status=$?
            if [ -s "$d/code" ]; then read -r end <"$d/code"
            elif [ "$status" = 137 ]; then end=timeout
            else end=unknown; fi
        fi

        """
    }

    /// Prints a header, and puts both streams, compressed, into a file of Base64.
    private static let framing = """
        out=$(wc -c <"$d/out")
        err=$(wc -c <"$d/err")
        { head -c "$limit" "$d/out"; head -c "$limit" "$d/err"; } | gzip -c | base64 | tr -d '\\n' >"$d/frame"
        total=$(wc -c <"$d/frame")
        printf 'changeover-result %s %s %s %s\\n' "$end" "$((out))" "$((err))" "$((total))"

        """

    private static func encoded(_ script: String) -> String {
        "printf %s \(Data(script.utf8).base64EncodedString()) | base64 -d | /bin/sh -s"
    }

    private static func isName(_ text: String) -> Bool {
        text.utf8.first.map { !(0x30...0x39).contains($0) } == true
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
            }
    }
}
