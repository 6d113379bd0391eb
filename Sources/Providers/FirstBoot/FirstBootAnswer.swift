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

    /// Reads an answer; lines of any other kind are passed over.
    init(_ output: String) {
        for line in output.split(whereSeparator: \.isNewline) {
            if let read = FirstBootReport(file: String(line)) { report = read }
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
            if unit == "failed" { return .failed(reason: "\(report?.detail ?? "first boot") was broken off\(cause)") }
            return .running(detail: report?.detail ?? "")
        case nil:
            if hasFailed {
                return .failed(reason: "cloud-init failed before first boot began: run `cloud-init status --long`")
            }
            if cloudInit == "done" || cloudInit == "disabled" {
                return .failed(reason: "cloud-init has ended without running first boot; does the image run user data?")
            }
            if unit == "failed" { return .failed(reason: "first boot could not begin\(cause)") }
            return .running(detail: "first boot has not begun")
        }
    }

    /// What its log and its report could not say, for want of room.
    private var cause: String {
        guard let freeKiB, freeKiB < 1024 else { return "; see the end of the first-boot log" }
        return ": the disk is full"
    }
}
