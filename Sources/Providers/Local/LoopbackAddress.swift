import Foundation
import Glibc
import Workflow

/// Chooses loopback addresses of 127.42.0.0/16 for instances.
enum LoopbackAddress {
    /// The first address, in an order that follows from the root's path, which is not `used` and whose port is free.
    ///
    /// Two roots begin in different blocks of 254 addresses, so that they rarely meet; each address is tried by
    /// binding it. Gives up after two full blocks.
    static func choose(root: String, port: Int, used: Set<String>) throws(LocalProblem) -> String {
        let start = Int(LocalLayout.fingerprint(root) % 254)
        for block in 0..<2 {
            for host in 1...254 {
                let address = "127.42.\((start + block) % 254 + 1).\(host)"
                if !used.contains(address), isFree(address, port: port) { return address }
            }
        }
        throw LocalProblem(
            .capacity,
            "no free address left in 127.42.\(start + 1).0/24 and the next block for port \(port): terminate instances, "
                + "or stop what listens on 0.0.0.0:\(port)")
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
