import Glibc

/// Checks the limits that HTTP requests and raw exchanges share.
enum TransferLimits {
    static func check(
        connectTimeout: Duration,
        totalTimeout: Duration,
        maxResponseBytes: Int
    ) throws(TransportError) {
        guard (.milliseconds(1)...(.seconds(86_400))).contains(connectTimeout),
            (.milliseconds(1)...(.seconds(30 * 86_400))).contains(totalTimeout)
        else { throw TransportError(code: .invalidRequest, detail: "a timeout is out of range") }
        guard maxResponseBytes >= 0 else {
            throw TransportError(code: .invalidRequest, detail: "the cap on the answer is negative")
        }
    }

    /// Checks a path against what `sockaddr_un` holds.
    static func check(unixSocketPath path: String) throws(TransportError) {
        guard (1...107).contains(path.utf8.count), !path.utf8.contains(0) else {
            throw TransportError(code: .invalidRequest, detail: "the Unix socket's path is empty or too long")
        }
    }

    static func isAddressLiteral(_ text: String) -> Bool {
        var storage = in6_addr()
        return inet_pton(AF_INET, text, &storage) == 1 || inet_pton(AF_INET6, text, &storage) == 1
    }
}
