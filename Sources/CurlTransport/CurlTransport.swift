import CCurl

/// Performs HTTP requests and raw exchanges with libcurl.
///
/// One thread owns every libcurl handle and drives all transfers; callers' tasks are suspended meanwhile, never
/// blocked. Redirects, environment proxies, cookies and `.netrc` are off, and servers are verified, unless asked
/// otherwise. Creating the first transport makes the process ignore SIGPIPE.
///
/// Every method ends within 100 ms with ``TransportError/Code/cancelled`` when its task is cancelled, whatever the
/// transfer was doing, and with ``TransportError/Code/shutdown`` when the transport is shut down. Dropping the last
/// reference shuts the transport down without waiting for its thread.
public final class CurlTransport: Sendable {
    let inbox: DriverInbox
    private let configuration: Configuration
    private let thread: DriverThread
    private let latch: ShutdownLatch

    /// Starts a transport.
    ///
    /// - Throws: ``TransportError/Code/invalidRequest`` if a limit is out of range, ``TransportError/Code/internal`` if
    ///   the system gives no thread or memory.
    public init(configuration: Configuration = .init()) throws(TransportError) {
        try configuration.validate()
        try CurlGlobal.initialise()
        guard let raw = curl_multi_init() else {
            throw TransportError(code: .internal, detail: "libcurl could not create a multi handle")
        }
        let multi = DriverInbox.Multi(raw: raw)
        let inbox = DriverInbox(multi)
        let latch = ShutdownLatch()
        do throws(TransportError) {
            thread = try DriverThread {
                Driver(multi: multi.raw, inbox: inbox, configuration: configuration).run()
                latch.open()
            }
        } catch {
            curl_multi_cleanup(raw)
            throw error
        }
        self.inbox = inbox
        self.latch = latch
        self.configuration = configuration
    }

    deinit {
        inbox.close()
        thread.detach()
    }

    /// Performs a request and returns its complete answer, whatever its status code.
    ///
    /// - Throws: Why there is no complete answer.
    public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let plan = try HTTPPlan(request)
        return try await perform(timeout: request.options.totalTimeout) { .buffered(plan, $0) }
    }

    /// Performs a request and returns when the answer's head is complete; the body follows as chunks.
    ///
    /// The timeouts and the cap of the request's options apply to the body too. After this method has returned,
    /// cancelling its task has no effect on the chunks unless that task is the one that reads them.
    ///
    /// - Throws: Why there is no complete head; what happens later is thrown to the chunks' reader.
    public func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStreamingResponse {
        let plan = try HTTPPlan(request)
        let buffer = StreamBuffer(capacity: configuration.streamBufferBytes)
        let id = inbox.makeID()
        let head = try await perform(id: id, timeout: request.options.totalTimeout) { .streamed(plan, $0, buffer) }
        let lease = StreamLease(id: id, buffer: buffer, transport: self)
        return HTTPStreamingResponse(head: head, chunks: HTTPBodyChunks(lease: lease))
    }

    /// Connects, sends and receives raw bytes, and closes the connection.
    ///
    /// - Throws: Why the exchange did not finish; ``TransportError/Code/reset`` if the peer closed before.
    public func exchange(_ exchange: RawExchange) async throws(TransportError) -> RawExchangeResult {
        let plan = try RawPlan(exchange)
        return try await perform(timeout: exchange.totalTimeout) { .raw(plan, $0) }
    }

    /// Asks a server for a web socket (RFC 6455).
    ///
    /// The request is a `GET` without body; its URL's scheme is `http` or `https`, and HTTP/1.1 is spoken whatever its
    /// ``HTTPOptions/version`` says. Its timeouts bound the opening only. Redirects are not followed and proxies from the
    /// environment are not used. After this method has returned, cancelling its task ends the web socket only while that
    /// task waits in one of the web socket's methods.
    ///
    /// - Throws: Why there is no complete answer, or ``TransportError/Code/protocolError`` if the server's upgrade is not
    ///   an answer to this request.
    public func webSocket(
        _ request: HTTPRequest,
        options: WebSocketOptions = WebSocketOptions()
    ) async throws(TransportError) -> WebSocketAnswer {
        let plan = try WebSocketPlan(request, options)
        let channel = WebSocketChannel(capacity: configuration.streamBufferBytes)
        let id = inbox.makeID()
        let opening = try await perform(id: id, timeout: request.options.totalTimeout) { .socket(plan, $0, channel) }
        guard opening.isOpen else { return .refused(opening.response) }
        return .opened(WebSocket(id: id, channel: channel, transport: self, head: opening.response))
    }

    /// Ends every transfer, each with ``TransportError/Code/shutdown``, and the driver thread; further calls fail.
    ///
    /// Transfers end at once; the method itself returns when the thread has ended, which a name lookup in progress
    /// delays until the system's resolver gives up. It may be called again and from several tasks; it does not heed
    /// cancellation.
    public func shutdown() async {
        inbox.close()
        await latch.wait()
        thread.join()
    }

    private func perform<Value: Sendable>(
        id: UInt64? = nil,
        timeout: Duration,
        work: (Job.Answer<Value>) -> Job.Work
    ) async throws(TransportError) -> Value {
        let id = id ?? inbox.makeID()
        let deadline = ContinuousClock.now + timeout
        let ticket = Ticket()
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { (answer: Job.Answer<Value>) in
                let job = Job(id: id, work: work(answer), deadline: deadline)
                if let refusal = ticket.submit({ inbox.post(.start(job)) }) {
                    answer.resume(returning: .failure(refusal))
                }
            }
        } onCancel: { [inbox] in
            ticket.cancel { inbox.post(.cancel(id)) }
        }.get()
    }
}
