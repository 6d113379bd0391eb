import CurlTransport
import Testing

extension TransportTests {
    @Suite struct Timeouts {
        let server: TestServer
        let transport: CurlTransport

        init() throws {
            server = try TestServer.shared
            transport = try CurlTransport()
        }

        /// Runs a request that must fail; returns its error and how long it took.
        private func measure(_ request: HTTPRequest) async throws -> (TransportError, Duration) {
            let start = ContinuousClock.now
            let error = try await failure { () async throws(TransportError) in try await transport.send(request) }
            return (error, start.duration(to: .now))
        }

        @Test func connectTimeout() async throws {
            var request = HTTPRequest(url: "http://127.0.0.1:\(server.ports.busy)/")
            request.options.connectTimeout = .milliseconds(200)
            let (error, elapsed) = try await measure(request)
            #expect(error.code == .connectTimeout)
            #expect(error.isRetryable)
            #expect(error.timings != nil)
            #expect((.milliseconds(200)...(.seconds(2))).contains(elapsed))
        }

        @Test(.needsResolverDouble) func connectTimeoutDuringNameLookup() async throws {
            let host = "\(uniqueName()).hang.test".lowercased()
            defer { ResolverDouble.shared.release(host) }
            var request = HTTPRequest(url: "http://\(host)/")
            request.options.connectTimeout = .milliseconds(200)
            let (error, elapsed) = try await measure(request)
            #expect(error.code == .connectTimeout)
            #expect((.milliseconds(200)...(.seconds(2))).contains(elapsed))
            // The lookup still hangs, and does not keep the driver from others.
            let next = try await transport.send(HTTPRequest(url: server.url("number/1")))
            #expect(next.status == 200)
        }

        @Test func totalTimeoutOnceConnected() async throws {
            var request = HTTPRequest(url: server.url("hang/\(uniqueName())"))
            request.options.connectTimeout = .milliseconds(150)
            request.options.totalTimeout = .milliseconds(600)
            let (error, elapsed) = try await measure(request)
            #expect(error.code == .timeout)
            #expect((.milliseconds(600)...(.seconds(3))).contains(elapsed))
        }

        @Test func totalTimeoutMidBody() async throws {
            var request = HTTPRequest(url: server.url("partial/\(uniqueName())"))
            request.options.totalTimeout = .milliseconds(300)
            #expect(try await measure(request).0.code == .timeout)
        }

        @Test func lowSpeed() async throws {
            var request = HTTPRequest(url: server.url("drip"))
            request.options.lowSpeedLimit = LowSpeedLimit(bytesPerSecond: 100, period: .seconds(1))
            request.options.totalTimeout = .seconds(30)
            let (error, elapsed) = try await measure(request)
            #expect(error.code == .lowSpeed)
            #expect((.milliseconds(900)...(.seconds(10))).contains(elapsed))
        }

        @Test func queueingUsesUpTheTotalTimeoutOnly() async throws {
            let transport = try CurlTransport(configuration: .init(maxConnectionsPerHost: 1))
            let name = uniqueName()
            let url = server.url("hang/\(name)")
            let running = Task { try await transport.send(HTTPRequest(url: url)) }
            try await server.wait(for: "arrived/\(name)")
            var patient = HTTPRequest(url: server.url("number/7"))
            patient.options.connectTimeout = .milliseconds(100)
            let waiting = Task { [patient] in try await transport.send(patient) }
            var hasty = HTTPRequest(url: server.url("number/8"))
            hasty.options.totalTimeout = .milliseconds(300)
            let error = try await failure { [hasty] () async throws(TransportError) in
                try await transport.send(hasty)
            }
            #expect(error.code == .timeout)
            try await server.set("release/\(name)")
            #expect(try await running.value.status == 200)
            #expect(try await waiting.value.body == Array("7".utf8))
        }
    }
}
