import Foundation
import LXDClient

@testable import Providers

/// An instance of the fake server.
struct FakeMachine: Sendable {
    var name: String
    var type = "container"
    var status = "Stopped"
    var isEphemeral = false
    var profiles = ["default"]
    var config: [String: String] = [:]
    var devices: [String: [String: String]] = [:]
    var lastUsedAt = "1970-01-01T00:00:00Z"
    var location = "none"
    var summary = ""
    /// Addresses by interface, each a family, a scope and an address.
    var addresses: [String: [[String]]] = [:]
    var snapshots: [String] = []
    var files: [String: [UInt8]] = [:]
    /// Whether its disk has been unpacked to the end.
    var isUnpacked = true
    /// Whether it stops when it is asked to.
    var isObedient = true

    /// A running instance as an operator would have made it.
    static func original(_ name: String = "web-1") -> FakeMachine {
        FakeMachine(
            name: name, status: "Running",
            config: [
                "volatile.base_image": FakeLXD.image, "volatile.eth0.hwaddr": "00:16:3e:00:00:01",
                "image.os": "Debian", "limits.memory": "512MiB", "user.role": "web", "security.nesting": "true",
            ],
            lastUsedAt: "2026-11-23T09:44:50.422261896Z",
            addresses: [
                "eth0": [["inet", "global", "10.0.3.5"], ["inet6", "link", "fe80::1"]],
                "lo": [["inet", "local", "127.0.0.1"]],
            ],
            files: ["/usr/lib/systemd/systemd": [1]])
    }

    var json: LXDValue {
        let profiles = [
            [
                "eth0": ["type": "nic", "network": "lxdbr0", "name": "eth0"],
                "root": ["type": "disk", "path": "/", "pool": "default"],
            ]
        ]
        let expanded = profiles.reduce(into: [:]) { $0.merge($1) { $1 } }.merging(devices) { $1 }
        let network = addresses.mapValues { list in
            LXDValue.object([
                "hwaddr": .text(config["volatile.eth0.hwaddr"] ?? ""), "state": .text("up"),
                "addresses": .list(
                    list.map { .texts(["family": $0[0], "scope": $0[1], "address": $0[2], "netmask": "24"]) }),
            ])
        }
        let isUp = status != "Stopped"
        return .object([
            "name": .text(name), "type": .text(type), "status": .text(status), "architecture": .text("x86_64"),
            "ephemeral": .boolean(isEphemeral), "profiles": .list(self.profiles.map { .text($0) }),
            "config": .texts(config), "devices": .object(devices.mapValues { .texts($0) }),
            "expanded_config": .texts(config), "expanded_devices": .object(expanded.mapValues { .texts($0) }),
            "created_at": .text("2026-11-23T09:44:10.150827674Z"), "last_used_at": .text(lastUsedAt),
            "location": .text(location), "description": .text(summary),
            "state": .object([
                "status": .text(status), "pid": .integer(isUp ? 4711 : 0), "network": isUp ? .object(network) : .null,
            ]),
        ])
    }
}

extension LXDValue {
    /// The value of a key, or null.
    subscript(key: String) -> LXDValue {
        guard case .object(let fields) = self else { return .null }
        return fields[key] ?? .null
    }

    var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    var isTrue: Bool { self == .boolean(true) }

    /// An object whose values are texts.
    var texts: [String: String] {
        guard case .object(let fields) = self else { return [:] }
        return fields.compactMapValues(\.text)
    }

    var fields: [String: LXDValue] {
        guard case .object(let fields) = self else { return [:] }
        return fields
    }

    var list: [LXDValue] {
        guard case .list(let list) = self else { return [] }
        return list
    }

    /// Reads JSON.
    init(json: String) throws { self = try JSONDecoder().decode(LXDValue.self, from: Data(json.utf8)) }

    func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: JSONEncoder().encode(self))
    }
}
