import CurlTransport
import Foundation
import Testing

extension TransportTests {
    @Suite struct WebSockets {
        let server: WebSocketServer
        let transport: CurlTransport

        init() throws {
            server = try WebSocketServer.shared
            transport = try CurlTransport()
        }

        private func text(_ text: String) -> WebSocketMessage { .text(Array(text.utf8)) }

        private func error(_ request: HTTPRequest, _ options: WebSocketOptions = .init()) async throws -> TransportError
        {
            try await failure { () async throws(TransportError) in
                try await transport.webSocket(request, options: options)
            }
        }

        private func refusal(_ path: String) async throws -> HTTPResponse {
            guard case .refused(let response) = try await transport.webSocket(server.request(path)) else {
                throw TransportError(code: .internal, detail: "not refused")
            }
            return response
        }

        // MARK: Messages

        @Test(arguments: [0, 1, 125, 126, 65_535, 65_536, 1_000_000])
        func echo(count: Int) async throws {
            let socket = try await transport.opened(server.request("echo"))
            #expect(socket.head.status == 101)
            for message in [WebSocketMessage.binary(pattern(count)), .text(pattern(count))] {
                async let sent: Void = socket.send(message)
                #expect(try await socket.receive() == message)
                try await sent
            }
            await socket.close()
            #expect(socket.peerClose == WebSocketClose(code: 1000))
            #expect(try await socket.receive() == nil)
        }

        @Test func overAUnixSocket() async throws {
            var request = HTTPRequest(url: "http://unix.test/echo")
            request.options.unixSocketPath = server.file("ws.socket")
            let socket = try await transport.opened(request)
            #expect(socket.head.remoteAddress == server.file("ws.socket"))
            try await socket.send(text("hello"))
            #expect(try await socket.receive() == text("hello"))
        }

        @Test func overTLSWithAClientCertificate() async throws {
            let socket = try await transport.opened(server.secured("echo"))
            let message = WebSocketMessage.binary(pattern(900_000))
            for _ in 0..<3 {
                async let sent: Void = socket.send(message)
                #expect(try await socket.receive() == message)
                try await sent
            }
            await socket.close()
            #expect(socket.peerClose?.code == 1000)
            var uncertified = server.secured("echo")
            uncertified.options.tls.clientCertificateFile = nil
            uncertified.options.tls.clientKeyFile = nil
            #expect([.tls, .reset, .receive, .send].contains(try await error(uncertified).code))
            var unpinned = server.secured("echo")
            unpinned.options.tls.caFile = server.file("client.pem")
            #expect(try await error(unpinned).code == .tlsUntrusted)
        }

        @Test func hostToDial() async throws {
            var request = server.request("echo")
            request.url = "http://elsewhere.test:\(server.ports.plain)/request"
            request.options.connectHost = "localhost"
            guard case .refused(let response) = try await transport.webSocket(request) else { return }
            #expect(String(decoding: response.body, as: UTF8.self).contains("elsewhere.test:\(server.ports.plain)"))
            request.options.connectHost = "not a host"
            #expect(try await error(request).code == .invalidRequest)
        }

        @Test func fragmentsAreJoinedAndPingsBetweenThemAnswered() async throws {
            let name = uniqueName()
            let socket = try await transport.opened(server.request("fragments/\(name)"))
            #expect(try await socket.receive() == text("one two three"))
            #expect(try await socket.receive() == .binary([]))
            await socket.close(WebSocketClose(code: 4001, reason: "done"))
            let frames = try await server.wait(for: "closed/\(name)")
            #expect(
                frames == [.init(opcode: 10, payload: "6265747765656e"), .init(opcode: 8, payload: "0fa1646f6e65")])
        }

        @Test func emptyMessages() async throws {
            let socket = try await transport.opened(server.request("empty/x"))
            #expect(try await socket.receive() == .text([]))
            #expect(try await socket.receive() == .binary([]))
        }

        @Test func textIsNotChecked() async throws {
            let socket = try await transport.opened(server.request("invalid-text/x"))
            #expect(try await socket.receive() == .text([0xFF, 0xFE]))
        }

        @Test func bytewise() async throws {
            let socket = try await transport.opened(server.request("bytewise/x"))
            #expect(try await socket.receive() == text("slow"))
            #expect(try await socket.receive()?.bytes.count == 200)
        }

        @Test func theLastOfSeveralPingsIsAnswered() async throws {
            let socket = try await transport.opened(server.request("pings/x"))
            var answers: [WebSocketMessage?] = []
            repeat { answers.append(try await socket.receive()) } while answers.last != text("pong 2")
            #expect(answers.count <= 3)
        }

