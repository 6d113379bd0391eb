import Workflow

/// Looks, just before a call that takes something away, whether what the call relies on is so at that moment.
///
/// The steps before such a call looked already. But a driver may die, be stopped or be paused between its look and its
/// call, and a call may have to be repeated for minutes, so the last look belongs to the call itself.
struct CallGuard: Sendable {
    let environment: EngineEnvironment
    let swap: Swap

    /// What speaks against a call just now; it may pass, since reads can lag behind.
    struct Objection: Error {
        var detail: String
        /// Whether the instance that the call is about is not there at all.
        var isAbsence = false
    }

    /// Why a look gave no answer, or what it found.
    enum Outcome: Error {
        case provider(ProviderError)
        case objection(Objection)
        /// What the call asks for is so already.
        case isDone
    }

    private var original: Instance { swap.plan.original }

    /// Throws what speaks against making `request` now.
    func check(_ request: CallRequest) async throws(Outcome) {
        switch request {
        case .launch, .start, .tag: return
        case .snapshot(let id, _), .deleteSnapshot(let id, _): try requireOwnership(of: id, as: try await read(id))
        case .update(let update):
            try requireOwnership(of: update.instance, as: try await read(update.instance))
            try await requireOutOfRotation(update.instance)
        case .reboot(let id, _), .restore(let id, _):
            try requireOwnership(of: id, as: try await read(id))
            try await requireOutOfRotation(id)
        case .traffic(let router, let change):
            switch change.action {
            case .register, .restore: try await requireNoStranger(on: router)
            case .drain, .remove: try await requirePartner(of: change.instance, on: router)
            }
        case .stop(let id):
            try requireOwnership(of: id, as: try await read(id))
            try await requireOutOfRotation(id)
        case .terminate(let id):
            let instance = try await read(id)
            if instance?.state == .terminated { throw .isDone }
            try requireOwnership(of: id, as: instance)
            if id != original.id { try await requireRunning(original.id) }
            try await requireOutOfRotation(id)
        }
    }

    /// Re-reads the tags: only what carries this swap's id is touched.
    private func requireOwnership(of id: InstanceID, as instance: Instance?) throws(Outcome) {
        guard let instance else {
            throw .objection(Objection(detail: "\(id) is not there any more; nothing was done", isAbsence: true))
        }
        let owner = instance.tags[OwnershipTag.swap]
        guard owner == swap.id.rawValue else {
            throw .objection(
                Objection(
                    detail: "\(id) is tagged \(OwnershipTag.swap)=\(owner ?? "nothing") and not \(swap.id), so it was "
                        + "not touched; set the tag back if the instance is this swap's"))
        }
    }

    /// What has one member only is not taken from somebody else's instance.
    private func requireNoStranger(on name: RouterName) async throws(Outcome) {
        guard swap.plan.routes.contains(where: { $0.name == name && $0.hasOneMember }) else { return }
        let own = [original, swap.replacement].compactMap(\.self)
        let strangers = try await members(of: name).filter { member in
            !own.contains { member.stands(for: $0.id, at: $0.address) }
        }
        guard let stranger = strangers.first else { return }
        throw .objection(
            Objection(
                detail:
                    "\(name) belongs to \(stranger.instance?.rawValue ?? stranger.address) by now, which is none of "
                    + "this swap's instances, so it was left there"))
    }

    /// The replacement is only terminated while the original is there to serve.
    private func requireRunning(_ id: InstanceID) async throws(Outcome) {
        let state = try await read(id)?.state
        guard state == .running else {
            throw .objection(
                Objection(detail: "\(id) is \(state?.rawValue ?? "gone"), so the other instance was left as it is"))
        }
    }

    private func requireOutOfRotation(_ id: InstanceID) async throws(Outcome) {
        for route in swap.plan.routes { try await requirePartner(of: id, on: route.name, mustBeOut: true) }
    }

    /// Where an instance is a member, the other one must be in service before it may leave.
    private func requirePartner(
        of id: InstanceID, on name: RouterName, mustBeOut: Bool = false
    ) async throws(Outcome) {
        let members = try await members(of: name)
        let own = members.first { $0.stands(for: id, at: address(of: id)) }
        guard let member = own else { return }
        let mayFinish = environment.routers[name]?.cutsOnRemoval == false && member.status == .draining
        if mustBeOut, member.status != .disabled, !mayFinish {
            throw .objection(Objection(detail: "\(name) still has \(id) as \(member.status.rawValue)"))
        }
        if swap.strategy == .inPlace {
            return mustBeOut ? () : try requireOthers(besides: member, among: members, on: name)
        }
        // What gets no new work may be taken out whatever the other one does.
        if !mustBeOut, member.status == .disabled { return }
        guard let partner = partner(of: id),
            members.contains(where: { $0.stands(for: partner.id, at: partner.address) && $0.status == .inService })
        else {
            throw .objection(
                Objection(
                    detail: "\(name) does not see \(partner(of: id)?.id.rawValue ?? "the other instance") healthy, "
                        + "so \(id) was left as it is"))
        }
    }

    /// The last healthy member is not taken out to be updated, unless the plan allows for it.
    private func requireOthers(
        besides own: TrafficMember, among members: [TrafficMember], on name: RouterName
    ) throws(Outcome) {
        guard own.status == .inService, swap.plan.update?.mayInterrupt != true else { return }
        guard members.contains(where: { $0.name != own.name && $0.status == .inService }) else {
            throw .objection(
                Objection(
                    detail: "\(name) sees no healthy member besides \(original.id), so that was left in service"))
        }
    }

    private func partner(of id: InstanceID) -> Instance? { id == original.id ? swap.replacement : original }

    private func address(of id: InstanceID) -> String? {
        id == original.id ? original.address : swap.replacement?.address
    }

    private func members(of name: RouterName) async throws(Outcome) -> [TrafficMember] {
        guard let router = environment.routers[name] else {
            throw .provider(
                ProviderError(.invalidRequest, operation: "route", detail: "the router \(name) is not configured"))
        }
        do { return try await router.members() } catch { throw .provider(ProviderError(error, operation: "look")) }
    }

    private func read(_ id: InstanceID) async throws(Outcome) -> Instance? {
        do { return try await environment.provider.instance(id) } catch { throw .provider(error) }
    }
}

extension ProviderError {
    /// Puts a router's error into a provider's terms, so that one rule decides what is tried again.
    init(_ error: TrafficError, operation: String) {
        let code: Code =
            switch error.code {
            case .unavailable: .unavailable
            case .malformedAnswer: .malformedAnswer
            case .cancelled: .cancelled
            case .refused: .invalidState
            case .notFound, .invalidRequest: .invalidRequest
            }
        self.init(code, operation: operation, detail: "\(error)", isRetryable: error.isRetryable)
    }
}
