import CCurl

/// Holds a transfer in progress.
///
/// Confined to the driver thread. libcurl's callbacks, which run inside the driver's calls of libcurl, only copy bytes
/// into it and note that they did.
final class Transfer {
    /// Notes what happened since the driver last looked.
    final class Activity {
        /// Holds the streamed transfers that received something.
        var touched: [Transfer] = []
        /// Tells whether any transfer received something.
        var hasReceived = false
    }

    let job: Job
    let lane: AdmissionQueue.Lane
    let easy: EasyHandle
    let begin: ContinuousClock.Instant
    /// Holds when the transfer must have ended; an open web socket may have no such time.
    var deadline: ContinuousClock.Instant?
    /// Holds when the connect timeout ends, until the connection is ready.
    var connectDeadline: ContinuousClock.Instant?
    /// Tells whether a name lookup may be running, which removing the handle would wait for.
    var isResolving = false
    /// Tells whether the caller was answered while the handle had to stay.
    var isAbandoned = false
    /// Tells whether the answer broke its cap.
    private(set) var isTooLarge = false
    private(set) var head: ResponseHead
    private(set) var body: [UInt8] = []
    var isHeadDelivered = false
    var raw: RawSession?
    var socket: WebSocketSession?
    /// Tells whether it was noted that the web socket is being closed.
    var isClosing = false
    /// Tells whether the transfer counts among those in progress; an open web socket does not.
    var holdsPlace = true
    private let maxResponseBytes: Int
    private var received = 0
    private let activity: Activity
    private var isTouched = false

    init(
        _ job: Job,
        lane: AdmissionQueue.Lane,
        easy: EasyHandle,
        begin: ContinuousClock.Instant,
        activity: Activity
    ) {
        self.job = job
        self.lane = lane
        self.easy = easy
        self.begin = begin
        self.activity = activity
        deadline = job.deadline
        connectDeadline = begin + job.connectTimeout
        switch job.work {
        case .buffered(let plan, _), .streamed(let plan, _, _):
            maxResponseBytes = plan.request.options.maxResponseBytes
            head = ResponseHead(followsRedirects: plan.request.options.followRedirects > 0)
        case .raw(let plan, _):
            maxResponseBytes = plan.exchange.maxResponseBytes
            head = ResponseHead(followsRedirects: false)
        case .socket:
            maxResponseBytes = 0
            head = ResponseHead(followsRedirects: false)
        }
    }

    /// Tells whether the transfer may be one of several on a connection.
    var mayShareConnection: Bool {
        switch job.work {
        case .buffered(let plan, _), .streamed(let plan, _, _): plan.mayBeMultiplexed
        case .raw, .socket: false
        }
    }

    /// Copies body bytes; returns what a write callback must.
    func receive(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        guard !isAbandoned else { return 0 }
        guard bytes.count <= maxResponseBytes - received else {
            isTooLarge = true
            return 0
        }
        switch job.work {
        case .buffered: body.append(contentsOf: bytes)
        case .streamed(_, _, let buffer):
            guard buffer.append(bytes) else { return Int(CURL_WRITEFUNC_PAUSE) }
        case .raw, .socket: return 0
        }
        received += bytes.count
        touch()
        return bytes.count
    }

    /// Copies a line of the head; returns what a header callback must.
    func receiveHeader(_ line: UnsafeBufferPointer<UInt8>) -> Int {
        guard !isAbandoned else { return 0 }
        guard head.append(line) else {
            isTooLarge = true
            return 0
        }
        touch()
        return line.count
    }

    /// Holds what to wait for on a connection that the driver itself reads and writes.
    var descriptor: curl_waitfd? {
        if let socket { return curl_waitfd(fd: socket.socket, events: socket.events, revents: 0) }
        return raw.map { curl_waitfd(fd: $0.socket, events: $0.events, revents: 0) }
    }

    /// Allows the transfer to be noted again.
    func untouch() {
        isTouched = false
    }

    private func touch() {
        activity.hasReceived = true
        guard !isTouched, case .streamed = job.work else { return }
        isTouched = true
        activity.touched.append(self)
    }
}
