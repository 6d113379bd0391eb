public import Workflow

/// A router of members in memory that obeys, or fails as scripted, and remembers how few were ever in service.
public actor ScriptedRouter: TrafficRouter {
    /// The router's name.
    public nonisolated let name: RouterName
    /// The key of its traffic slot.
    public nonisolated let slot: String
    private let witness: CallWitness
    private var faults: [Int: ScriptedFault] = [:]
    private var table: [TrafficMember]
    /// The changes that took effect, in order.
    public private(set) var changes: [TrafficChange] = []
    /// How many changes were asked for, failed ones included.
    public private(set) var attempts = 0
    /// The smallest number of members in service after any change.
    public private(set) var fewestInService: Int
    /// What the witness objected to.
    public private(set) var objections: [String] = []

    /// The address of the member that is nobody's business.
    public static let otherAddress = "10.0.9.9"

    /// Creates a router with the sample original in service, and `hasOther` for another member beside it.
    public init(_ route: TrafficRoute, hasOther: Bool = false, witness: @escaping CallWitness = { _ in nil }) {
        name = route.name
        slot = "scripted:\(route.name)"
        self.witness = witness
        table = [
            TrafficMember(
                name: SampleSwap.original.id.rawValue, address: SampleSwap.original.address ?? "", status: .inService,
                openSessions: 0)
        ]
        if hasOther {
            table.append(
                TrafficMember(name: "other", address: Self.otherAddress, status: .inService, openSessions: 0))
        }
        fewestInService = table.count
    }

    /// Scripts what the change with this number, from 1 and failed ones included, does.
    public func script(_ fault: ScriptedFault, forAttempt number: Int) {
        faults[number] = fault
    }

    /// Changes what the router says of a member, as somebody else would.
    public func setStatus(_ status: TrafficMember.Status, of address: String) {
        for index in table.indices where table[index].address == address { table[index].status = status }
    }

    /// The members as they are.
    public func members() async throws(TrafficError) -> [TrafficMember] { table }

    /// Takes one change and shows its effect at once.
    public func apply(_ change: TrafficChange) async throws(TrafficError) {
        attempts += 1
        let fault = faults[attempts]
        if let objection = await witness(.traffic(name, change)) { objections.append(objection) }
        switch fault {
        case .refused: throw TrafficError(.refused, router: name, detail: "scripted")
        case .waits(let gate): await gate.pass()
        case .lostAnswer, .garbledAnswer, nil: break
        }
        carryOut(change)
        switch fault {
        case .lostAnswer: throw TrafficError(.unavailable, router: name, detail: "the answer was lost")
        case .garbledAnswer: throw TrafficError(.malformedAnswer, router: name, detail: "the answer was garbled")
        case .refused, .waits, nil: break
        }
    }

    private func carryOut(_ change: TrafficChange) {
        changes.append(change)
        let status: TrafficMember.Status =
            switch change.action {
            case .register, .restore: .inService
            case .drain: .draining
            case .remove: .disabled
            }
        let member = TrafficMember(
            name: change.instance.rawValue, address: change.address ?? "", status: status, openSessions: 0)
        table.removeAll { $0.name == member.name }
        table.append(member)
        fewestInService = min(fewestInService, table.count { $0.status == .inService })
    }
}
