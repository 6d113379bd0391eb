import Foundation
import Glibc
import Workflow

/// Chooses loopback addresses of 127.42.0.0/16 for instances.
enum LoopbackAddress {
    /// The first address, in an order that follows from the root's path, which is not `used`, is not reserved by any
    /// instance of any root, and whose port is free; with its reservation.
    ///
    /// Two roots begin at different places of 254 blocks of 254 addresses, so that they rarely meet: a stopped instance
    /// has nothing that would keep its address for it. Gives up after two full blocks.
    static func choose(
        root: String, port: Int, used: Set<String>
    ) throws(LocalProblem) -> (address: String, reservation: OwnedDescriptor) {
        let fingerprint = LocalLayout.fingerprint(root)
        let start = Int(fingerprint % 254)
        let first = Int(fingerprint / 254 % 254)
        for block in 0..<2 {
            for host in 0..<254 {
                let address = "127.42.\((start + block) % 254 + 1).\((first + host) % 254 + 1)"
                guard !used.contains(address), isFree(address, port: port) else { continue }
                if let reservation = reserve(address) { return (address, reservation) }
            }
        }
        throw LocalProblem(
            .capacity,
            "no free address left in 127.42.\(start + 1).0/24 and the next block for port \(port): terminate instances, "
                + "or stop what listens on 0.0.0.0:\(port)")
    }

    /// Reserves an address on this machine; `nil` when another instance, of whatever root or user, has it.
    ///
    /// The reservation is a socket with an abstract name (unix(7)), which the kernel lets go with its last holder: the
    /// launcher, and then the supervisor that inherits it.
    static func reserve(_ address: String) -> OwnedDescriptor? {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { return nil }
        let descriptor = OwnedDescriptor(taking: number)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let text = [0] + Array("changeover-local/\(address)".utf8)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: text) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + text.count)
        let isBound = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor.number, $0, length) == 0 }
        }
        return isBound ? descriptor : nil
    }

    /// Whether the port of an address can be bound now.
    static func isFree(_ address: String, port: Int) -> Bool {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { return false }
        let descriptor = OwnedDescriptor(taking: number)
        var socketAddress = sockaddr_in()
        socketAddress.sin_family = sa_family_t(AF_INET)
        socketAddress.sin_port = UInt16(clamping: port).bigEndian
        guard inet_pton(AF_INET, address, &socketAddress.sin_addr) == 1 else { return false }
        // Connections of an earlier service that are in TIME_WAIT do not count.
        var yes: Int32 = 1
        setsockopt(descriptor.number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        return withUnsafePointer(to: &socketAddress) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
