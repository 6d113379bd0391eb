/// One difference between a plan and the live state.
public struct PlanDrift: Sendable, Hashable, Codable, CustomStringConvertible {
    /// What differs, such as `original.image` or `tag role`.
    public var subject: String
    /// What the plan says.
    public var planned: String
    /// What is true now.
    public var live: String

    /// Creates a difference.
    public init(subject: String, planned: String, live: String) {
        self.subject = subject
        self.planned = planned
        self.live = live
    }

    /// The difference in words.
    public var description: String { "\(subject): planned \(planned), now \(live)" }

    /// Lists how the live original differs from the planned one; ownership tags do not count.
    public static func differences(planned: Instance, live: Instance?) -> [PlanDrift] {
        guard let live else { return [PlanDrift(subject: "original", planned: planned.id.rawValue, live: "absent")] }
        var drifts: [PlanDrift] = []
        func compare(_ subject: String, _ planned: String?, _ live: String?) {
            guard planned != live else { return }
            drifts.append(PlanDrift(subject: subject, planned: planned ?? "none", live: live ?? "none"))
        }
        compare("original.state", planned.state.rawValue, live.state.rawValue)
        compare("original.image", planned.image.rawValue, live.image.rawValue)
        compare("original.address", planned.address, live.address)
        compare("original.name", planned.name, live.name)
        compare(
            "original.launchedAt", planned.launchedAt.map { "\($0.milliseconds)" },
            live.launchedAt.map { "\($0.milliseconds)" })
        compare(
            "original.terminationProtection", "\(planned.isTerminationProtected)", "\(live.isTerminationProtected)")
        for name in Set(planned.properties.keys).union(live.properties.keys).sorted() {
            compare("property \(name)", planned.properties[name], live.properties[name])
        }
        for name in Set(planned.tags.keys).union(live.tags.keys).sorted() where !name.hasPrefix(OwnershipTag.prefix) {
            compare("tag \(name)", planned.tags[name], live.tags[name])
        }
        return drifts
    }

    /// Lists how the live members of a router differ from those the ledger recorded; session counts do not count.
    public static func differences(
        ledger: [LedgerEntry], router: RouterName, live: [TrafficMember]
    ) -> [PlanDrift] {
        ledger.compactMap { entry in
            guard case .trafficRegistration(router, let planned) = entry.subject else { return nil }
            let now = live.first { $0.name == planned.name }
            guard now?.address != planned.address || now?.status != planned.status else { return nil }
            return PlanDrift(
                subject: "\(router) member \(planned.name)", planned: "\(planned.address) \(planned.status.rawValue)",
                live: now.map { "\($0.address) \($0.status.rawValue)" } ?? "absent")
        }
    }
}
