import CCurl

/// Owns the multi handle and every easy handle, and drives all transfers.
///
/// Confined to its thread. Whoever takes a job out of `admission` or a transfer out of `transfers` answers its caller,
/// and nobody else does: that is what makes every request end exactly once.
final class Driver {
    /// Bounds how long the driver sleeps when nothing is due.
    private static let maxSleep = Duration.seconds(60)
    /// Bounds how long the driver sleeps while transfers share a connection.
    ///
    /// A transfer may read bytes that belong to another, and libcurl, 7.88 for one, does not always say then that the
    /// other has something to do. Calling it again does.
    private static let maxSharingSleep = Duration.milliseconds(50)

    let multi: UnsafeMutableRawPointer
    let configuration: CurlTransport.Configuration
    private let inbox: DriverInbox
    private var admission: AdmissionQueue
    private var transfers: [UInt64: Transfer] = [:]
    /// Holds the transfers whose callers were answered while a name lookup was running.
    private var abandoned: [UInt64: Transfer] = [:]
    /// Holds the transfers whose connections the driver itself reads and writes.
    private var sessions: Set<UInt64> = []
    /// Counts the web sockets that are open or about to be.
    private var webSockets = 0
    private let activity = Transfer.Activity()
    /// Counts the transfers that may be one of several on a connection.
    private var sharing = 0
    /// Holds a time before which no deadline passes.
    private var nextExpiry: ContinuousClock.Instant?

