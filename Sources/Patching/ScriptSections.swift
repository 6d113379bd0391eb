import Workflow

/// The output of an inspection script, taken apart: each command's output and exit code under its section's name.
struct ScriptSections {
    /// The output and exit code of one command.
    struct Section: Equatable {
        /// The lines it printed, on either stream.
        var lines: [Substring]
        /// Its exit code.
        var exitCode: Int
    }

    /// With this exit code a script says that the machine has no package manager that it knows.
    static let unsupportedExitCode: Int32 = 69

    /// What scripts begin with: `section NAME COMMAND…` runs a command between two marker lines.
    static let prologue = #"""
        set -u
        export LC_ALL=C LANGUAGE=C DEBIAN_FRONTEND=noninteractive
        PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
        section() {
            name=$1
            shift
            printf '@@begin %s\n' "$name"
            "$@" </dev/null 2>&1
            printf '\n@@end %s %s\n' "$name" "$?"
        }
        root=${DPKG_ROOT:-}
        [ "$root" != / ] || root=

        """#

    private var sections: [Substring: Section] = [:]

    /// Takes a script's output apart; text outside sections is dropped, an unfinished section too.
    init(output: String) {
        var open: (name: Substring, lines: [Substring])?
        for line in output.split(separator: "\n", omittingEmptySubsequences: true) {
            let words = line.split(separator: " ")
            // Inside of a section it is output: a process may call itself so.
            if open == nil, words.count == 2, words[0] == "@@begin" {
                open = (words[1], [])
            } else if words.count == 3, words[0] == "@@end", let name = open?.name, name == words[1] {
                sections[name] = Section(lines: open?.lines ?? [], exitCode: Int(words[2]) ?? 255)
                open = nil
            } else {
                open?.lines.append(line)
            }
        }
    }

    /// A section; `nil` when the script did not run it.
    func optional(_ name: String) -> Section? { sections[Substring(name)] }

    /// The lines of a section whose command must have run and succeeded.
    func required(_ name: String) throws(PatchInspectionError) -> [Substring] {
        guard let section = optional(name) else {
            throw PatchInspectionError(.malformedOutput, detail: "the inspection ended before the part `\(name)`")
        }
        guard section.exitCode == 0 else {
            throw PatchInspectionError(
                .commandFailed,
                detail: "the part `\(name)` exited with \(section.exitCode): \(section.summary)")
        }
        return section.lines
    }
}

extension ScriptSections.Section {
    /// The last few lines, for messages.
    var summary: String {
        lines.suffix(4).map { $0.trimmingPrefix(while: \.isWhitespace) }.joined(separator: "; ")
    }
}
