import Foundation
import LXDClient
import Workflow

/// A server with a few instances, whose guests get their addresses from a DHCP server that behaves as LXD's dnsmasq.
final class LXDHost: LXDCalling, @unchecked Sendable {
    struct Machine {
        var config: [String: String] = [:]
        var devices: [String: [String: String]] = [:]
        var profile: [String: [String: String]] = [:]
        var status = "Running"
        /// The addresses of its interface eth0.
        var shown: [String] = []
        /// Whether commands can be run on it.
        var hears = true
        /// Whether it stops when it is asked to.
        var obeys = true
        var version = 1

        var expanded: [String: [String: String]] { profile.merging(devices) { $1 } }
        func hardwareAddress(_ device: String) -> String { config["volatile.\(device).hwaddr"] ?? "" }
    }

    /// How the server dies.
    enum Death: CaseIterable, Sendable {
        /// A request is not done any more.
        case before
        /// A request is done but not answered.
        case after
    }

    let location = "in a script"
    private let lock = NSLock()
    private var machines: [String: Machine]
    private var leases: [String: String] = [:]
    private var requests: [String] = []
    private var left: Int?
    private var death = Death.before
    private var refusals: [String: LXDError] = [:]
    /// Looks at every state that the server has ever been in.
    private let watch: @Sendable ([String: Machine]) -> Void

    init(_ machines: [String: Machine], watch: @escaping @Sendable ([String: Machine]) -> Void = { _ in }) {
        self.machines = machines
        self.watch = watch
    }

    subscript(name: String) -> Machine {
        get { lock.withLock { machines[name] ?? Machine() } }
        set { lock.withLock { machines[name] = newValue } }
    }

    var all: [String: Machine] { lock.withLock { machines } }
    var trace: [String] { lock.withLock { requests } }
    var changes: [String] { trace.filter { $0.hasPrefix("PUT") } }
    var lease: [String: String] { lock.withLock { leases } }
    func lease(_ address: String, to hardware: String?) { lock.withLock { leases[address] = hardware } }

    /// Has the next change of an instance refused.
    func refuse(_ name: String, _ code: LXDError.Code) {
        lock.withLock { refusals[name] = LXDError(code, request: "PUT \(name)", detail: "said no") }
    }

    /// Has the server die at a request; `nil` for never.
    func die(at request: Int?, _ death: Death = .before) {
        lock.withLock {
            left = request
            self.death = death
        }
    }

    /// Counts a request; throws what the death makes of it, before or after `body`.
    private func request<Value>(
        _ label: String, _ body: (inout [String: Machine]) throws(LXDError) -> Value
    ) throws(LXDError) -> Value {
        lock.lock()
        defer { lock.unlock() }
        let gone = LXDError(.unavailable, request: label, detail: "the server died", isUncertain: true)
        if let left {
            if left < 0 || (left == 0 && death == .before) {
                self.left = -1
                throw gone
            }
            self.left = left - 1
        }
        requests.append(label)
        let value = try body(&machines)
        watch(machines)
        if left == -1 && death == .after { throw gone }
        return value
    }

    private static func value(_ name: String, _ machine: Machine, full: Bool) -> LXDValue {
        var value: [String: LXDValue] = [
            "name": .text(name), "type": .text("container"), "status": .text(machine.status),
            "architecture": .text("x86_64"), "ephemeral": .boolean(false), "profiles": .list([.text("default")]),
            "config": .texts(machine.config), "expanded_config": .texts(machine.config),
            "devices": .object(machine.devices.mapValues { .texts($0) }),
            "expanded_devices": .object(machine.expanded.mapValues { .texts($0) }),
            "created_at": .text(""), "last_used_at": .text(""),
        ]
        if full {
            let addresses = machine.shown.map { address in
                LXDValue.texts([
                    "family": address.contains(":") ? "inet6" : "inet", "address": address, "scope": "global",
                ])
            }
            let network = LXDValue.object([
                "eth0": .object([
                    "addresses": .list(addresses), "hwaddr": .text(machine.hardwareAddress("eth0")),
                    "state": .text("up"),
                ])
            ])
            value["state"] = .object([
                "status": .text(machine.status), "pid": .integer(machine.status == "Running" ? 7 : 0),
                "network": machine.status == "Running" ? network : .null,
            ])
        }
        return .object(value)
    }

    func server() async throws(LXDError) -> LXDServer {
        LXDServer(authentication: "trusted", extensions: ["instance_get_full"])
    }

    func read<Value: Decodable & Sendable>(
        _ resource: LXDResource, as type: Value.Type
    ) async throws(LXDError) -> LXDReading<Value> {
        let label = "GET \(resource.path.joined(separator: "/"))"
        let (value, version) = try request(label) { (machines) throws(LXDError) -> (LXDValue, String?) in
            switch resource.path {
            case ["instances"]:
                let all = machines.sorted { $0.key < $1.key }
                return (.list(all.map { Self.value($0.key, $0.value, full: false) }), nil)
            case ["networks", "br0", "leases"]:
                let all = leases.map {
                    LXDValue.texts(["address": $0.key, "hwaddr": $0.value, "type": "dynamic", "hostname": "x"])
                }
                return (.list(all), nil)
            default:
                guard resource.path.count == 2, let name = resource.path.last, let machine = machines[name] else {
                    throw LXDError(.notFound, request: label, detail: "not found")
                }
                return (Self.value(name, machine, full: true), "\(machine.version)")
            }
        }
        do {
            let data = try JSONEncoder().encode(value)
            return LXDReading(value: try JSONDecoder().decode(type, from: data), version: version)
        } catch {
            throw LXDError(.malformedAnswer, request: label, detail: "\(error)")
        }
    }

