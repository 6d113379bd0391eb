internal import Foundation
internal import Statistics
internal import Workflow

extension CheckFile {
    /// How long all checks that decide take together, at best and at worst, in one sentence.
    public var durationInWords: String {
        let deciding = checks.filter { $0.timing.mode == .enforce }
        guard let latest = deciding.map(\.timing.deadline).max(),
            let earliest = deciding.map(\.usualPass).max()
        else { return "\(name): no check decides, so nothing is proven." }
        return "\(name), all checks together, which run at the same time: a pass at the earliest after "
            + "\(earliest.text), a verdict at the latest after \(latest.text)."
    }

    /// What the file's checks do and how long they may take, one paragraph of plain words per check.
    public func describe() -> [String] {
        checks.map { check in
            let timing = check.timing
            if case .compare(let compare) = check.kind {
                return "\(name)/\(check.id): " + compare.words(timing) + timing.limits
            }
            let phases = timing.phases.map(\.rawValue).joined(separator: ", ")
            var text = "\(name)/\(check.id): \(check.kind.words) every \(timing.interval.text) in \(phases)."
            text += " Passes after \(timing.successThreshold) good measurements in a row"
            text += ", held for \(timing.stableFor.text): at the earliest after \(timing.shortestPass.text)."
            text += " Failures count after \(timing.startupGrace.text) or the first good measurement;"
            text += " \(timing.failureThreshold) in a row fail it."
            text += " Undecided after \(timing.deadline.text) it does not pass."
            return text + timing.limits
        }
    }
}

extension Check.Kind {
    /// What is measured, in words.
    var words: String {
        switch self {
        case .http(let http): "\(http.method.rawValue) \(http.scheme.rawValue) port \(http.port) \(http.path)"
        case .tcp(let tcp): "connects to TCP port \(tcp.port)"
        case .tls(let tls): "shakes hands with TLS port \(tls.port)"
        case .dns(let dns): "asks \(dns.server ?? "the instance") port \(dns.port) for \(dns.type) of \(dns.name)"
        case .exec(let exec): "runs \(exec.command.first ?? "") on the \(exec.place.rawValue)"
        case .systemd(let systemd): systemd.words
        case .patched(let patched): "asks what is left to patch (\(patched.scope.rawValue))"
        case .promql(let promql): "asks Prometheus at \(promql.server.url) for \(promql.query)"
        case .compare(let compare): "compares the probe of \(compare.probe) with the original's"
        case .group(let group):
            "\(group.rule.rawValue) of: "
                + group.members.map { "\($0.id) \($0.kind.words)" }.joined(separator: "; ")
        }
    }
}

extension CheckTiming {
    /// What a check with this timing never does.
    fileprivate var limits: String {
        (severity == .warning ? " At worst it warns." : "")
            + (mode == .observe ? " It is shown and never decides." : "")
    }
}

extension CompareCheck {
    /// What a comparison does, and how long it may take.
    fileprivate func words(_ timing: CheckTiming) -> String {
        let phases = timing.phases.map(\.rawValue).joined(separator: ", ")
        let percent = String(format: "%.4g", design.maxErrorIncrease * 100)
        let tail = String(format: "%.4g", (1 - design.tailQuantile) * 100)
        let noData = design.onNoData == .fail ? "it fails" : "it is inconclusive"
        var text = "probes original and replacement in turn by \(probe), a pair every \(timing.interval.text)"
        text += " in \(phases). Fails if the replacement is significantly worse (by chance alone in at most"
        text += " \(String(format: "%.4g", design.alpha * 100)) % of the runs) and its median takes"
        text += " \(design.minMedianRatio) times as long, or its slowest \(tail) % \(design.minTailRatio) times,"
        text += " or it fails over \(percent) percentage points more of its probes."
        text += " Passes after \(design.maxSamples) pairs, or at its deadline of \(timing.deadline.text)"
        text += " after at least \(design.minSamples): at the earliest after \(usualPass(timing).text)."
        return text + " Without answers of both, or without an original, \(noData)."
    }
}

extension SystemdCheck {
    fileprivate var words: String {
        let parts = [
            units.isEmpty ? nil : "whether \(units.joined(separator: ", ")) are active",
            failed == .allow ? nil : "which units have failed",
        ]
        return "asks systemd " + parts.compactMap(\.self).joined(separator: " and ")
    }
}
