internal import CurlTransport
internal import Documents
internal import Foundation
internal import Workflow

/// A check that is ready to run.
struct RunnableCheck: Sendable {
    var id: CheckID
    var timing: CheckTiming
    var probe: any Probe
}

/// Turns an assessment's documents into checks that are ready to run.
struct CheckPlanner: Sendable {
    /// What becomes of one check.
    enum Item: Sendable {
        /// It runs.
        case runnable(RunnableCheck)
        /// It compares the instance with its original.
        case comparison(RunnableComparison)
        /// It cannot run, and why.
        case settled(CheckResult)
    }

    var world: any ProbeWorld
    var secrets: SecretResolver

    /// The checks of the request's phase in the files' order, and the values of all secrets that they use.
    func plan(_ request: AssessmentRequest) -> (items: [Item], secrets: [String]) {
        var items: [Item] = []
        var values: [String] = []
        for document in request.documents {
            do throws(DocumentErrors) {
                let file = try CheckFile.decode(document)
                for check in file.checks where check.timing.phases.contains(request.phase) {
                    if case .compare = check.kind, request.skipsComparisons { continue }
                    values += secretValues(of: check, file)
                    items.append(item(check, file, request))
                }
            } catch {
                items.append(undecodable(document, error))
            }
        }
        return (items, values)
    }

    private func item(_ check: Check, _ file: CheckFile, _ request: AssessmentRequest) -> Item {
        do throws(Refusal) {
            let context = Context(
                file: file.home(of: check), request: request, place: ProbePlace(check: file.id(of: check)),
                secrets: secretValues(of: check, file))
            if case .compare(let compare) = check.kind { return try comparison(compare, of: check, in: file, context) }
            let probe = try probe(for: check.kind, check.assertions, context)
            return .runnable(RunnableCheck(id: file.id(of: check), timing: check.timing, probe: probe))
        } catch {
            let decision = CheckJudge(timing: check.timing, mode: request.mode).capped(
                CheckJudge.Decision(verdict: .inconclusive, reason: error.reason))
            return .settled(
                CheckResult(
                    check: file.id(of: check), verdict: decision.verdict, isEnforced: check.timing.mode == .enforce,
                    reason: decision.reason, last: nil, measurementCount: 0))
        }
    }

    private func undecodable(_ document: CheckDocument, _ errors: DocumentErrors) -> Item {
        let first = errors.errors.first?.description ?? "\(document.path) cannot be decoded"
        let more = errors.errors.count > 1 ? " and \(errors.errors.count - 1) more" : ""
        return .settled(
            CheckResult(
                check: CheckID("\(document.path)/*"), verdict: .inconclusive, isEnforced: true,
                reason: "the check file is wrong: \(first)\(more)", last: nil, measurementCount: 0))
    }
}

extension CheckPlanner {
    /// What a probe is made of.
    struct Context {
        var file: CheckFile
        var request: AssessmentRequest
        var place: ProbePlace
        /// The values of the check's own secrets.
        var secrets: [String] = []

        /// The same for a part of the check.
        func part(_ name: String) -> Context {
            Context(file: file, request: request, place: place.part(name), secrets: secrets)
        }
    }

    /// Why a check cannot run.
    struct Refusal: Error {
        var reason: String
    }

    func probe(
        for kind: Check.Kind, _ assertions: [Assertion], _ context: Context
    ) throws(Refusal) -> any Probe {
        let request = context.request
        let (network, clock) = (world.network(context.place), world.clock(context.place))
        switch kind {
        case .http(let http): return try probe(for: http, assertions, context)
        case .tcp(let tcp):
            return TCPProbe(
                network: network, clock: clock, check: tcp, assertions: assertions,
                address: try address(request, allowsLoopback: tcp.allowsLoopback),
                send: try resolve(tcp.send ?? SecretText(literal: ""), context.file))
        case .tls(let tls):
            return TLSProbe(
                network: network, clock: clock, check: tls, assertions: assertions,
                address: try address(request, allowsLoopback: tls.allowsLoopback),
                caFile: tls.caFile.map { path($0, beside: context.file.path) })
        case .dns(let dns):
            let address = try permitted(
                dns.server ?? request.instance.address, allowsLoopback: request.allowsLoopback || dns.allowsLoopback)
            return DNSProbe(network: network, clock: clock, check: dns, assertions: assertions, address: address)
        case .exec(let exec):
            let isHere = exec.place == .controller
            return ExecProbe(
                runner: isHere ? world.controller(context.place) : runner(context), clock: clock, check: exec,
                environment: isHere ? variables(of: request.instance) : [:], assertions: assertions)
        case .systemd(let systemd): return SystemdProbe(runner: runner(context), clock: clock, check: systemd)
        case .patched(let patched):
            return PatchedProbe(
                inspector: world.inspector(context.place), runner: request.runner, clock: clock, check: patched)
        case .promql(let promql): return try probe(for: promql, context)
        case .group(let group):
            var members: [GroupProbe.Member] = []
            for member in group.members {
                let probe: any Probe
                do throws(Refusal) {
                    probe = try self.probe(for: member.kind, member.assertions, context.part(member.id))
                } catch {
                    probe = RefusedProbe(reason: error.reason)
                }
                members.append(GroupProbe.Member(id: member.id, probe: probe))
            }
            return GroupProbe(
                rule: group.rule, members: members, clock: clock, redactor: Redactor(context.secrets))
        case .compare(let compare): throw Refusal(reason: "a comparison with \(compare.probe) is not a probe")
        }
    }

