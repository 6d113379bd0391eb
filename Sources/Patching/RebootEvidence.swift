/// Decides from a machine's own words whether it needs a reboot.
///
/// The absence of `/run/reboot-required` proves nothing on Debian. needrestart's KSTA: 1 current, 2 and 3 reboot,
/// 0 inconclusive (needrestart README.batch.md).
struct RebootEvidence {
    private var release = ""
    private var version = ""
    private var marks: Set<Substring> = []
    private var kernelStatus: Int?
    private var kernels: [(release: Substring, version: Substring)] = []

    /// Reads the lines of the script's `reboot` part.
    init(lines: [Substring]) {
        for line in lines {
            let words = line.split(separator: " ")
            switch words.first {
            case "release": release = words.dropFirst().joined(separator: " ")
            case "version": version = words.dropFirst().joined(separator: " ")
            case "ksta": kernelStatus = words.last.flatMap { Int($0) }
            case "kernel" where words.count == 4 && words[1] == "installed":
                kernels.append((words[2].dropFirst("linux-image-".count), words[3]))
            case .some(let mark): marks.insert(mark)
            case .none: break
            }
        }
    }

    /// Whether a reboot is needed; `nil` when the machine cannot tell.
    var isRequired: Bool? {
        // A root that the machine did not boot from, as of local instances, has no kernel: only what it wrote down itself
        // counts, and not what the machine around it did.
        if marks.contains("root-elsewhere"), kernels.isEmpty { return marks.contains("root-flag") }
        if marks.contains("flag") { return true }
        // A container runs its host's kernel, which a reboot of the container does not change.
        if marks.contains("container"), kernels.isEmpty { return false }
        switch kernelStatus {
        case 1: return false
        case 2, 3: return true
        default: return newestKernelDiffers
        }
    }

    /// Compares the running kernel with the newest installed one of its flavour; `nil` without any kernel package.
    private var newestKernelDiffers: Bool? {
        let flavour = release.split(separator: "-").last.map { "-\($0)" } ?? ""
        let alike = kernels.filter { $0.release.hasSuffix(flavour) }
        let newest = (alike.isEmpty ? kernels : alike).max {
            (DebianVersion(String($0.release)), DebianVersion(String($0.version)))
                < (DebianVersion(String($1.release)), DebianVersion(String($1.version)))
        }
        guard let newest else { return nil }
        guard newest.release == release else { return true }
        // Debian names the package's version in `uname -v`: a rebuilt kernel keeps its release and changes this.
        let words = version.split(separator: " ")
        guard let mark = words.firstIndex(of: "Debian"), mark + 1 < words.count else { return false }
        return words[mark + 1] != newest.version
    }
}
