internal import Foundation
internal import Providers
internal import Workflow

/// One Elastic address.
struct Allocation {
    var id: String
    var publicAddress: String
    var instance: String?
    var association: String?
}

// Elastic addresses.
extension FacadeState {
    mutating func allocate(to instance: String?) -> String {
        let number = allocations.count + 1
        let id = "eipalloc-0000000000000000\(number)"
        allocations[id] = Allocation(
            id: id, publicAddress: "198.51.100.\(number)", instance: instance,
            association: instance.map { _ in Self.newAssociation() })
        return id
    }

    private static func newAssociation() -> String {
        "eipassoc-" + UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(17)
    }

    private func allocation(_ request: CloudRequest) throws(CloudRefusal) -> Allocation {
        if let id = request.parameters["AllocationId"] {
            if let found = allocations[id] { return found }
            throw CloudRefusal("InvalidAllocationID.NotFound", "The allocation ID '\(id)' does not exist")
        }
        let address = request.parameters["PublicIp"] ?? ""
        if let found = allocations.values.first(where: { $0.publicAddress == address }) { return found }
        throw CloudRefusal("InvalidAddress.NotFound", "Address '\(address)' not found.")
    }

    func describeAddresses(_ request: CloudRequest) throws(CloudRefusal) -> String {
        try endDryRun(request)
        let (ids, texts) = (request.list("AllocationId"), request.list("PublicIp"))
        for id in ids where allocations[id] == nil {
            throw CloudRefusal("InvalidAllocationID.NotFound", "The allocation ID '\(id)' does not exist")
        }
        for text in texts where !allocations.values.contains(where: { $0.publicAddress == text }) {
            throw CloudRefusal("InvalidAddress.NotFound", "Address '\(text)' not found.")
        }
        var found = allocations.values.sorted { $0.id < $1.id }
        if !ids.isEmpty || !texts.isEmpty {
            found = found.filter { ids.contains($0.id) || texts.contains($0.publicAddress) }
        }
        for number in request.entries("Filter") {
            let name = request.parameters["Filter.\(number).Name"] ?? ""
            let values = request.list("Filter.\(number).Value")
            switch name {
            case "allocation-id": found = found.filter { values.contains($0.id) }
            case "public-ip": found = found.filter { values.contains($0.publicAddress) }
            case "instance-id": found = found.filter { values.contains($0.instance ?? "") }
            case "association-id": found = found.filter { values.contains($0.association ?? "") }
            default: throw CloudRefusal("InvalidParameterValue", "The filter '\(name)' is invalid")
            }
        }
        let items = found.map { allocation in
            let record = allocation.instance.flatMap { records[$0] }
            return XMLText.element("publicIp", allocation.publicAddress)
                + XMLText.element("allocationId", allocation.id) + XMLText.element("domain", "vpc")
                + XMLText.element("instanceId", allocation.instance)
                + XMLText.element("associationId", allocation.association)
                + XMLText.element("networkInterfaceId", allocation.instance.map { "eni-" + $0.dropFirst(2) })
                + XMLText.element("networkInterfaceOwnerId", record.map { _ in settings.account })
                + XMLText.element("privateIpAddress", record.map(address))
        }
        return XMLText.list("addressesSet", items)
    }

    mutating func associate(_ request: CloudRequest) throws(CloudRefusal) -> String {
        var allocation = try allocation(request)
        let id = request.parameters["InstanceId"] ?? ""
        guard records[id] != nil, let machine = truth(id) else { throw Self.notFound(id) }
        guard [.running, .stopped, .stopping].contains(machine.instance.state) else {
            throw CloudRefusal(
                "IncorrectInstanceState",
                "The \(Self.stateName(machine.instance.state)) instance '\(id)' is not in a valid state for this operation."
            )
        }
        let mayMove = request.parameters["AllowReassociation"]?.lowercased() != "false"
        if let owner = allocation.instance, owner != id, !mayMove {
            throw CloudRefusal(
                "Resource.AlreadyAssociated",
                "resource \(allocation.id) is already associated with associate-id \(allocation.association ?? "")")
        }
        try endDryRun(request)
        if allocation.instance != id || allocation.association == nil {
            allocation.instance = id
            allocation.association = Self.newAssociation()
            allocations[allocation.id] = allocation
        }
        return XMLText.element("return", "true") + XMLText.element("associationId", allocation.association)
    }

    mutating func disassociate(_ request: CloudRequest) throws(CloudRefusal) -> String {
        let association = request.parameters["AssociationId"]
        let found = allocations.values.first { allocation in
            guard let wanted = association else {
                return allocation.publicAddress == request.parameters["PublicIp"] && allocation.association != nil
            }
            return allocation.association == wanted
        }
        guard let found else {
            throw CloudRefusal(
                "InvalidAssociationID.NotFound", "The association ID '\(association ?? "")' does not exist")
        }
        try endDryRun(request)
        allocations[found.id]?.instance = nil
        allocations[found.id]?.association = nil
        return XMLText.element("return", "true")
    }
}
