import CurlTransport
import Foundation
import Workflow

/// Asks over the Unix socket; HAProxy answers one command per connection and then closes it.
struct CurlRuntimeSocket: RuntimeSocket {
    private static let connectTimeout = Duration.seconds(2)
    private static let totalTimeout = Duration.seconds(10)
    private static let answerLimitBytes = 8 << 20

    let transport: CurlTransport
    let path: String

    func ask(_ command: RuntimeCommand, for router: RouterName) async throws(TrafficError) -> String {
        try requireSocket(router)
        do {
            let result = try await transport.exchange(
                RawExchange(
                    endpoint: .unix(path: path), send: Array((command.text + "\n").utf8), finish: .endOfStream,
                    connectTimeout: Self.connectTimeout, totalTimeout: Self.totalTimeout,
                    maxResponseBytes: Self.answerLimitBytes))
            return String(decoding: result.received, as: UTF8.self)
        } catch {
            throw Self.error(from: error, path: path, router: router)
        }
    }

    /// Tells apart what connecting alone would call by one name.
    private func requireSocket(_ router: RouterName) throws(TrafficError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw errno == EACCES
                ? notPermitted(router)
                : TrafficError(
                    .notFound, router: router,
                    detail: "there is no socket \(path); is HAProxy running, and does its `stats socket` line name "
                        + "this path?")
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw TrafficError(
                .notFound, router: router,
                detail: "\(path) is not a socket; name the path of HAProxy's `stats socket` line")
        }
        guard access(path, R_OK | W_OK) == 0 else { throw notPermitted(router) }
    }

    private func notPermitted(_ router: RouterName) -> TrafficError {
        TrafficError(
            .invalidRequest, router: router,
            detail: "this user may not use the socket \(path); add it to the socket's group, or set `user`, `group` or "
                + "`mode` on HAProxy's `stats socket` line")
    }

    static func error(from cause: TransportError, path: String, router: RouterName) -> TrafficError {
        switch cause.code {
        case .cancelled:
            TrafficError(.cancelled, router: router, detail: "cancelled while asking \(path)")
        case .tooLarge:
            TrafficError(.malformedAnswer, router: router, detail: "the answer from \(path) is too large")
        case .unixSocket, .connect, .connectTimeout:
            TrafficError(
                .unavailable, router: router,
                detail: "nobody answers on \(path); HAProxy is not running or is starting (\(cause.detail))")
        case .invalidRequest:
            TrafficError(.invalidRequest, router: router, detail: "cannot ask \(path): \(cause.detail)")
        default:
            TrafficError(.unavailable, router: router, detail: "asking \(path) failed: \(cause.detail)")
        }
    }
}