    init(multi: UnsafeMutableRawPointer, inbox: DriverInbox, configuration: CurlTransport.Configuration) {
        self.multi = multi
        self.inbox = inbox
        self.configuration = configuration
        admission = AdmissionQueue(maxActive: configuration.maxConnections, maxWaiting: configuration.maxQueued)
        changeover_curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        changeover_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, configuration.maxConnections)
    }

    /// Works until the inbox is closed, or libcurl's multi handle fails.
    func run() {
        while true {
            let (messages, isClosing) = inbox.drain()
            for message in messages { handle(message) }
            if isClosing { return terminate(.shutdown) }
            expire(now: .now)
            var running: Int32 = 0
            guard curl_multi_perform(multi, &running) == CURLM_OK else { return fail() }
            deliver()
            collect()
            admit(now: .now)
            guard sleep(now: .now) else { return fail() }
        }
    }

    // MARK: Messages

    private func handle(_ message: DriverInbox.Message) {
        switch message {
        case .start(let job): start(job)
        case .cancel(let id): cancel(id)
        case .unpause(let id):
            // Hands the bytes that were refused to the write callback at once.
            guard let transfer = transfers[id] else { return }
            if transfer.socket == nil {
                curl_easy_pause(transfer.easy.raw, CURLPAUSE_CONT)
            } else {
                step(transfer)
            }
        }
    }

    private func start(_ job: Job) {
        guard admission.append(job, lane: job.lane(configuration)) else {
            job.fail(TransportError(code: .queueFull, detail: "\(job.target): too many transfers wait"))
            return
        }
        expireNoLater(than: job.deadline)
    }

    private func cancel(_ id: UInt64) {
        if let transfer = transfers[id] {
            end(transfer, .failure(.cancelled))
        } else {
            for job in admission.remove(where: { $0.id == id }) { job.fail(.cancelled) }
        }
    }

    // MARK: Beginning

    private func admit(now: ContinuousClock.Instant) {
        while let (job, lane) = admission.admit() {
            do throws(TransportError) {
                try begin(job, lane: lane, now: now)
            } catch {
                admission.release(lane)
                job.fail(error)
            }
        }
    }

    private func begin(_ job: Job, lane: AdmissionQueue.Lane, now: ContinuousClock.Instant) throws(TransportError) {
        // Waiting for another to close could last for ever.
        if case .socket = job.work, webSockets >= configuration.maxWebSockets {
            throw TransportError(code: .queueFull, detail: "\(job.target): too many web sockets are open")
        }
        let easy = try EasyHandle()
        let transfer = Transfer(job, lane: lane, easy: easy, begin: now, activity: activity)
        do throws(TransportError) {
            switch job.work {
            case .buffered(let plan, _), .streamed(let plan, _, _):
                try easy.configure(plan, usesEnvironmentProxy: configuration.usesEnvironmentProxy)
            case .raw(let plan, _): try easy.configure(plan)
            case .socket(let plan, _, _): try easy.configure(plan)
            }
            try TransferCallbacks.install(transfer)
            guard curl_multi_add_handle(multi, easy.raw) == CURLM_OK else {
                throw TransportError(code: .internal, detail: "libcurl could not add a handle")
            }
        } catch {
            easy.close()
            throw error
        }
        transfers[job.id] = transfer
        if transfer.mayShareConnection { sharing += 1 }
        if case .socket = job.work { webSockets += 1 }
        if let deadline = transfer.connectDeadline { expireNoLater(than: deadline) }
    }

    // MARK: Ending

    /// Answers a transfer's caller and gives its handle up.
    func end(_ transfer: Transfer, _ result: Result<Void, TransportError>) {
        guard transfers.removeValue(forKey: transfer.job.id) != nil else { return }
        sessions.remove(transfer.job.id)
        transfer.answer(result)
        if transfer.isResolving {
            transfer.isAbandoned = true
            transfer.easy.liftTimeouts()
            abandoned[transfer.job.id] = transfer
        } else {
            dispose(transfer)
        }
    }

    /// Removes the handle and gives the transfer's place to the next; waits for a name lookup that is running.
    private func dispose(_ transfer: Transfer) {
        transfer.isAbandoned = true
        curl_multi_remove_handle(multi, transfer.easy.raw)
        transfer.easy.close()
        if transfer.holdsPlace { admission.release(transfer.lane) }
        if transfer.mayShareConnection { sharing -= 1 }
        if case .socket = transfer.job.work { webSockets -= 1 }
    }

    /// Hands over what the callbacks copied.
    private func deliver() {
        while let transfer = activity.touched.popLast() {
            transfer.untouch()
            guard transfers[transfer.job.id] != nil, transfer.deliver() else { continue }
            curl_easy_pause(transfer.easy.raw, CURLPAUSE_CONT)
        }
    }

    /// Takes the transfers that libcurl has finished.
    private func collect() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let status = message.pointee.data.result
            var context: UnsafeMutableRawPointer?
            changeover_curl_get_pointer(easy, CURLINFO_PRIVATE, &context)
            guard let context else { continue }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            transfer.isResolving = false
            if transfer.isAbandoned {
                abandoned[transfer.job.id] = nil
                dispose(transfer)
            } else {
                finish(transfer, status)
            }
        }
    }

    private func finish(_ transfer: Transfer, _ status: CURLcode) {
        guard status == CURLE_OK else { return end(transfer, .failure(transfer.error(status))) }
        switch transfer.job.work {
        case .buffered, .streamed: end(transfer, .success(()))
        case .raw, .socket: beginSession(transfer)
        }
    }

    // MARK: Raw exchanges and web sockets

    private func beginSession(_ transfer: Transfer) {
        guard let socket = transfer.easy.activeSocket() else {
            end(transfer, .failure(transfer.error(CURLE_COULDNT_CONNECT)))
            return
        }
        transfer.connectDeadline = nil
        switch transfer.job.work {
        case .buffered, .streamed: return
        case .raw(let plan, _): transfer.raw = RawSession(plan, easy: transfer.easy, socket: socket)
        case .socket(let plan, _, let channel):
            transfer.socket = WebSocketSession(plan, channel: channel, easy: transfer.easy, socket: socket)
        }
        sessions.insert(transfer.job.id)
        step(transfer)
    }

    private func step(_ transfer: Transfer) {
        let step = transfer.socket?.step() ?? transfer.raw?.step()
        if let socket = transfer.socket { follow(transfer, socket) }
        switch step {
        case .waiting, nil: break
        case .finished: end(transfer, .success(()))
        case .failed(let error): end(transfer, .failure(error))
        case .curlFailed(let status): end(transfer, .failure(transfer.error(status)))
        }
    }

    /// Hands a web socket over when it was opened, and bounds how long it is being closed.
    private func follow(_ transfer: Transfer, _ socket: WebSocketSession) {
        guard case .socket(let plan, _, _) = transfer.job.work else { return }
        if transfer.deliverOpening() {
            transfer.holdsPlace = false
            admission.release(transfer.lane)
            transfer.deadline = plan.options.lifetime.map { .now + $0 }
            if let deadline = transfer.deadline { expireNoLater(than: deadline) }
        }
        if socket.isClosing, !transfer.isClosing {
            transfer.isClosing = true
            let deadline = ContinuousClock.now + plan.options.closeTimeout
            transfer.deadline = min(transfer.deadline ?? deadline, deadline)
            expireNoLater(than: deadline)
        }
    }

    // MARK: Time

    private func expireNoLater(than deadline: ContinuousClock.Instant) {
        nextExpiry = min(nextExpiry ?? deadline, deadline)
    }

    private func expire(now: ContinuousClock.Instant) {
        guard let nextExpiry, now >= nextExpiry else { return }
        for job in admission.remove(where: { $0.deadline <= now }) {
            job.fail(TransportError(code: .timeout, detail: "\(job.target): no connection became free in time"))
        }
        for transfer in transfers.values {
            if let result = transfer.expire(now: now) { end(transfer, result) }
        }
        let deadlines = transfers.values.lazy.flatMap { [$0.deadline, $0.connectDeadline] }.compactMap(\.self)
        self.nextExpiry = [admission.earliestDeadline, deadlines.min()].compactMap(\.self).min()
    }

    private func boundOfSleep() -> Duration {
        defer { activity.hasReceived = false }
        guard sharing > 1 else { return Self.maxSleep }
        return activity.hasReceived ? .zero : Self.maxSharingSleep
    }

    /// Sleeps until something is to do; returns `false` if libcurl cannot wait.
    private func sleep(now: ContinuousClock.Instant) -> Bool {
        let bound = boundOfSleep()
        let duration = min(nextExpiry.map { now.duration(to: $0) } ?? bound, bound)
        let milliseconds = Int32(max(duration, .zero).wholeMilliseconds)
        var waiting: [Transfer] = []
        var descriptors: [curl_waitfd] = []
        var ready: [Transfer] = []
        for transfer in sessions.compactMap({ transfers[$0] }) {
            if transfer.socket?.isReady == true {
                ready.append(transfer)
                continue
            }
            // A descriptor without events would still wake the driver again and again once its peer has gone.
            guard let descriptor = transfer.descriptor, descriptor.events != 0 else { continue }
            waiting.append(transfer)
            descriptors.append(descriptor)
        }
        let timeout = ready.isEmpty ? milliseconds : 0
        let status = curl_multi_poll(multi, &descriptors, UInt32(descriptors.count), timeout, nil)
        for transfer in ready { step(transfer) }
        for (transfer, descriptor) in zip(waiting, descriptors) where descriptor.revents != 0 { step(transfer) }
        return status == CURLM_OK
    }

    // MARK: The end

    /// Ends after libcurl failed as a whole.
    private func fail() {
        inbox.close()
        terminate(TransportError(code: .internal, detail: "libcurl's multi handle failed"))
    }

    /// Answers every caller, then frees every handle.
    private func terminate(_ error: TransportError) {
        for case .start(let job) in inbox.drain().messages { job.fail(error) }
        for job in admission.remove(where: { _ in true }) { job.fail(error) }
        let remaining = Array(transfers.values)
        for transfer in remaining { transfer.answer(.failure(error)) }
        for transfer in remaining + Array(abandoned.values) { dispose(transfer) }
        transfers = [:]
        abandoned = [:]
        inbox.seal()
        curl_multi_cleanup(multi)
    }
}
