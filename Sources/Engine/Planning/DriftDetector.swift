public import Workflow

/// Compares a plan with the live state, reading only.
public struct DriftDetector: Sendable {
    private let provider: any InstanceObserver
    private let routers: [RouterName: any TrafficObserver]

    /// Creates a detector over clients that cannot mutate.
    public init(provider: any InstanceObserver, routers: [RouterName: any TrafficObserver]) {
        self.provider = provider
        self.routers = routers
    }

    /// Lists each difference; empty when the plan still fits.
    public func drift(of plan: Plan) async throws(EngineError) -> [PlanDrift] {
        let live: Instance?
        do { live = try await provider.instance(plan.original.id) } catch {
            throw EngineError(.provider, "\(error)", underlying: error)
        }
        var drifts = PlanDrift.differences(planned: plan.original, live: live)
        for route in plan.routes {
            guard let router = routers[route.name] else {
                drifts.append(PlanDrift(subject: "router \(route.name)", planned: "configured", live: "not configured"))
                continue
            }
            do {
                drifts += PlanDrift.differences(
                    ledger: plan.ledger, router: route.name, live: try await router.members())
            } catch {
                throw EngineError(.traffic, "\(error)", underlying: error)
            }
        }
        return drifts
    }
}
