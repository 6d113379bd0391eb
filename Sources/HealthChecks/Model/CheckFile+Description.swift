internal import Workflow

extension CheckFile {
    /// What the file's checks do and how long they may take, one paragraph of plain words per check.
    public func describe() -> [String] {
        checks.map { check in
            let timing = check.timing
            let phases = timing.phases.map(\.rawValue).joined(separator: ", ")
            var text = "\(name)/\(check.id): \(check.kind.words) every \(timing.interval.text) in \(phases)."
            text += " Passes after \(timing.successThreshold) good measurements in a row"
            text += ", held for \(timing.stableFor.text): at the earliest after \(timing.shortestPass.text)."
            text += " Failures count after \(timing.startupGrace.text) or the first good measurement;"
            text += " \(timing.failureThreshold) in a row fail it."
            text += " Undecided after \(timing.deadline.text) it does not pass."
            if timing.severity == .warning { text += " At worst it warns." }
            if timing.mode == .observe { text += " It is shown and never decides." }
            return text
        }
    }
}

extension Check.Kind {
    /// What is measured, in words.
    var words: String {
        switch self {
        case .http(let http): "\(http.method.rawValue) \(http.scheme.rawValue) port \(http.port) \(http.path)"
        case .tcp(let tcp): "connects to TCP port \(tcp.port)"
        case .exec(let exec): "runs \(exec.command.first ?? "") on the \(exec.place.rawValue)"
        case .patched(let patched): "asks what is left to patch (\(patched.scope.rawValue))"
        }
    }
}
