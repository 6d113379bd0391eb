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
        /// It cannot run, and why.
        case settled(CheckResult)
    }

    var clock: any WorkflowClock
    var network: any NetworkProbing
    var controller: any CommandRunner
    var inspector: any PatchInspector
    var secrets: SecretResolver

    /// The checks of the request's phase in the files' order, and the values of all secrets that they use.
    func plan(_ request: AssessmentRequest) -> (items: [Item], secrets: [String]) {
        var items: [Item] = []
        var values: [String] = []
        for document in request.documents {
            do throws(DocumentErrors) {
                let file = try CheckFile.decode(document)
                for check in file.checks where check.timing.phases.contains(request.phase) {
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
            let probe = try probe(for: check, file, request)
            return .runnable(RunnableCheck(id: file.id(of: check), timing: check.timing, probe: probe))
        } catch {
            return .settled(
                CheckResult(
                    check: file.id(of: check), verdict: .inconclusive, isEnforced: check.timing.mode == .enforce,
                    reason: error.reason, last: nil, measurementCount: 0))
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
    /// Why a check cannot run.
    private struct Refusal: Error {
        var reason: String
    }

    private func probe(
        for check: Check, _ file: CheckFile, _ request: AssessmentRequest
    ) throws(Refusal) -> any Probe {
        switch check.kind {
        case .http(let http):
            var headers: [HTTPHeader] = []
            for (name, text) in http.headers.sorted(by: { $0.key < $1.key }) {
                headers.append(HTTPHeader(name: name, value: try resolve(text, file)))
            }
            return HTTPProbe(
                network: network, clock: clock, check: http, assertions: check.assertions,
                address: try address(request), headers: headers,
                caFile: http.tls.caFile.map { path($0, beside: file.path) })
        case .tcp(let tcp):
            return TCPProbe(
                network: network, clock: clock, check: tcp, assertions: check.assertions,
                address: try address(request), send: try resolve(tcp.send ?? SecretText(literal: ""), file))
        case .exec(let exec):
            let isHere = exec.place == .controller
            return ExecProbe(
                runner: isHere ? controller : request.runner, clock: clock, check: exec,
                environment: isHere ? variables(of: request.instance) : [:])
        case .patched(let patched):
            return PatchedProbe(inspector: inspector, runner: request.runner, clock: clock, check: patched)
        }
    }

    private func address(_ request: AssessmentRequest) throws(Refusal) -> String {
        let address = request.instance.address
        if let reason = AddressGuard.refusal(of: address, allowsLoopback: request.allowsLoopback) {
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
        let texts: [SecretText] =
            switch check.kind {
            case .http(let http): Array(http.headers.values)
            case .tcp(let tcp): tcp.send.map { [$0] } ?? []
            case .exec, .patched: []
            }
        return texts.flatMap(\.references).compactMap { try? secrets.resolve($0, documentPath: file.path) }
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
