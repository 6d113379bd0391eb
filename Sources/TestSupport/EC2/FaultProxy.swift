internal import Synchronization

/// What a fault proxy does to one exchange.
public enum ProxyFault: String, Sendable, Hashable, CaseIterable {
    /// The connection is reset before the request is forwarded.
    case lostBefore = "lost-before"
    /// The request is forwarded; then the connection is reset.
    case lostAfter = "lost-after"
    /// The request is forwarded; the client waits for an answer until it gives up.
    case lostAfterSlow = "lost-after-slow"
    /// 503 without forwarding.
    case unavailable = "503"
    /// The request is forwarded, and answered with 503.
    case unavailableAfterEffect = "503-after"
    /// The request is forwarded, and answered with 500 and a page of HTML.
    case htmlError = "500-html"
    /// Refused for too many requests, without forwarding.
    case throttled
    /// The request is forwarded; the answer ends in the middle.
    case truncated
    /// The credentials have expired: from now on at the server itself where that can be told to it, else only here and
    /// once, without forwarding.
    case expiredToken = "expired"
    /// The request is forwarded twice.
    case duplicate
    /// The same request's answer of before is given once more, where there is one.
    case staleRead = "stale"
}

/// Stands between a client and a façade (or moto) and spoils chosen exchanges.
public final class FaultProxy: Sendable {
    /// A fault that is to bite.
    private struct Armed {
        var action: String
        var countdown: Int
        var fault: ProxyFault
    }

    /// A read as it was sent, by which an older answer is found.
    private struct ReadKey: Hashable {
        var action: String
        var body: [UInt8]
    }

    private struct State {
        var armed: [Armed] = []
        var bitten: [(action: String, fault: ProxyFault)] = []
        var counts: [String: Int] = [:]
        var answers: [ReadKey: HTTPAnswer] = [:]
    }

    /// Where the client is to be sent.
    public var port: Int { server.port }
    private let server: LoopbackServer
    private let state: ProxyState

    /// The state, apart from the proxy so that the server's handler can hold it.
    private final class ProxyState: Sendable {
        let value = Mutex(State())
    }

    /// Starts a proxy before a server on 127.0.0.1; `expire` lets the server's credentials expire.
    public init(to upstream: Int, expire: (@Sendable () -> Void)? = nil) throws {
        let state = ProxyState()
        self.state = state
        server = try LoopbackServer { message in
            Self.reply(to: message, upstream: upstream, state, expire: expire)
        }
    }

    /// Ends the proxy and every thread of it.
    public func stop() { server.stop() }

    /// Lets a fault bite the `occurrence`th exchange of an action from now, the first by default.
    public func arm(_ fault: ProxyFault, on action: String, occurrence: Int = 1) {
        state.value.withLock { $0.armed.append(Armed(action: action, countdown: occurrence, fault: fault)) }
    }

    /// How many armed faults have bitten.
    public var bites: Int { state.value.withLock { $0.bitten.count } }

    /// How many requests of each action came, spoiled ones included.
    public var counts: [String: Int] { state.value.withLock { $0.counts } }

    private static func reply(
        to message: HTTPMessage, upstream: Int, _ state: ProxyState, expire: (@Sendable () -> Void)?
    ) -> LoopbackServer.Reply {
        guard let request = CloudRequest(message) else {
            return LoopbackClient.exchange(message, port: upstream).map { .answer($0) } ?? .reset
        }
        let key = ReadKey(action: request.action, body: message.body)
        let (fault, older) = state.value.withLock { state in
            state.counts[request.action, default: 0] += 1
            return (draw(request, &state), state.answers[key])
        }
        if fault == .expiredToken, let expire {
            expire()
        } else if let reply = replyWithoutForwarding(fault, request, older) {
            return reply
        }
        guard let answer = LoopbackClient.exchange(message, port: upstream) else { return .reset }
        if !request.isMutating { state.value.withLock { $0.answers[key] = answer } }
        switch fault {
        case .lostAfter: return .reset
        case .lostAfterSlow: return .silence
        case .unavailableAfterEffect: return .answer(unavailable(request.service))
        case .htmlError:
            return .answer(HTTPAnswer(500, type: "text/html", "<html><body><h1>Internal error</h1><br></body></html>"))
        case .truncated: return .cut(answer, afterBytes: answer.body.count / 2)
        case .duplicate: return LoopbackClient.exchange(message, port: upstream).map { .answer($0) } ?? .reset
        default: return .answer(answer)
        }
    }

    private static func draw(_ request: CloudRequest, _ state: inout State) -> ProxyFault? {
        guard !request.isDryRun else { return nil }
        var bitten: ProxyFault?
        for index in state.armed.indices where state.armed[index].action == request.action {
            state.armed[index].countdown -= 1
            if state.armed[index].countdown == 0 { bitten = state.armed[index].fault }
        }
        if let bitten { state.bitten.append((request.action, bitten)) }
        return bitten
    }

    private static func replyWithoutForwarding(
        _ fault: ProxyFault?, _ request: CloudRequest, _ older: HTTPAnswer?
    ) -> LoopbackServer.Reply? {
        switch fault {
        case .lostBefore: .reset
        case .unavailable: .answer(unavailable(request.service))
        case .throttled: .answer(FacadeState.throttled(request.service).answer(of: request.service))
        case .expiredToken: .answer(FacadeAccess.expired(request.service).answer(of: request.service))
        case .staleRead: older.map { .answer($0) }
        default: nil
        }
    }

    private static func unavailable(_ service: CloudRequest.Service) -> HTTPAnswer {
        CloudRefusal("ServiceUnavailable", "The service is unavailable. Please try again shortly.", status: 503)
            .answer(of: service)
    }
}
