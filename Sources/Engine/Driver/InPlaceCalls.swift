import Workflow

/// Makes the calls that updates in place have to themselves.
struct InPlaceCalls: Sendable {
    let environment: EngineEnvironment

    /// Makes a call; one that is not of an update in place is none of its business and refused.
    func make(_ request: CallRequest) async throws(ProviderError) {
        switch request {
        case .snapshot(let id, let name): try await snapshots(request).snapshot(id, named: name)
        case .restore(let id, let name): try await snapshots(request).restore(id, to: name)
        case .deleteSnapshot(let id, let name): try await snapshots(request).deleteSnapshot(id, named: name)
        case .reboot(let id, _): try await environment.provider.reboot(id)
        case .update(let update):
            guard let updater = environment.updater else { throw Self.unsupported(request) }
            let runner = try await runner(for: update.instance, request.summary)
            do { try await updater.begin(update, via: runner) } catch {
                throw ProviderError(error, operation: request.summary)
            }
        case .launch, .stop, .start, .terminate, .tag, .traffic: throw Self.unsupported(request)
        }
    }

    /// Reads the id of an instance's present boot.
    func bootID(of id: InstanceID, _ updater: any MachineUpdater) async throws(ProviderError) -> String? {
        let runner = try await runner(for: id, "look at the boot of \(id)")
        do { return try await updater.bootID(via: runner) } catch {
            throw ProviderError(error, operation: "look at the boot of \(id)")
        }
    }

    /// A runner on an instance as it is reached now.
    func runner(for id: InstanceID, _ operation: String) async throws(ProviderError) -> any CommandRunner {
        guard let instance = try await environment.provider.instance(id) else {
            throw ProviderError(.instanceNotFound, operation: operation, detail: "\(id) is not there")
        }
        return environment.provider.commandRunner(for: instance)
    }

    private func snapshots(_ request: CallRequest) throws(ProviderError) -> any SnapshotProvider {
        guard let snapshots = environment.provider.snapshots else { throw Self.unsupported(request) }
        return snapshots
    }

    private static func unsupported(_ request: CallRequest) -> ProviderError {
        ProviderError(.invalidRequest, operation: request.summary, detail: "this provider cannot \(request.summary)")
    }
}

extension ProviderError {
    /// Puts an updater's error into a provider's terms, so that one rule decides what is tried again.
    init(_ error: UpdateError, operation: String) {
        let code: Code =
            switch error.code {
            case .unreachable: .unavailable
            case .malformedAnswer: .malformedAnswer
            case .cancelled: .cancelled
            case .notPermitted: .forbidden
            case .unsupportedSystem, .commandFailed: .invalidRequest
            }
        self.init(code, operation: operation, detail: "\(error)", isRetryable: error.isRetryable)
    }
}
