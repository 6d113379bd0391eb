import CurlTransport
import Testing

extension TransportTests {
    @Suite struct Refusals {
        let server: TestServer
        let transport: CurlTransport

        init() throws {
            server = try TestServer.shared
            transport = try CurlTransport()
        }

        private func code(_ change: (inout HTTPRequest) -> Void) async throws -> TransportError.Code {
            var request = HTTPRequest(url: server.url("echo"))
            change(&request)
            return try await failure { [request] () async throws(TransportError) in
                try await transport.send(request)
            }.code
        }

        @Test(
            arguments: [
                ("X-A", "v\r\nX-Injected: 1"), ("X-A", "v\nX"), ("X-A", "v\rX"), ("X-A", "v\0"),
                ("X-A\r\nX-B", "v"), ("X A", "v"), ("", "v"), ("X-A:", "v"), ("X-Ä", "v"),
            ]
        )
        func headerInjection(name: String, value: String) async throws {
            #expect(try await code { $0.headers = [HTTPHeader(name: name, value: value)] } == .invalidRequest)
        }

        @Test(arguments: ["", "GET /", "G\r\nET", "GÉT"])
        func methods(method: String) async throws {
            #expect(try await code { $0.method = method } == .invalidRequest)
        }

        @Test(
            arguments: [
                "", "/relative", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://a b/",
                "http://a/\r\nX: y", "http://a:99999/", "http://bücher.example/", "127.0.0.1",
            ]
        )
        func urls(url: String) async throws {
            #expect(try await code { $0.url = url } == .invalidRequest)
        }

        @Test func options() async throws {
            #expect(try await code { $0.options.connectTimeout = .zero } == .invalidRequest)
            #expect(try await code { $0.options.totalTimeout = .seconds(-1) } == .invalidRequest)
            #expect(try await code { $0.options.totalTimeout = .seconds(1 << 40) } == .invalidRequest)
            #expect(try await code { $0.options.maxResponseBytes = -1 } == .invalidRequest)
            #expect(try await code { $0.options.followRedirects = 51 } == .invalidRequest)
            #expect(try await code { $0.options.pinnedAddress = "localhost" } == .invalidRequest)
            #expect(try await code { $0.options.unixSocketPath = "" } == .invalidRequest)
            let long = String(repeating: "x", count: 108)
            #expect(try await code { $0.options.unixSocketPath = long } == .invalidRequest)
            let limit = LowSpeedLimit(bytesPerSecond: 0, period: .seconds(1))
            #expect(try await code { $0.options.lowSpeedLimit = limit } == .invalidRequest)
        }

        @Test func rawExchanges() async throws {
            let refused: [RawExchange] = [
                RawExchange(endpoint: .tcp(host: "127.0.0.1", port: 0), finish: .connected),
                RawExchange(endpoint: .tcp(host: "a b", port: 1), finish: .connected),
                RawExchange(endpoint: .tcp(host: "a:b", port: 1), finish: .connected),
                RawExchange(endpoint: .tcp(host: "", port: 1), finish: .connected),
                RawExchange(endpoint: .unix(path: ""), finish: .connected),
                RawExchange(endpoint: .tcp(host: "127.0.0.1", port: 1), finish: .bytes(0)),
                RawExchange(endpoint: .tcp(host: "127.0.0.1", port: 1), finish: .bytes(2), maxResponseBytes: 1),
                RawExchange(endpoint: .tcp(host: "127.0.0.1", port: 1), finish: .contains([])),
            ]
            for exchange in refused {
                let error = try await failure { () async throws(TransportError) in
                    try await transport.exchange(exchange)
                }
                #expect(error.code == .invalidRequest)
            }
        }

        @Test func configurations() throws {
            #expect(throws: TransportError.self) { try CurlTransport(configuration: .init(maxConnections: 0)) }
            #expect(throws: TransportError.self) { try CurlTransport(configuration: .init(streamBufferBytes: 0)) }
        }

        @Test func fullQueue() async throws {
            let transport = try CurlTransport(configuration: .init(maxConnections: 1, maxQueued: 0))
            let name = uniqueName()
            let running = Task { try await transport.send(HTTPRequest(url: server.url("hang/\(name)"))) }
            try await server.wait(for: "arrived/\(name)")
            let error = try await failure { () async throws(TransportError) in
                try await transport.send(HTTPRequest(url: server.url("number/1")))
            }
            #expect(error.code == .queueFull)
            try await server.set("release/\(name)")
            #expect(try await running.value.status == 200)
        }
    }
}
