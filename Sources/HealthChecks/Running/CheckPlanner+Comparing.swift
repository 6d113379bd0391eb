internal import Documents
internal import Workflow

extension CheckPlanner {
    /// A comparison with both sides' probes, which differ in the address alone; settled where there is no original.
    func comparison(
        _ compare: CompareCheck, of check: Check, in file: CheckFile, _ context: Context
    ) throws(Refusal) -> Item {
        let id = file.id(of: check)
        guard let probe = file.check(comparedBy: compare) else {
            throw Refusal(reason: "not compared: there is no check \(compare.probe)")
        }
        var context = context
        context.file = file.home(of: probe)
        let replacement = try self.probe(
            for: probe.kind.single, probe.assertions.ofSingle, context.part("replacement"))
        guard let original = context.request.original else {
            return .settled(
                ComparisonOutcome.withoutOriginal(
                    id, compare.design, check.timing, context.request.mode, at: world.clock(context.place).wallTime()))
        }
        // An address that has moved with the traffic would make the replacement its own measure.
        guard original.address != context.request.instance.address, original.id != context.request.instance.id else {
            throw Refusal(reason: "not compared: original and replacement have the same address")
        }
        var other = context.part("original")
        other.request.instance = original
        let baseline: any Probe
        do throws(Refusal) {
            baseline = try self.probe(for: probe.kind.single, probe.assertions.ofSingle, other)
        } catch {
            throw Refusal(reason: "the original is \(error.reason)")
        }
        return .comparison(
            RunnableComparison(
                id: id, timing: check.timing, design: compare.design, original: baseline, replacement: replacement))
    }

}

extension CheckFile {
    /// The check whose probe a comparison uses.
    func check(comparedBy compare: CompareCheck) -> Check? {
        checks.first { $0.id == compare.probe }
    }
}

extension Check.Kind {
    /// The same probe with one request a measurement: a sample is the time of one request.
    fileprivate var single: Check.Kind {
        switch self {
        case .http(var http):
            http.requests = 1
            return .http(http)
        case .tcp(var tcp):
            tcp.requests = 1
            return .tcp(tcp)
        case .tls(var tls):
            tls.requests = 1
            return .tls(tls)
        case .dns(var dns):
            dns.requests = 1
            return .dns(dns)
        case .exec, .systemd, .patched, .promql, .group, .compare: return self
        }
    }
}

extension [Assertion] {
    /// The assertions that mean something of one request: all but those on a quantile of several.
    fileprivate var ofSingle: [Assertion] {
        filter { assertion in
            guard case .duration(let duration) = assertion else { return true }
            return duration.quantile == nil
        }
    }
}
