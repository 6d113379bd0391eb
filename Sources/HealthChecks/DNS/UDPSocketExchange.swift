internal import CurlTransport
internal import Dispatch
internal import Glibc

/// Performs one datagram exchange on a socket of its own, without blocking a thread.
///
/// The socket is connected: the kernel passes over datagrams from others, picks a random source port, and reports that
/// nobody listens. Of that error alone a read source on Linux does not tell, so the timer looks for it. Everything
/// mutable is touched on `queue` only. `finish(_:)` resumes the caller once; after it the sources are cancelled, and the
/// reader's cancel handler, which runs last, closes the socket.
final class UDPSocketExchange: @unchecked Sendable {
    typealias Answer = CheckedContinuation<Result<DatagramResult, TransportError>, Never>

    /// How often the timer looks for an error, in milliseconds.
    private static let lookMilliseconds = 20

    private let exchange: DatagramExchange
    private let queue = DispatchQueue(label: "changeover.udp")
    private let begin = ContinuousClock.now
    private var answer: Answer?
    private var isCancelled = false
    private var reader: (any DispatchSourceRead)?
    private var timer: (any DispatchSourceTimer)?

    /// Sends the datagram and waits for its answer, the timeout, or the task's cancellation.
    static func perform(_ exchange: DatagramExchange) async throws(TransportError) -> DatagramResult {
        let operation = UDPSocketExchange(exchange)
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { (answer: Answer) in
                operation.queue.async { operation.start(answer) }
            }
        } onCancel: {
            operation.queue.async { operation.cancel() }
        }.get()
    }

    private init(_ exchange: DatagramExchange) {
        self.exchange = exchange
    }

    private func start(_ answer: Answer) {
        self.answer = answer
        if isCancelled { return cancel() }
        switch open() {
        case .failure(let error): finish(.failure(error))
        case .success(let socket):
            let reader = DispatchSource.makeReadSource(fileDescriptor: socket, queue: queue)
            reader.setEventHandler { [self] in receive(from: socket) }
            reader.setCancelHandler { close(socket) }
            self.reader = reader
            let timer = DispatchSource.makeTimerSource(queue: queue)
            timer.setEventHandler { [self] in look(at: socket) }
            let limit = max(1, Int(exchange.timeout / .milliseconds(1)))
            let step = min(limit, Self.lookMilliseconds)
            timer.schedule(deadline: .now() + .milliseconds(step), repeating: .milliseconds(step))
            self.timer = timer
            reader.resume()
            timer.resume()
            send(on: socket)
        }
    }

    private func send(on socket: Int32) {
        let sent = Glibc.send(socket, exchange.payload, exchange.payload.count, Int32(MSG_NOSIGNAL))
        if sent != exchange.payload.count { finish(.failure(systemError(.send, "the datagram was not sent"))) }
    }

    private func look(at socket: Int32) {
        receive(from: socket)
        if begin.duration(to: .now) >= exchange.timeout { finish(.failure(error(.timeout, "no answer in time"))) }
    }

    private func receive(from socket: Int32) {
        var buffer = [UInt8](repeating: 0, count: exchange.maxResponseBytes)
        while answer != nil {
            let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count < 0 {
                if errno == EAGAIN || errno == EINTR { return }
                return finish(.failure(systemError(errno == ECONNREFUSED ? .connect : .receive, "no answer")))
            }
            let received = Array(buffer[..<count])
            guard exchange.isAnswer(received) else { continue }
            let time = begin.duration(to: .now)
            finish(.success(DatagramResult(received: received, timings: .init(firstByte: time, total: time))))
        }
    }

    private func cancel() {
        isCancelled = true
        finish(.failure(TransportError(code: .cancelled, detail: "the task was cancelled")))
    }

    private func finish(_ result: Result<DatagramResult, TransportError>) {
        guard let answer else { return }
        self.answer = nil
        reader?.cancel()
        timer?.cancel()
        (reader, timer) = (nil, nil)
        answer.resume(returning: result)
    }

    /// Opens a socket that is connected to the peer.
    private func open() -> Result<Int32, TransportError> {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(exchange.host, String(exchange.port), &hints, &list) == 0, let list else {
            return .failure(error(.invalidRequest, "the address is not numeric"))
        }
        defer { freeaddrinfo(list) }
        let kind = list.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(list.pointee.ai_family, kind, 0)
        guard descriptor >= 0 else { return .failure(systemError(.internal, "no socket")) }
        guard connect(descriptor, list.pointee.ai_addr, list.pointee.ai_addrlen) == 0 else {
            let failure = systemError(.connect, "no route")
            close(descriptor)
            return .failure(failure)
        }
        return .success(descriptor)
    }

    private func systemError(_ code: TransportError.Code, _ words: String) -> TransportError {
        let number = errno
        var failure = error(code, "\(words) (\(String(cString: strerror(number))))")
        failure.systemError = number
        return failure
    }

    private func error(_ code: TransportError.Code, _ words: String) -> TransportError {
        let host = exchange.host.contains(":") ? "[\(exchange.host)]" : exchange.host
        let time = begin.duration(to: .now)
        return TransportError(
            code: code, detail: "\(host):\(exchange.port) over UDP: \(words)",
            timings: TransferTimings(total: time))
    }
}
