import Workflow

/// What a machine answers when it is asked how far first boot has come: the report and, in lines that begin with a
/// word of their own, what cloud-init and systemd say.
struct FirstBootAnswer: Sendable, Hashable {
    /// The report; `nil` where there is none yet.
    var report: FirstBootReport?
    /// The status that cloud-init gives itself, from a line `cloud-init STATUS`.
    var cloudInit = ""
    /// The state that systemd gives our unit, from a line `unit STATE`.
    var unit = ""
    /// How much room the disk has, from a line `free KIB`.
    var freeKiB: Int?
    /// Whether the report was read again after cloud-init was asked, so that it is no older than cloud-init's status.
    private var isReportLast = false

    /// Reads an answer; lines of any other kind are passed over.
    init(_ output: String) {
        for line in output.split(whereSeparator: \.isNewline) {
            if let read = FirstBootReport(file: String(line)) {
                report = read
                isReportLast = !cloudInit.isEmpty
            }
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2 else { continue }
            switch words[0] {
            case "cloud-init": cloudInit = words[1]
            case "unit": unit = words[1]
            case "free": freeKiB = Int(words[1])
            default: break
            }
        }
    }

    /// What all of it together means.
    var status: FirstBootStatus {
        let hasFailed = cloudInit.hasPrefix("error")
        switch report?.status {
        case .failed: return report?.firstBootStatus ?? .failed(reason: "first boot failed")
        case .finished:
            if hasFailed {
                return .failed(
                    reason: "updates are installed, but cloud-init reports an error: run `cloud-init status --long`")
            }
            return cloudInit == "running" ? .running(detail: "cloud-init is still at work") : .finished
        case .running:
            let detail = report?.detail ?? ""
            if wasBrokenOff {
                return .failed(reason: "\(detail.isEmpty ? "first boot" : detail) was broken off\(cause)")
            }
            return .running(detail: detail)
        case nil:
            if hasFailed {
                let full = isDiskFull ? ": the disk is full; " : ": "
                return .failed(reason: "cloud-init failed before first boot began\(full)run `cloud-init status --long`")
            }
            if cloudInit == "done" || cloudInit == "disabled" {
                return .failed(reason: "cloud-init has ended without running first boot; does the image run user data?")
            }
            if unit == "failed" { return .failed(reason: "first boot could not begin\(cause)") }
            return .running(detail: "first boot has not begun")
        }
    }

    /// Whether what ran the script has ended, although the report says that the script is at work.
    private var wasBrokenOff: Bool {
        if unit == "failed" { return true }
        // The script ends before the reboot that it asks for.
        guard report?.detail != "rebooting" else { return false }
        // Between a look at the report and one at cloud-init, first boot may have come to its end.
        return isReportLast && (cloudInit == "done" || cloudInit.hasPrefix("error"))
    }

    private var isDiskFull: Bool { freeKiB.map { $0 < 1024 } ?? false }

    /// What its log and its report could not say, for want of room.
    private var cause: String { isDiskFull ? ": the disk is full" : "; see the end of the first-boot log" }
}
