/// Decides from the words of a machine with dnf whether it needs a reboot.
///
/// `needs-restarting -r` exits 1 both for "reboot" and where the plugin is missing, so its words are read: dnf 4 and
/// dnf 5 use the same ones. The plugin looks at core packages' installation times; without it the kernels remain.
struct DnfRebootEvidence {
    private var release = ""
    private var marks: Set<Substring> = []
    private var hint: Bool?
    private var kernels: [(name: Substring, release: Substring)] = []

    /// Reads the lines of the script's `reboot` part.
    init(lines: [Substring]) {
        for line in lines {
            let words = line.split(separator: " ")
            switch words.first {
            case "release": release = words.dropFirst().joined(separator: " ")
            case "hint":
                if line.hasPrefix("hint Reboot is required") { hint = true }
                if line.hasPrefix("hint Reboot should not be necessary") { hint = false }
            case "kernel" where words.count == 3: kernels.append((words[1], words[2]))
            case .some(let mark): marks.insert(mark)
            case .none: break
            }
        }
        kernels = kernels.filter { $0.name.wholeMatch(of: Self.kernelNames) != nil }
    }

    /// The packages that hold a kernel: not its headers, tools or modules.
    private static var kernelNames: Regex<Substring> {
        /kernel(?:[0-9][0-9.]*|(?:-rt|-uek|-64k|-PAE|-lt|-ml)?(?:-debug)?(?:-core)?)/
    }

    /// Whether a reboot is needed; `nil` when the machine cannot tell.
    var isRequired: Bool? {
        if marks.contains("flag") || hint == true { return true }
        // A container runs its host's kernel, which a reboot of the container does not change.
        if marks.contains("container"), kernels.isEmpty { return hint ?? false }
        switch newestKernelDiffers {
        case true: return true
        // The same kernel says nothing of a replaced glibc or systemd, which the plugin would see.
        case false, nil: return hint
        }
    }

    /// Compares the running kernel with the newest installed one of its kind; `nil` without any kernel package.
    private var newestKernelDiffers: Bool? {
        guard !kernels.isEmpty else { return nil }
        let running = release.prefix { $0 != "+" }
        let kinds = Set(kernels.filter { $0.release == running }.map(\.name))
        // What runs is no longer installed.
        guard !kinds.isEmpty else { return true }
        let newest = kernels.filter { kinds.contains($0.name) }.map(\.release)
            .max { RPMVersion(String($0)) < RPMVersion(String($1)) }
        return newest != running
    }
}
