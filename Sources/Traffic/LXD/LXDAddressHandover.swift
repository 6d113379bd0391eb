import Foundation
import LXDClient
import Workflow

/// Makes the instances take the addresses that their configuration says, after it was changed.
struct LXDAddressHandover: Sendable {
    let possession: LXDAddressPossession
    let carriage: LXDCarriage
    let client: any LXDCalling
    let commands: @Sendable (InstanceID) -> any CommandRunner

    private var router: RouterName { possession.router }
    private var address: String { possession.address.text }
    private var replugKey: String { "user.\(OwnershipTag.prefix)replug:\(possession.slot)" }

    /// One entry of a network's list of leases.
    private struct Lease: Decodable, Sendable {
        var address: String
        var hwaddr: String
        var type: String
    }

    /// What an instance carries as a tag while its network device is out.
    private struct Unplugged: Codable, Sendable {
        var name: String
        var device: [String: String]
        var hardwareAddress: String?
    }

    /// Puts back the network devices that a handover which broke off has left out; returns whether there were any.
    func plugInAll(_ all: LXDWhereabouts) async throws(TrafficError) -> Bool {
        let unplugged = all.instances.values.filter { $0.config[replugKey] != nil }.map(\.name).sorted()
        for name in unplugged { try await plugIn(name) }
        return !unplugged.isEmpty
    }

    /// Has the former owners let go of the address and the receiver take it; may be repeated, once every network device
    /// is plugged in.
    func finish(to name: String, from former: Set<String>) async throws(TrafficError) {
        let all = try await carriage.reader.currentWhereabouts()
        guard let receiver = try await instance(name), let nic = try possession.devices(of: receiver).first else {
            throw refusal("\(name) is gone")
        }
        // Nothing can be left to do where a move has ended and the receiver shows what it got.
        if all.marks.isEmpty, former.isEmpty, possession.isShown(by: receiver) { return }
        for other in former.sorted() {
            guard let giver = try await instance(other), !(try await letGo(giver)) else { continue }
            try await replug(giver)
        }
        if let holder = try await leaseHolder(on: nic.value, but: nic.key, of: receiver) {
            let giver = all.instances.values.first { Self.hasHardwareAddress(holder, $0) }
            guard let giver, giver.name != name else {
                throw refusal(
                    "the network's DHCP server has leased \(address) to \(holder), which is no instance's of this "
                        + "project, until that lease ends")
            }
            try await replug(giver)
        }
        guard receiver.status == "Running" else { return }
        try await renew(receiver, nic: nic.key)
    }

    /// Tells an instance to let go of the address; `false` when it runs and could not be told.
    private func letGo(_ instance: LXDInstance) async throws(TrafficError) -> Bool {
        guard let interface = possession.interface(showing: instance) else { return true }
        do throws(CommandError) {
            return try await run(.release, on: instance, interface: interface).exitCode == 0
        } catch {
            if error.code == .cancelled { throw TrafficError(.cancelled, router: router, detail: error.detail) }
            return false
        }
    }

    private func renew(_ instance: LXDInstance, nic: String) async throws(TrafficError) {
        let hardware = LXDAddressPossession.hardwareAddress(of: nic, on: instance)
        let interface = instance.state?.network?.first { $0.value.hardwareAddress?.lowercased() == hardware }?.key
        guard let interface else {
            throw TrafficError(
                .unavailable, router: router, detail: "\(instance.name) does not show its network device \(nic)")
        }
        let result: CommandResult
        do throws(CommandError) { result = try await run(.acquire, on: instance, interface: interface) } catch {
            throw TrafficError(
                error.code == .cancelled ? .cancelled : .unavailable, router: router,
                detail: "\(instance.name) is configured to have \(address) but could not be told to take it: \(error)")
        }
        switch result.exitCode {
        case 0: return
        case LXDAddressScript.noClient:
            throw refusal(
                "\(instance.name) is configured to have \(address) but none of the known DHCP clients runs on it "
                    + "(systemd-networkd, NetworkManager, ifupdown, dhcpcd, dhclient, udhcpc)")
        default:
            let said = result.errorOutput.split(separator: "\n").last.map { ": \($0)" } ?? ""
            throw TrafficError(
                .unavailable, router: router,
                detail: "\(instance.name) is configured to have \(address) and was told to take it, but does not show "
                    + "it\(said)")
        }
    }