        @Test(arguments: ["early", "interim"])
        func whatComesAroundTheUpgrade(route: String) async throws {
            let socket = try await transport.opened(server.request(route))
            if route == "early" { #expect(try await socket.receive() == text("early")) }
            try await socket.send(text("x"))
            #expect(try await socket.receive() == text("x"))
        }

        @Test func manyAtATime() async throws {
            let transport = try CurlTransport(configuration: .init(maxConnections: 4, maxConnectionsPerHost: 2))
            // More are open than transfers may be in progress: those that are open hold no place.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let socket = try await transport.opened(server.request("echo"))
                        for round in 0..<10 {
                            let message = text("\(number) \(round)")
                            try await socket.send(message)
                            #expect(try await socket.receive() == message)
                        }
                        await socket.close()
                    }
                }
                try await group.waitForAll()
            }
        }

        @Test func sendersShareAWebSocket() async throws {
            let socket = try await transport.opened(server.request("echo"))
            let messages = (0..<50).map { WebSocketMessage.binary([UInt8](repeating: UInt8($0), count: 5000)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for message in messages { group.addTask { try await socket.send(message) } }
                var received: Set<WebSocketMessage> = []
                while received.count < 50, let message = try await socket.receive() { received.insert(message) }
                #expect(received == Set(messages))
                try await group.waitForAll()
            }
        }

        // MARK: Ends

        @Test func thePeerCloses() async throws {
            let name = uniqueName()
            let socket = try await transport.opened(server.request("goodbye/\(name)"))
            #expect(try await socket.receive() == text("last"))
            #expect(try await socket.receive() == nil)
            #expect(socket.peerClose == WebSocketClose(code: 4000, reason: "enough"))
            #expect(try await server.wait(for: "closed/\(name)") == [.init(opcode: 8, payload: "0fa0")])
            let late = try await failure { () async throws(TransportError) in try await socket.send(.text([])) }
            #expect(late.code == .reset)
            await socket.close()
            let other = try await transport.opened(server.request("no-code/x"))
            #expect(try await other.receive() == nil)
            #expect(other.peerClose?.code == 1005)
        }

        @Test(arguments: ["abrupt", "cut"])
        func thePeerGoesWithoutAWord(route: String) async throws {
            let socket = try await transport.opened(server.request(route))
            #expect(try await socket.receive() == text("first"))
            let error = try await failure { () async throws(TransportError) in try await socket.receive() }
            #expect(error.code == .reset)
            #expect(socket.peerClose == nil)
            await socket.close()
        }

        @Test func thePeerResets() async throws {
            let socket = try await transport.opened(server.request("reset"))
            try await socket.send(text("x"))
            let error = try await failure { () async throws(TransportError) in try await socket.receive() }
            #expect(error.code == .reset)
        }

        @Test(arguments: [
            "reserved", "masked", "unknown", "continuation", "interleaved", "long-control", "split-control",
            "half-code",
        ])
        func wrongFrames(route: String) async throws {
            let name = uniqueName()
            let socket = try await transport.opened(server.request("\(route)/\(name)"))
            let error = try await failure { () async throws(TransportError) in try await socket.receive() }
            #expect(error.code == .protocolError)
            #expect(try await server.wait(for: "closed/\(name)") == [.init(opcode: 8, payload: "03ea")])
        }

        @Test(arguments: ["large", "large-fragments", "huge"])
        func messagesOverTheCap(route: String) async throws {
            let name = uniqueName()
            let options = WebSocketOptions(maxMessageBytes: 1000)
            let socket = try await transport.opened(server.request("\(route)/\(name)"), options: options)
            let error = try await failure { () async throws(TransportError) in try await socket.receive() }
            #expect(error.code == .tooLarge)
            #expect(try await server.wait(for: "closed/\(name)") == [.init(opcode: 8, payload: "03f1")])
            if route == "huge" { return }
            let enough = WebSocketOptions(maxMessageBytes: 1001)
            let other = try await transport.opened(server.request("\(route)/x"), options: enough)
            #expect(try await other.receive()?.bytes.count == 1001)
        }

        @Test func closingWaitsForThePeerOnlySoLong() async throws {
            let name = uniqueName()
            let options = WebSocketOptions(closeTimeout: .milliseconds(200))
            let socket = try await transport.opened(server.request("silent/\(name)"), options: options)
            let start = ContinuousClock.now
            async let receiving = socket.receive()
            async let again: Void = socket.close()
            await socket.close()
            await again
            #expect(try await receiving == nil)
            #expect(start.duration(to: .now) >= .milliseconds(200))
            try await server.wait(for: "gone/\(name)")
        }

        @Test func lifetime() async throws {
            let options = WebSocketOptions(lifetime: .milliseconds(200))
            let socket = try await transport.opened(server.request("silent/x"), options: options)
            let error = try await failure { () async throws(TransportError) in try await socket.receive() }
            #expect(error.code == .timeout)
        }

        @Test func timeoutsBoundTheOpeningOnly() async throws {
            var mute = server.request("mute/\(uniqueName())")
            mute.options.totalTimeout = .milliseconds(200)
            #expect(try await error(mute).code == .timeout)
            var busy = HTTPRequest(url: "http://127.0.0.1:\(try TestServer.shared.ports.busy)/")
            busy.options.connectTimeout = .milliseconds(200)
            #expect(try await error(busy).code == .connectTimeout)
            var slow = server.request("flow/\(uniqueName())")
            slow.options.totalTimeout = .milliseconds(200)
            let socket = try await transport.opened(slow)
            var count = 0
            while try await socket.receive() != nil {
                count += 1
                if count == 100 { try await ContinuousClock().sleep(for: .milliseconds(300)) }
            }
            #expect(count == 20_000)
        }

        // MARK: Refusals

        @Test func requestAndRefusal() async throws {
            var request = server.request("request?a=b%20c")
            request.headers = [HTTPHeader(name: "X-Own", value: "1"), HTTPHeader(name: "Host", value: "other.test")]
            guard case .refused(let response) = try await transport.webSocket(request) else { return }
            let body = String(decoding: response.body, as: UTF8.self)
            #expect(response.status == 400)
            #expect(body.hasPrefix(#"["GET /request?a=b%20c HTTP/1.1""#))
            for field in [#""x-own": "1""#, #""host": "other.test""#, #""sec-websocket-version": "13""#] {
                #expect(body.contains(field))
            }
        }

        @Test(arguments: ["forbidden", "chunked", "lengthless"])
        func refused(route: String) async throws {
            let response = try await refusal(route)
            #expect(response.status == 403)
            #expect(String(decoding: response.body, as: UTF8.self).hasPrefix("not for you"))
            if route == "forbidden" { #expect(response.values(for: "x-why") == ["secret"]) }
        }

        @Test func aRefusalsBodyIsCut() async throws {
            let response = try await refusal("endless")
            #expect(response.status == 500)
            #expect(response.body.count == 65_536)
        }

        @Test(arguments: ["wrong-accept", "no-upgrade", "extension", "subprotocol", "garbage"])
        func noAnswerToThisRequest(route: String) async throws {
            #expect(try await error(server.request(route)).code == .protocolError)
        }

        @Test func subprotocol() async throws {
            var request = server.request("subprotocol")
            request.headers = [HTTPHeader(name: "Sec-WebSocket-Protocol", value: "talk, chat")]
            #expect(try await transport.opened(request).head.values(for: "sec-websocket-protocol") == ["chat"])
        }

        @Test func noAnswerAtAll() async throws {
            #expect(try await error(server.request("nothing")).code == .reset)
            #expect(try await error(server.request("big-head")).code == .tooLarge)
            let refused = HTTPRequest(url: "http://127.0.0.1:\(try TestServer.shared.ports.refused)/")
            #expect(try await error(refused).code == .connect)
            var missing = HTTPRequest(url: "http://unix.test/")
            missing.options.unixSocketPath = server.file("missing.socket")
            let socket = try await error(missing)
            #expect(socket.code == .unixSocket)
            #expect(socket.systemError == 2)
        }

        @Test func requestsThatCannotBe() async throws {
            func code(_ change: (inout HTTPRequest) -> Void) async throws -> TransportError.Code {
                var request = server.request("echo")
                change(&request)
                return try await error(request).code
            }
            #expect(try await code { $0.method = "POST" } == .invalidRequest)
            #expect(try await code { $0.body = [1] } == .invalidRequest)
            #expect(try await code { $0.url = "ws://localhost/" } == .invalidRequest)
            #expect(try await code { $0.url = "http://a:b@localhost/" } == .invalidRequest)
            for name in ["Upgrade", "connection", "Sec-WebSocket-Key", "Sec-WebSocket-Extensions"] {
                #expect(try await code { $0.headers = [HTTPHeader(name: name, value: "x")] } == .invalidRequest)
            }
            for options in [
                WebSocketOptions(maxMessageBytes: -1), .init(lifetime: .zero), .init(closeTimeout: .zero),
            ] {
                #expect(try await error(server.request("echo"), options).code == .invalidRequest)
            }
        }

        @Test func tooManyAreRefusedAtOnce() async throws {
            let transport = try CurlTransport(configuration: .init(maxWebSockets: 1))
            let first = try await transport.opened(server.request("echo"))
            let error = try await failure { () async throws(TransportError) in
                try await transport.webSocket(server.request("echo"))
            }
            #expect(error.code == .queueFull)
            await first.close()
            _ = try await transport.opened(server.request("echo"))
        }
    }
}