    func send(
        _ method: LXDMethod, _ resource: LXDResource, _ body: LXDValue?, version: String?
    ) async throws(LXDError) -> LXDOperation? {
        let name = resource.path.dropFirst().first ?? ""
        let label = "\(method.rawValue) \(resource.path.dropFirst().joined(separator: "/"))"
        return try request(label) { (machines) throws(LXDError) in
            guard var machine = machines[name], method == .put, case .object(let body) = body else {
                throw LXDError(.notFound, request: label, detail: "not found")
            }
            if resource.path.last == "state" {
                try Self.stop(&machine, body, label)
                machines[name] = machine
                return LXDOperation(id: "1", statusCode: 200)
            }
            guard version == "\(machine.version)" else { throw LXDError(.conflict, request: label, detail: "changed") }
            if let refusal = refusals.removeValue(forKey: name) { throw refusal }
            let before = machine
            machine.config = Self.texts(body["config"])
            machine.devices = Self.objects(body["devices"]).mapValues { Self.texts($0) }
            machine.version += 1
            try Self.requireNoClash(machine, name, machines, label)
            for (device, old) in before.expanded
            where old["type"] == "nic" && machine.expanded[device]?["type"] == "none" {
                // Taking a network device out ends its lease.
                leases = leases.filter { $0.value != before.hardwareAddress(device) }
                machine.shown = []
                machine.config["volatile.\(device).hwaddr"] = nil
            }
            machines[name] = machine
            return LXDOperation(id: "1", statusCode: 200)
        }
    }

    private static func stop(
        _ machine: inout Machine, _ body: [String: LXDValue], _ label: String
    ) throws(LXDError) {
        guard body["action"] == .text("stop"), machine.status != "Stopped" else {
            throw LXDError(.invalidRequest, request: label, detail: "the instance is already stopped")
        }
        let isDone = machine.status != "Error" && (machine.obeys || body["force"] == .boolean(true))
        guard isDone else {
            throw LXDError(.failed, request: label, detail: "failed to shut down the instance")
        }
        machine.status = "Stopped"
        machine.version += 1
    }

    private static func requireNoClash(
        _ machine: Machine, _ name: String, _ all: [String: Machine], _ label: String
    ) throws(LXDError) {
        for (other, their) in all where other != name {
            for device in machine.expanded.values {
                for theirs in their.expanded.values {
                    if device["type"] == "proxy", machine.status == "Running", their.status == "Running",
                        device["listen"] == theirs["listen"], isOfHost(device), isOfHost(theirs)
                    {
                        throw LXDError(.failed, request: label, detail: "address already in use")
                    }
                    for key in ["ipv4.address", "ipv6.address"] where device[key] != nil && device[key] == theirs[key] {
                        throw LXDError(.invalidRequest, request: label, detail: "already defined on another NIC")
                    }
                }
            }
        }
    }

    /// Whether a proxy device listens on the host.
    private static func isOfHost(_ proxy: [String: String]) -> Bool { (proxy["bind"] ?? "host") == "host" }

    private static func objects(_ value: LXDValue?) -> [String: LXDValue] {
        guard case .object(let values) = value else { return [:] }
        return values
    }

    private static func texts(_ value: LXDValue?) -> [String: String] {
        objects(value).compactMapValues { if case .text(let text) = $0 { text } else { nil } }
    }

    func finish(_ operation: LXDOperation, within limit: Span) async throws(LXDError) -> LXDOperation { operation }
    func file(_ path: String, of instance: String, limitBytes: Int) async throws(LXDError) -> [UInt8]? { nil }
    func write(_ file: LXDFile, to instance: String) async throws(LXDError) {}
    func text(_ resource: LXDResource, limitBytes: Int) async throws(LXDError) -> String? { nil }
    func socket(of operation: LXDOperation, secret: String) async throws(LXDError) -> any LXDSocket {
        throw LXDError(.unsupported, request: "socket", detail: "none here")
    }

    /// A runner that plays the scripts of the routers on a machine.
    func commands(_ id: InstanceID) -> any CommandRunner { GuestRunner(host: self, name: id.rawValue) }

    /// What a machine's DHCP client gets: its static address unless that is leased to another, else any.
    fileprivate func askAnew(_ name: String) throws(LXDError) {
        try request("DHCP \(name)") { (machines) throws(LXDError) in
            guard let machine = machines[name] else { return }
            let hardware = machine.hardwareAddress("eth0")
            leases = leases.filter { $0.value != hardware }
            let wanted = machine.expanded["eth0"]?["ipv4.address"]
            let got = wanted.flatMap { leases[$0] == nil ? $0 : nil } ?? "10.0.1.\(name.utf8.last ?? 0)"
            leases[got] = hardware
            machines[name]?.shown = [got]
        }
    }
}

/// Plays the scripts that the routers run on an instance.
private struct GuestRunner: CommandRunner {
    let host: LXDHost
    let name: String

    func run(
        _ command: Command, onLine: @escaping @Sendable (CommandLineOutput) -> Void
    ) async throws(CommandError) -> CommandResult {
        let machine = host[name]
        guard machine.status == "Running", machine.hears else {
            throw CommandError(.unreachable, detail: "\(name) does not answer")
        }
        // sh -c script changeover, then release or acquire, interface, family, address; or paths.
        guard command.arguments.count == 8 else {
            return CommandResult(
                termination: .exited(0), output: machine.config["test.writers"] ?? "", errorOutput: "")
        }
        let address = command.arguments[7]
        do throws(LXDError) { try host.askAnew(name) } catch {
            throw CommandError(.unreachable, detail: "\(error)")
        }
        let isShown = host[name].shown.contains(address)
        let isDone = command.arguments[4] == "acquire" ? isShown : !isShown
        return CommandResult(termination: .exited(isDone ? 0 : 4), output: "", errorOutput: "")
    }
}