    private func run(
        _ action: LXDAddressScript.Action, on instance: LXDInstance, interface: String
    ) async throws(CommandError) -> CommandResult {
        try await commands(InstanceID(instance.name)).run(
            LXDAddressScript.command(action, interface: interface, address: possession.address))
    }

    /// The hardware address to which the network's DHCP server has leased the address, unless it is the receiver's own.
    ///
    /// The list of leases has those of IPv4 by hardware address only.
    private func leaseHolder(
        on device: [String: String], but nic: String, of receiver: LXDInstance
    ) async throws(TrafficError) -> String? {
        guard !possession.address.isVersion6, let network = device["network"] else { return nil }
        let leases: [Lease]
        do throws(LXDError) {
            leases = try await client.read(LXDResource("networks", network, "leases"), as: [Lease].self).value
        } catch {
            throw TrafficError(error, router: router)
        }
        let own = LXDAddressPossession.hardwareAddress(of: nic, on: receiver)
        let lease = leases.first {
            $0.type == "dynamic" && $0.address == address && !$0.hwaddr.isEmpty && $0.hwaddr.lowercased() != own
        }
        return lease?.hwaddr.lowercased()
    }

    private static func hasHardwareAddress(_ text: String, _ instance: LXDInstance) -> Bool {
        instance.expandedDevices.contains { name, device in
            device["type"] == "nic" && LXDAddressPossession.hardwareAddress(of: name, on: instance) == text
        }
    }

    /// Takes the network device that had the address out of an instance and puts it back, so that the address is gone
    /// from the instance and the server ends its lease.
    private func replug(_ instance: LXDInstance) async throws(TrafficError) {
        let nics = instance.expandedDevices.filter { $0.value["type"] == "nic" }
        let shown = possession.interface(showing: instance).flatMap { instance.state?.network?[$0]?.hardwareAddress }
        let name =
            nics.keys.first { LXDAddressPossession.hardwareAddress(of: $0, on: instance) == shown?.lowercased() }
            ?? (nics.count == 1 ? nics.keys.first : nil)
        guard let name, let device = nics[name] else {
            throw refusal(
                "\(instance.name) still has \(address) and cannot be told to let go of it; stop the instance, or take the "
                    + "address off it")
        }
        let unplugged = Unplugged(
            name: name, device: device,
            hardwareAddress: LXDAddressPossession.hardwareAddress(of: name, on: instance))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let mark = (try? encoder.encode(unplugged)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let key = replugKey
        try await carriage.edit(instance.name) { definition in
            definition.config[key] = mark
            definition.devices[name] = ["type": "none"]
            return true
        }
        try await plugIn(instance.name)
    }

    /// Puts a network device back that was taken out, with the hardware address that it had.
    private func plugIn(_ instance: String) async throws(TrafficError) {
        let key = replugKey
        try await carriage.edit(instance) { definition in
            guard let text = definition.config.removeValue(forKey: key) else { return false }
            guard let unplugged = try? JSONDecoder().decode(Unplugged.self, from: Data(text.utf8)) else { return true }
            definition.devices[unplugged.name] = unplugged.device
            if unplugged.device["hwaddr"] == nil {
                definition.config["volatile.\(unplugged.name).hwaddr"] = unplugged.hardwareAddress
            }
            return true
        }
    }

    private func instance(_ name: String) async throws(TrafficError) -> LXDInstance? {
        do throws(LXDError) { return try await client.instance(name)?.value } catch {
            throw TrafficError(error, router: router)
        }
    }

    private func refusal(_ detail: String) -> TrafficError { TrafficError(.refused, router: router, detail: detail) }
}