    private func probe(
        for http: HTTPCheck, _ assertions: [Assertion], _ context: Context
    ) throws(Refusal) -> any Probe {
        HTTPProbe(
            network: world.network(context.place), clock: world.clock(context.place), check: http,
            assertions: assertions,
            address: try address(context.request, allowsLoopback: http.allowsLoopback),
            headers: try headers(http.headers, context.file),
            caFile: http.tls.caFile.map { path($0, beside: context.file.path) })
    }

    private func probe(for promql: PromQLCheck, _ context: Context) throws(Refusal) -> any Probe {
        let instance = context.request.instance
        let values = [
            "instance.id": instance.id.rawValue, "instance.name": instance.name, "instance.address": instance.address,
        ]
        let query: String
        do throws(PromQLProbe.MissingValue) {
            query = try PromQLProbe.query(promql.query, with: values.compactMapValues(\.self))
        } catch {
            throw Refusal(reason: "the instance has no \(error.name)")
        }
        return PromQLProbe(
            network: world.network(context.place), clock: world.clock(context.place), check: promql, query: query,
            headers: try headers(promql.headers, context.file),
            caFile: promql.caFile.map { path($0, beside: context.file.path) },
            allowsLoopback: context.request.allowsLoopback || promql.allowsLoopback)
    }

    private func runner(_ context: Context) -> any CommandRunner {
        world.instance(context.place, context.request.runner)
    }

    private func headers(_ texts: [String: SecretText], _ file: CheckFile) throws(Refusal) -> [HTTPHeader] {
        var headers: [HTTPHeader] = []
        for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
            headers.append(HTTPHeader(name: name, value: try resolve(text, file)))
        }
        return headers
    }

    private func address(_ request: AssessmentRequest, allowsLoopback: Bool) throws(Refusal) -> String {
        try permitted(request.instance.address, allowsLoopback: request.allowsLoopback || allowsLoopback)
    }

    private func permitted(_ address: String?, allowsLoopback: Bool) throws(Refusal) -> String {
        if let reason = AddressGuard.refusal(of: address, allowsLoopback: allowsLoopback) {
            throw Refusal(reason: "not probed: \(reason)")
        }
        return address ?? ""
    }

    private func resolve(_ text: SecretText, _ file: CheckFile) throws(Refusal) -> String {
        do throws(SecretError) {
            return try secrets.resolve(text, documentPath: file.path)
        } catch {
            throw Refusal(reason: error.description)
        }
    }

    private func secretValues(of check: Check, _ file: CheckFile) -> [String] {
        var checks = [check]
        if case .compare(let compare) = check.kind, let probe = file.check(comparedBy: compare) { checks.append(probe) }
        return checks.flatMap { check in
            check.kind.secretTexts.flatMap(\.references).compactMap {
                try? secrets.resolve($0, documentPath: check.path)
            }
        }
    }

    private func path(_ name: String, beside document: String) -> String {
        let folder = URL(fileURLWithPath: document).deletingLastPathComponent()
        return URL(fileURLWithPath: name, relativeTo: folder).path
    }

    private func variables(of instance: Instance) -> [String: String] {
        var variables = ["CHANGEOVER_INSTANCE": instance.id.rawValue]
        variables["CHANGEOVER_ADDRESS"] = instance.address
        return variables
    }
}
