import Foundation
import Workflow

/// One command of HAProxy's runtime API, built only from checked words: a line feed or `;` would begin another one.
struct RuntimeCommand: Hashable {
    let text: String

    private init(_ text: String) {
        self.text = text
    }
}

extension RuntimeCommand {
    /// The states that `set server` gives.
    enum State: String {
        case ready, drain, maint
    }

    static func showServers(of backend: RuntimeName) -> RuntimeCommand {
        RuntimeCommand("show servers state \(backend)")
    }

    /// Statistics of the backend's servers only: type 4, any server.
    static func showStatistics(of backend: RuntimeName) -> RuntimeCommand {
        RuntimeCommand("show stat \(backend) 4 -1")
    }

    static func set(_ state: State, _ server: RuntimeServer) -> RuntimeCommand {
        RuntimeCommand("set server \(server) state \(state.rawValue)")
    }

    static func setHealthDown(_ server: RuntimeServer) -> RuntimeCommand {
        RuntimeCommand("set server \(server) health down")
    }

    static func setAddress(_ server: RuntimeServer, _ endpoint: RuntimeEndpoint) -> RuntimeCommand {
        RuntimeCommand("set server \(server) addr \(endpoint.address) port \(endpoint.port)")
    }

    static func enableHealth(_ server: RuntimeServer) -> RuntimeCommand {
        RuntimeCommand("enable health \(server)")
    }

    static func add(_ server: RuntimeServer, _ endpoint: RuntimeEndpoint, _ settings: DynamicSettings) -> RuntimeCommand
    {
        var text = "add server \(server) \(endpoint) check inter 500ms rise 2 fall 3"
        if let port = settings.checkPort { text += " port \(port)" }
        if let weight = settings.weight { text += " weight \(weight)" }
        return RuntimeCommand(text)
    }

    static func delete(_ server: RuntimeServer) -> RuntimeCommand {
        RuntimeCommand("del server \(server)")
    }

    static func shutdownSessions(_ server: RuntimeServer) -> RuntimeCommand {
        RuntimeCommand("shutdown sessions server \(server)")
    }
}

/// What a new server takes over from its neighbours.
struct DynamicSettings: Hashable {
    var checkPort: Int?
    var weight: Int?
}

/// A name that HAProxy's configuration allows: `[A-Za-z0-9_.:-]`, and nothing else may be sent.
struct RuntimeName: Hashable, CustomStringConvertible {
    private static let lengthLimit = 200

    let description: String

    init?(_ text: String) {
        let isAllowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isAllowed, !text.isEmpty, text.utf8.count <= Self.lengthLimit else { return nil }
        description = text
    }
}

/// A server within its backend.
struct RuntimeServer: Hashable, CustomStringConvertible {
    let backend: RuntimeName
    let name: RuntimeName

    var description: String { "\(backend)/\(name)" }
}

/// A numeric address and port; HAProxy 2.6 would take `127.0.0.999` for a host name and say nothing.
struct RuntimeEndpoint: Hashable, CustomStringConvertible {
    let address: String
    let port: Int

    init?(address: String, port: Int) {
        var storage = in6_addr()
        let isNumeric =
            inet_pton(AF_INET, address, &storage) == 1 || inet_pton(AF_INET6, address, &storage) == 1
        guard isNumeric, (1...65_535).contains(port) else { return nil }
        self.address = address
        self.port = port
    }

    var description: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }

    /// Whether two texts are the same address, however IPv6 is abbreviated.
    static func isSame(_ left: String, _ right: String) -> Bool {
        if left == right { return true }
        var first = in6_addr()
        var second = in6_addr()
        guard inet_pton(AF_INET6, left, &first) == 1, inet_pton(AF_INET6, right, &second) == 1 else { return false }
        return withUnsafeBytes(of: &first) { first in
            withUnsafeBytes(of: &second) { second in first.elementsEqual(second) }
        }
    }
}
