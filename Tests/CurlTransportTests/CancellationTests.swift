import CurlTransport
import Testing

extension TransportTests {
    @Suite struct Cancellation {
        /// Bounds the time from cancelling to the error; the median of some attempts leaves out what the machine adds.
        static let bound = Duration.milliseconds(100)
        static let attempts = 5

        let server: TestServer
        let transport: CurlTransport

        init() throws {
            server = try TestServer.shared
            transport = try CurlTransport()
        }

        /// Cancels tasks, once each is ready, and checks that they end in time with `.cancelled`.
        private func check<Value: Sendable>(
            ready: @Sendable (String) async throws -> Void,
            run: @escaping @Sendable (String) async throws(TransportError) -> Value
        ) async throws {
            var latencies: [Duration] = []
            for _ in 0..<Self.attempts {
                let name = uniqueName()
                let task = Task {
                    try await failure { () async throws(TransportError) in try await run(name) }
                }
                try await ready(name)
                let start = ContinuousClock.now
                task.cancel()
                let error = try await task.value
                latencies.append(start.duration(to: .now))
                #expect(error.code == .cancelled)
            }
            #expect(latencies.sorted()[Self.attempts / 2] < Self.bound)
        }

        @Test func whileConnecting() async throws {
            // The refused sibling begins later and ends earlier, so the cancelled one is connecting by then.
            try await check { _ in
                var sibling = HTTPRequest(url: "http://127.0.0.1:\(server.ports.busy)/")
                sibling.options.connectTimeout = .milliseconds(50)
                _ = try await failure { [sibling] () async throws(TransportError) in try await transport.send(sibling) }
            } run: { [transport, server] _ async throws(TransportError) in
                try await transport.send(HTTPRequest(url: "http://127.0.0.1:\(server.ports.busy)/"))
            }
        }

        @Test(.needsResolverDouble) func whileResolving() async throws {
            let resolver = ResolverDouble.shared
            for _ in 0..<Self.attempts {
                let host = "\(uniqueName()).hang.test".lowercased()
                var lookups = resolver.expectLookup(of: host).makeAsyncIterator()
                let task = Task {
                    try await failure { () async throws(TransportError) in
                        try await transport.send(HTTPRequest(url: "http://\(host)/"))
                    }
                }
                await lookups.next()
                let start = ContinuousClock.now
                task.cancel()
                #expect(try await task.value.code == .cancelled)
                #expect(start.duration(to: .now) < .milliseconds(500))
                #expect(try await transport.send(HTTPRequest(url: server.url("number/1"))).status == 200)
                resolver.release(host)
            }
            // Every abandoned lookup has ended or ends now; none of its handles is lost.
            await transport.shutdown()
        }

        @Test func beforeTheAnswer() async throws {
            try await check { name in
                try await server.wait(for: "arrived/\(name)")
            } run: { [transport, server] name async throws(TransportError) in
                try await transport.send(HTTPRequest(url: server.url("hang/\(name)")))
            }
        }

        @Test func midBody() async throws {
            try await check { name in
                try await server.wait(for: "arrived/\(name)")
            } run: { [transport, server] name async throws(TransportError) in
                try await transport.send(HTTPRequest(url: server.url("partial/\(name)")))
            }
        }

        @Test func whileReadingAStream() async throws {
            try await check { name in
                try await server.wait(for: "arrived/\(name)")
            } run: { [transport, server] name async throws(TransportError) in
                let response = try await transport.stream(HTTPRequest(url: server.url("partial/\(name)")))
                for try await _ in response.chunks {}
            }
        }

        @Test func duringARawExchange() async throws {
            try await check { name in
                try await server.wait(for: "arrived/\(name)")
            } run: { [transport, server] name async throws(TransportError) in
                let endpoint = RawExchange.Endpoint.tcp(host: "127.0.0.1", port: server.ports.raw)
                let hang = Array("hang \(name)\n".utf8)
                return try await transport.exchange(RawExchange(endpoint: endpoint, send: hang, finish: .endOfStream))
            }
        }

        @Test func whileQueued() async throws {
            let transport = try CurlTransport(configuration: .init(maxConnectionsPerHost: 1))
            let name = uniqueName()
            let running = Task { try await transport.send(HTTPRequest(url: server.url("hang/\(name)"))) }
            try await server.wait(for: "arrived/\(name)")
            try await check { _ in
                // Queued behind the one that is cancelled, and out of time by now.
                var sibling = HTTPRequest(url: server.url("number/1"))
                sibling.options.totalTimeout = .milliseconds(50)
                _ = try await failure { [sibling] () async throws(TransportError) in try await transport.send(sibling) }
            } run: { [server] _ async throws(TransportError) in
                try await transport.send(HTTPRequest(url: server.url("number/2")))
            }
            try await server.set("release/\(name)")
            #expect(try await running.value.status == 200)
        }

        @Test func beforeTheStart() async throws {
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await failure { () async throws(TransportError) in
                    try await transport.send(HTTPRequest(url: server.url("number/1")))
                }
            }
            #expect(try await task.value.code == .cancelled)
        }

        @Test func closesTheConnection() async throws {
            let name = uniqueName()
            let task = Task { try await transport.send(HTTPRequest(url: server.url("hang/\(name)"))) }
            try await server.wait(for: "arrived/\(name)")
            task.cancel()
            try await server.wait(for: "gone/\(name)")
            _ = await task.result
        }

        @Test func droppingAStreamClosesItsConnection() async throws {
            let name = uniqueName()
            do {
                let response = try await transport.stream(HTTPRequest(url: server.url("partial/\(name)")))
                #expect(response.status == 200)
            }
            try await server.wait(for: "gone/\(name)")
        }
    }
}
