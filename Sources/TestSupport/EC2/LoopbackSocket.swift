internal import Glibc

/// Why a server or a connection on the loopback network could not be made.
public struct LoopbackError: Error, CustomStringConvertible {
    /// What was tried, and the system's word.
    public let description: String

    init(_ what: String) {
        description = "\(what): \(String(cString: strerror(errno)))"
    }
}

/// A TCP socket of the loopback network; the owner closes it exactly once.
struct LoopbackSocket: Sendable, Hashable {
    let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Listens at an address; port 0 lets the system choose.
    static func listening(at address: String, port: Int) throws -> LoopbackSocket {
        let made = try opened()
        var yes: Int32 = 1
        setsockopt(made.descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard made.named(address, port, Glibc.bind), listen(made.descriptor, 256) == 0 else {
            let error = LoopbackError("\(address):\(port) cannot be listened at")
            made.close()
            throw error
        }
        return made
    }

    /// Connects to an address.
    static func connected(to address: String, port: Int) throws -> LoopbackSocket {
        let made = try opened()
        guard made.named(address, port, Glibc.connect) else {
            let error = LoopbackError("\(address):\(port) cannot be reached")
            made.close()
            throw error
        }
        made.answerAtOnce()
        return made
    }

    private static func opened() throws -> LoopbackSocket {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw LoopbackError("no socket") }
        return LoopbackSocket(descriptor)
    }

    private func named(
        _ address: String, _ port: Int, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Bool {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = UInt16(port).bigEndian
        guard inet_pton(AF_INET, address, &name.sin_addr) == 1 else { return false }
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// The port that the socket is bound to.
    var port: Int {
        var name = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return Int(UInt16(bigEndian: name.sin_port))
    }

    /// Accepts a connection that no child inherits, not even one that is being started meanwhile.
    private static let accept: @Sendable (Int32) -> Int32 = {
        // Glibc offers `accept4` to GNU sources only.
        typealias Accept4 = @convention(c) (Int32, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int32) -> Int32
        guard let symbol = dlsym(nil, "accept4") else { return { Glibc.accept($0, nil, nil) } }
        let function = unsafeBitCast(symbol, to: Accept4.self)
        return { function($0, nil, nil, Int32(SOCK_CLOEXEC.rawValue)) }
    }()

    /// Waits for the next connection; `nil` once the socket is shut down.
    func accepted() -> LoopbackSocket? {
        while true {
            let connection = Self.accept(descriptor)
            if connection >= 0 {
                let made = LoopbackSocket(connection)
                made.answerAtOnce()
                return made
            }
            guard errno == EINTR || errno == ECONNABORTED else { return nil }
        }
    }

    private func answerAtOnce() {
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Lets no reading take longer than this many seconds.
    func limitReading(toSeconds seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// What has arrived; empty at the end and after any error.
    func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { return Array(buffer.prefix(count)) }
            guard count < 0, errno == EINTR else { return [] }
        }
    }

    /// Sends everything; `false` when the other side no longer takes it.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// Ends every wait on the socket; it still has to be closed.
    func shutDown() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Lets the close that follows reset the connection.
    func resetWhenClosed() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }

    func close() {
        Glibc.close(descriptor)
    }
}
