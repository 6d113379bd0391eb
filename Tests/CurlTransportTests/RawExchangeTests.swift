import CurlTransport
import Testing

extension TransportTests {
    @Suite struct RawExchanges {
        let server: TestServer
        let transport: CurlTransport

        init() throws {
            server = try TestServer.shared
            transport = try CurlTransport()
        }

        private func exchange(
            _ send: String,
            _ finish: RawExchange.Finish,
            _ change: (inout RawExchange) -> Void = { _ in }
        ) async throws(TransportError) -> RawExchangeResult {
            var exchange = RawExchange(
                endpoint: .tcp(host: "127.0.0.1", port: server.ports.raw),
                send: Array(send.utf8),
                finish: finish
            )
            change(&exchange)
            return try await transport.exchange(exchange)
        }

        private func error(
            _ send: String,
            _ finish: RawExchange.Finish,
            _ change: (inout RawExchange) -> Void = { _ in }
        ) async throws -> TransportError {
            try await failure { () async throws(TransportError) in try await exchange(send, finish, change) }
        }

        @Test func connected() async throws {
            let result = try await exchange("", .connected)
            #expect(result.received.isEmpty)
            #expect(result.remoteAddress == "127.0.0.1:\(server.ports.raw)")
            #expect(result.timings.connect > .zero)
            #expect(result.timings.total >= result.timings.connect)
        }

        @Test func bytes() async throws {
            let result = try await exchange("hello\n", .bytes(17))
            #expect(String(decoding: result.received, as: UTF8.self) == "220 ready\r\nhello\n")
            #expect(result.timings.firstByte >= result.timings.connect)
            #expect(result.timings.total >= result.timings.firstByte)
            #expect(try await exchange("", .bytes(3)).received == Array("220".utf8))
        }

        @Test func contains() async throws {
            let result = try await exchange("one\ntwo\nthree\n", .contains(Array("two\nthr".utf8)))
            #expect(String(decoding: result.received, as: UTF8.self).hasPrefix("220 ready\r\none\ntwo\nthr"))
        }

        @Test func endOfStream() async throws {
            let result = try await exchange("quit\n", .endOfStream)
            #expect(String(decoding: result.received, as: UTF8.self) == "220 ready\r\nbye\r\n")
        }

        @Test func afterSend() async throws {
            let name = uniqueName()
            #expect(try await exchange("hang \(name)\n", .afterSend).received.isEmpty)
            try await server.wait(for: "arrived/\(name)")
            try await server.wait(for: "gone/\(name)")
        }

        @Test func unixSocket() async throws {
            let path = server.file("raw.socket")
            let result = try await exchange("quit\n", .endOfStream) { $0.endpoint = .unix(path: path) }
            #expect(String(decoding: result.received, as: UTF8.self) == "220 ready\r\nbye\r\n")
            #expect(result.remoteAddress == path)
            let missing = try await error("", .connected) { $0.endpoint = .unix(path: server.file("missing.socket")) }
            #expect(missing.code == .unixSocket)
        }

        @Test func largeBothWays() async throws {
            let bytes = pattern(5_000_000)
            let exchange = RawExchange(
                endpoint: .tcp(host: "127.0.0.1", port: server.ports.echo),
                send: bytes,
                finish: .bytes(bytes.count),
                maxResponseBytes: bytes.count
            )
            #expect(try await transport.exchange(exchange).received == bytes)
        }

        @Test func hostName() async throws {
            let result = try await exchange("", .contains(Array("ready".utf8))) {
                $0.endpoint = .tcp(host: "localhost", port: server.ports.raw)
            }
            #expect(result.timings.resolve > .zero)
        }

        @Test func closedBeforeWhatWasWaitedFor() async throws {
            let error = try await error("quit\n", .contains(Array("never".utf8)))
            #expect(error.code == .reset)
            #expect(try await self.error("quit\n", .bytes(1_000)).code == .reset)
        }

        @Test func reset() async throws {
            let error = try await error("reset\n", .endOfStream)
            #expect(error.code == .reset)
        }

        @Test func refused() async throws {
            let error = try await error("", .connected) {
                $0.endpoint = .tcp(host: "127.0.0.1", port: server.ports.refused)
            }
            #expect(error.code == .connect)
        }

        @Test func capIsExact() async throws {
            let error = try await error("quit\n", .endOfStream) { $0.maxResponseBytes = 15 }
            #expect(error.code == .tooLarge)
            #expect(try await exchange("quit\n", .endOfStream) { $0.maxResponseBytes = 16 }.received.count == 16)
        }

        @Test func timeouts() async throws {
            let total = try await error("hang \(uniqueName())\n", .endOfStream) {
                $0.connectTimeout = .milliseconds(100)
                $0.totalTimeout = .milliseconds(400)
            }
            #expect(total.code == .timeout)
            let connect = try await error("", .connected) {
                $0.endpoint = .tcp(host: "127.0.0.1", port: server.ports.busy)
                $0.connectTimeout = .milliseconds(200)
            }
            #expect(connect.code == .connectTimeout)
        }

        @Test(.needsResolverDouble) func unknownHost() async throws {
            let error = try await error("", .connected) { $0.endpoint = .tcp(host: "raw.invalid", port: 1) }
            #expect(error.code == .dns)
        }

        @Test func manyAtATime() async throws {
            let results = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let size = 1_000 + number
                        let result = try await exchange("bytes \(size)\n", .bytes(11 + size))
                        return Array(result.received.dropFirst(11)) == pattern(size)
                    }
                }
                return try await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            #expect(results.count == 200)
            #expect(results.allSatisfy { $0 })
        }
    }
}
