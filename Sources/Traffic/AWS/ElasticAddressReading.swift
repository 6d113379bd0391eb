import AWSClient
import Workflow

/// What is read about an Elastic address; shared by all observers and routers of the address in this process.
struct ElasticAddressReading: Sendable {
    private static let freshness = Span.seconds(1)

    let route: ElasticAddressRoute
    let router: RouterName
    let client: any AWSQuerying
    let usesPublicAddress: Bool
    private let answers: SharedAnswer<Association>

    /// Who holds the address.
    struct Association: Sendable, Hashable {
        var allocation: String
        var publicAddress: String
        /// The association's id; `nil` when the address is free.
        var id: String?
        var instance: InstanceID?
        var interface: String?
        var privateAddress: String?
    }

    init(
        route: ElasticAddressRoute, router: RouterName, client: any AWSQuerying, clock: any WorkflowClock,
        usesPublicAddress: Bool
    ) {
        self.route = route
        self.router = router
        self.client = client
        self.usesPublicAddress = usesPublicAddress
        answers = SharedAnswer(clock: clock, lifetime: Self.freshness, router: router)
    }

    /// The one instance that holds the address, as a member; none when it is free.
    func members() async throws(TrafficError) -> [TrafficMember] {
        let association = try await association()
        guard let instance = try owner(association) else { return [] }
        let address = usesPublicAddress ? association.publicAddress : association.privateAddress
        return [
            TrafficMember(
                name: association.allocation, instance: instance, address: address ?? "", status: .inService,
                openSessions: 0)
        ]
    }

    /// Who holds the address, at most a second old.
    func association() async throws(TrafficError) -> Association {
        try await answers.value { () throws(TrafficError) in try await self.read() }
    }

    /// Who holds the address, by a request that begins now.
    func currentAssociation() async throws(TrafficError) -> Association {
        await answers.outdate()
        return try await association()
    }

    /// Takes note of a change, so that nothing read before counts any more.
    func outdate() async { await answers.outdate() }

    /// The instance that holds the address, `nil` when it is free; throws when something else holds it.
    func owner(_ association: Association) throws(TrafficError) -> InstanceID? {
        if let instance = association.instance { return instance }
        guard association.id == nil && association.interface == nil else {
            throw TrafficError(
                .invalidRequest, router: router,
                detail: "\(route.address) belongs to \(association.interface ?? "something") that is no instance's "
                    + "(a NAT gateway or a load balancer, perhaps), so no swap can move it; name another address, "
                    + "or disassociate it yourself if it is free to use")
        }
        return nil
    }

    /// Makes a call that may be repeated and puts its error into a router's terms.
    func ask(_ action: String, _ parameters: [String: String]) async throws(TrafficError) -> AWSElement {
        do throws(AWSError) {
            return try await client.query(AWSCall(.ec2, action, parameters, repetition: .harmless))
        } catch {
            throw TrafficError(error, router: router, resource: route.address, permission: "ec2:\(action)")
        }
    }

    private func read() async throws(TrafficError) -> Association {
        let isAllocation = route.address.hasPrefix("eipalloc-")
        let answer = try await ask(
            "DescribeAddresses", [isAllocation ? "AllocationId.1" : "PublicIp.1": route.address])
        let items = answer.items("addressesSet")
        guard items.count == 1, let item = items.first, let publicAddress = Self.text(item, "publicIp"),
            publicAddress == route.address || isAllocation
        else {
            throw TrafficError(
                .malformedAnswer, router: router,
                detail: "the answer to DescribeAddresses does not describe \(route.address); nothing was concluded "
                    + "from it")
        }
        guard let allocation = Self.text(item, "allocationId") else {
            throw TrafficError(
                .invalidRequest, router: router,
                detail: "\(route.address) is an address of EC2-Classic, which has ended; allocate one for VPC")
        }
        return Association(
            allocation: allocation, publicAddress: publicAddress, id: Self.text(item, "associationId"),
            instance: Self.text(item, "instanceId").map { InstanceID($0) },
            interface: Self.text(item, "networkInterfaceId"), privateAddress: Self.text(item, "privateIpAddress"))
    }

    /// A child's text; `nil` when it is missing or empty.
    private static func text(_ item: AWSElement, _ name: String) -> String? {
        item.text(name).flatMap { $0.isEmpty ? nil : $0 }
    }
}
