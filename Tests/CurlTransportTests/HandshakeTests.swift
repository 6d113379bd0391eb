import CurlTransport
import Testing

extension TransportTests {
    /// TLS handshakes without a protocol, and messages with a length before them.
    @Suite struct Handshakes {
        let server: TestServer
        let transport: CurlTransport

        init() throws {
            server = try TestServer.shared
            transport = try CurlTransport()
        }

        private func handshake(
            _ port: Int, name: String? = "localhost", _ change: (inout TLSOptions) -> Void = { _ in }
        )
            -> RawExchange
        {
            var options = TLSOptions(caFile: server.file("authority.pem"), captureCertificates: true)
            change(&options)
            return RawExchange(
                endpoint: .tcp(host: "127.0.0.1", port: port), finish: .connected,
                security: .init(serverName: name, options: options))
        }

        private func error(_ exchange: RawExchange) async throws -> TransportError {
            try await failure { () async throws(TransportError) in try await transport.exchange(exchange) }
        }

        @Test func certificatesAndTimes() async throws {
            for name in ["localhost", "pinned.test", "127.0.0.1", nil] {
                let result = try await transport.exchange(handshake(server.ports.good, name: name))
                let own = try #require(result.certificates.first)
                #expect(own.subject.contains("good"))
                #expect(own.alternativeNames == [.host("localhost"), .host("pinned.test"), .address("127.0.0.1")])
                #expect(result.timings.tls > result.timings.connect)
                #expect(result.timings.total >= result.timings.tls)
                #expect(result.received.isEmpty)
                #expect(result.remoteAddress == "127.0.0.1:\(server.ports.good)")
            }
            let silent = try await transport.exchange(handshake(server.ports.good) { $0.captureCertificates = false })
            #expect(silent.certificates.isEmpty)
        }

        @Test func refusals() async throws {
            #expect(try await error(handshake(server.ports.expired)).code == .tlsExpired)
            #expect(try await error(handshake(server.ports.selfsigned)).code == .tlsUntrusted)
            #expect(try await error(handshake(server.ports.unknown)).code == .tlsUntrusted)
            #expect(try await error(handshake(server.ports.elsewhere)).code == .tlsHostname)
            #expect(try await error(handshake(server.ports.good, name: "other.test")).code == .tlsHostname)
            #expect(try await error(handshake(server.ports.raw)).code == .tls)
            #expect(try await error(handshake(server.ports.old) { $0.minimumVersion = .tls13 }).code == .tls)
            let missing = try await error(handshake(server.ports.good) { $0.caFile = "/nonexistent.pem" })
            #expect(missing.code == .tls && missing.curlCode == 77)
        }

        @Test func unverifiedServersShowTheirCertificates() async throws {
            for port in [server.ports.expired, server.ports.selfsigned, server.ports.elsewhere] {
                let result = try await transport.exchange(handshake(port) { $0.verifiesServer = false })
                #expect(!result.certificates.isEmpty)
            }
        }

        @Test func onlyTheHandshake() async throws {
            var reading = handshake(server.ports.good)
            reading.finish = .endOfStream
            #expect(try await error(reading).code == .invalidRequest)
            let wrongName = handshake(server.ports.good, name: "a b")
            #expect(try await error(wrongName).code == .invalidRequest)
            var local = handshake(server.ports.good)
            local.endpoint = .unix(path: server.file("raw.socket"))
            #expect(try await error(local).code == .invalidRequest)
        }

        @Test func lengthPrefixed() async throws {
            // The server greets with "220 ready\r\n" and echoes lines: the first two bytes say 0x3232.
            let length = 2 + 0x3232
            let line = String(repeating: "x", count: length - "220 ready\r\n".utf8.count - 1) + "\n"
            var exchange = RawExchange(
                endpoint: .tcp(host: "127.0.0.1", port: server.ports.raw), send: Array((line + "more\n").utf8),
                finish: .lengthPrefixed)
            let result = try await transport.exchange(exchange)
            #expect(result.received == Array(("220 ready\r\n" + line).utf8))
            exchange.maxResponseBytes = 100
            #expect(try await error(exchange).code == .tooLarge)
            exchange.maxResponseBytes = 1
            #expect(try await error(exchange).code == .invalidRequest)
            exchange.maxResponseBytes = 20_000
            exchange.send = Array("quit\n".utf8)
            #expect(try await error(exchange).code == .reset)
        }
    }
}
