import CCurl
import Glibc

/// Drives a raw exchange over a connection that libcurl made.
///
/// Confined to the driver thread.
struct RawSession {
    /// Says how far a step came.
    enum Step {
        case waiting
        case finished
        case failed(TransportError)
        case curlFailed(CURLcode)
    }

    /// Bounds the reads and writes per step, so that no exchange keeps the driver from the others.
    private static let maxCallsPerStep = 64
    private static let readBytes = 16 * 1024

    let socket: curl_socket_t
    private let plan: RawPlan
    private let easy: EasyHandle
    private var sent = 0
    private(set) var received: [UInt8] = []
    private(set) var firstByte: ContinuousClock.Instant?

    init(_ plan: RawPlan, easy: EasyHandle, socket: curl_socket_t) {
        self.plan = plan
        self.easy = easy
        self.socket = socket
    }

    /// Holds the `CURL_WAIT_…` events to wait for.
    var events: Int16 {
        var events: Int32 = 0
        if hasMoreToSend { events |= CURL_WAIT_POLLOUT }
        if reads { events |= CURL_WAIT_POLLIN }
        return Int16(events)
    }

    /// Sends and receives as much as is possible without waiting.
    mutating func step() -> Step {
        if case .connected = plan.exchange.finish { return .finished }
        if let end = sendStep() { return end }
        if case .afterSend = plan.exchange.finish { return hasMoreToSend ? .waiting : .finished }
        return receiveStep()
    }

    private var hasMoreToSend: Bool { sent < plan.exchange.send.count }

    private var reads: Bool {
        switch plan.exchange.finish {
        case .connected, .afterSend: false
        case .endOfStream, .bytes, .contains, .lengthPrefixed: true
        }
    }

    private mutating func sendStep() -> Step? {
        for _ in 0..<Self.maxCallsPerStep where hasMoreToSend {
            var count = 0
            let status = plan.exchange.send[sent...].withUnsafeBytes { bytes in
                curl_easy_send(easy.raw, bytes.baseAddress, bytes.count, &count)
            }
            sent += count
            if status == CURLE_AGAIN { return nil }
            // What the peer sent before it closed is still worth reading.
            if status != CURLE_OK { return reads ? drainAfterSendFailure(status) : .curlFailed(status) }
        }
        return nil
    }

    private mutating func drainAfterSendFailure(_ status: CURLcode) -> Step {
        switch receiveStep() {
        case .finished: .finished
        case .waiting, .curlFailed: .curlFailed(status)
        case .failed(let error): .failed(error)
        }
    }

    private mutating func receiveStep() -> Step {
        for _ in 0..<Self.maxCallsPerStep {
            var chunk = [UInt8](repeating: 0, count: wanted)
            var count = 0
            let status = chunk.withUnsafeMutableBytes { bytes in
                curl_easy_recv(easy.raw, bytes.baseAddress, bytes.count, &count)
            }
            if status == CURLE_AGAIN { return .waiting }
            if status != CURLE_OK { return .curlFailed(status) }
            if count == 0 { return endOfStream() }
            if firstByte == nil { firstByte = .now }
            let searchFrom = received.count
            received.append(contentsOf: chunk[..<count])
            if isComplete(searchFrom: searchFrom) { return .finished }
            if received.count > plan.exchange.maxResponseBytes {
                return .failed(TransportError(code: .tooLarge, detail: "\(plan.target): more bytes than allowed"))
            }
        }
        return .waiting
    }

    /// Holds how many bytes to ask for: never more than an exact count needs.
    private var wanted: Int {
        switch plan.exchange.finish {
        case .bytes(let count): min(Self.readBytes, count - received.count)
        case .lengthPrefixed: min(Self.readBytes, (prefixedCount ?? 2) - received.count)
        case .connected, .afterSend, .endOfStream, .contains: Self.readBytes
        }
    }

    /// Holds how many bytes a message with a length has, once the length is known.
    private var prefixedCount: Int? {
        received.count < 2 ? nil : 2 + Int(received[0]) << 8 + Int(received[1])
    }

    private func isComplete(searchFrom: Int) -> Bool {
        switch plan.exchange.finish {
        case .connected, .afterSend, .endOfStream: return false
        case .bytes(let count): return received.count >= count
        case .lengthPrefixed:
            guard let prefixedCount, received.count <= plan.exchange.maxResponseBytes else { return false }
            return received.count >= prefixedCount
        case .contains(let needle):
            let start = max(0, searchFrom - needle.count + 1)
            let lastStart = received.count - needle.count
            guard start <= lastStart, received.count <= plan.exchange.maxResponseBytes else { return false }
            return (start...lastStart).contains { received[$0...].starts(with: needle) }
        }
    }

    private func endOfStream() -> Step {
        if case .endOfStream = plan.exchange.finish { return .finished }
        let detail = "\(plan.target): the peer closed after \(received.count) bytes, before what was waited for"
        return .failed(TransportError(code: .reset, detail: detail))
    }
}
