public import CurlTransport
public import Workflow

/// A client of one LXD or Incus server, over its Unix socket or over HTTPS with a client certificate.
///
/// What the server can do is told by its `api_extensions` only, never by its name or version. A change is sent once, over
/// a connection of its own: libcurl would silently repeat it over an idle connection that turns out to be dead.
public final class LXDClient: LXDCalling {
    /// Caps the bytes of an answer that is held as a whole.
    static let maxAnswerBytes = 16 * 1024 * 1024
    /// Bounds one long poll.
    static let maxSlice = Span.seconds(20)
    /// Bounds one message of a web socket.
    static let maxMessageBytes = 4 * 1024 * 1024

    /// Where the server is and the project, for messages.
    public let location: String
    let settings: LXDSettings
    let transport: CurlTransport
    let clock: any WorkflowClock
    private let onRequest: @Sendable (String) -> Void
    private let facts = ServerFacts()

    /// Creates a client; nothing is asked of the server yet.
    ///
    /// - Parameters:
    ///   - transport: each long poll holds one of its connections for as long as it waits.
    ///   - onRequest: told of each request before it is sent, such as `PUT /1.0/instances/{name}`.
    public init(
        settings: LXDSettings, transport: CurlTransport, clock: any WorkflowClock,
        onRequest: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.settings = settings
        self.transport = transport
        self.clock = clock
        self.onRequest = onRequest
        location = "at \(settings.place), project \(settings.project)"
    }

    /// The server's facts, read once; throws `untrustedClient` where it does not trust this client.
    public func server() async throws(LXDError) -> LXDServer {
        if let known = await facts.server { return known }
        let server = try await read(.server, as: LXDServer.self).value
        guard server.authentication == "trusted" else {
            throw LXDError(.untrustedClient, request: "GET /1.0", detail: settings.untrustedClientAdvice)
        }
        await facts.set(server)
        return server
    }

    /// Reads a resource's metadata.
    public func read<Value: Decodable & Sendable>(
        _ resource: LXDResource, as type: Value.Type
    ) async throws(LXDError) -> LXDReading<Value> {
        let call = Call(method: "GET", resource: resource, timeout: settings.timeout)
        let response = try await answer(to: call)
        let value = try Envelope.metadata(of: response, as: type, request: call.label)
        return LXDReading(value: value, version: response.values(for: "ETag").first)
    }

    /// Sends a change; returns its operation when the server goes on in the background, `nil` when it is done.
    public func send(
        _ method: LXDMethod, _ resource: LXDResource, _ body: LXDValue?, version: String?
    ) async throws(LXDError) -> LXDOperation? {
        var call = Call(method: method.rawValue, resource: resource, timeout: settings.timeout)
        if let body {
            call.body = try Envelope.encode(body, request: call.label)
            call.headers.append(HTTPHeader(name: "Content-Type", value: "application/json"))
        }
        if let version { call.headers.append(HTTPHeader(name: "If-Match", value: version)) }
        let response = try await answer(to: call)
        return try Envelope.operation(of: response, call)
    }

    /// Waits for some time, by the client's clock.
    public func pause(for span: Span) async throws(LXDError) {
        do {
            try await clock.sleep(for: span)
        } catch {
            throw LXDError(.cancelled, request: "pause", detail: "the task was cancelled")
        }
    }

    /// Connects to one of the web sockets of an operation, such as an exec's.
    ///
    /// A secret opens its web socket once. Messages of at most 4 MiB are received.
    public func socket(of operation: LXDOperation, secret: String) async throws(LXDError) -> any LXDSocket {
        var call = Call(
            method: "GET", resource: LXDResource("operations", operation.id, "websocket", query: ["secret": secret]),
            timeout: settings.timeout)
        call.isSocket = true
        let request = try request(call)
        onRequest(call.action)
        let answer: WebSocketAnswer
        do throws(TransportError) {
            answer = try await transport.webSocket(
                request, options: WebSocketOptions(maxMessageBytes: Self.maxMessageBytes))
        } catch {
            throw failure(error, of: call)
        }
        switch answer {
        case .opened(let socket): return LXDWebSocket(socket: socket, label: call.label)
        case .refused(let response): throw await refusal(response, of: call)
        }
    }

    // MARK: Requests

    /// Sends a request and returns its answer, unless that says that it failed.
    func answer(to call: Call) async throws(LXDError) -> HTTPResponse {
        let request = try request(call)
        onRequest(call.action)
        let response: HTTPResponse
        do throws(TransportError) {
            response = try await transport.send(request)
        } catch {
            throw failure(error, of: call)
        }
        guard (200...299).contains(response.status) else { throw await refusal(response, of: call) }
        return response
    }

    /// Begins a request whose answer is read piece by piece; `nil` where there is no such resource.
    func stream(_ call: Call) async throws(LXDError) -> HTTPStreamingResponse? {
        let request = try request(call)
        onRequest(call.action)
        let response: HTTPStreamingResponse
        do throws(TransportError) {
            response = try await transport.stream(request)
        } catch {
            throw failure(error, of: call)
        }
        if response.status == 404 { return nil }
        guard (200...299).contains(response.status) else {
            let body = try await Self.bytes(of: response, atMost: Envelope.maxErrorBytes, call, self)
            throw await refusal(HTTPResponse(status: response.status, headers: response.headers, body: body), of: call)
        }
        return response
    }

    /// The first bytes of a body; the rest is not waited for.
    static func bytes(
        of response: HTTPStreamingResponse, atMost limit: Int, _ call: Call, _ client: LXDClient
    ) async throws(LXDError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunks = response.chunks.makeAsyncIterator()
        do throws(TransportError) {
            while bytes.count < limit, let chunk = try await chunks.next() { bytes += chunk }
        } catch {
            throw client.failure(error, of: call)
        }
        return Array(bytes.prefix(limit))
    }

    /// The HTTP request of a call.
    private func request(_ call: Call) throws(LXDError) -> HTTPRequest {
        let destination = try settings.destination(call.label)
        var query = call.resource.query
        // Harmless where a resource belongs to no project.
        if query["project"] == nil { query["project"] = settings.project }
        var options = destination.options
        options.totalTimeout = call.timeout.duration
        options.maxResponseBytes = call.maxBytes
        options.reuseConnection = !call.isChange
        return HTTPRequest(
            method: call.method, url: destination.origin + PercentEncoding.target(call.resource.path, query),
            headers: [HTTPHeader(name: "User-Agent", value: "changeover")] + call.headers, body: call.body,
            options: options)
    }
}

/// Remembers what the server said of itself.
private actor ServerFacts {
    private(set) var server: LXDServer?

    func set(_ server: LXDServer) {
        self.server = server
    }
}
