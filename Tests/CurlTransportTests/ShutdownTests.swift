import Testing

@testable import CurlTransport

extension TransportTests {
    @Suite struct Shutdown {
        let server: TestServer

        init() throws {
            server = try TestServer.shared
        }

        @Test func endsEverything() async throws {
            let transport = try CurlTransport(configuration: .init(maxConnections: 12, maxConnectionsPerHost: 10))
            let names = (0..<10).map { _ in uniqueName() }
            let rawName = uniqueName()
            let codes = try await withThrowingTaskGroup(of: TransportError.Code.self) { group in
                for name in names {
                    group.addTask { try await Self.code(transport, HTTPRequest(url: server.url("hang/\(name)"))) }
                }
                for number in 0..<20 {
                    group.addTask { try await Self.code(transport, HTTPRequest(url: server.url("number/\(number)"))) }
                }
                let raw = RawExchange(
                    endpoint: .tcp(host: "127.0.0.1", port: server.ports.raw),
                    send: Array("hang \(rawName)\n".utf8),
                    finish: .endOfStream
                )
                group.addTask {
                    try await failure { () async throws(TransportError) in try await transport.exchange(raw) }.code
                }
                // The quick ones may be answered before all the hanging ones are there; those are not counted.
                for name in names + [rawName] { try await server.wait(for: "arrived/\(name)") }
                await transport.shutdown()
                return try await group.reduce(into: [TransportError.Code]()) { $0.append($1) }
            }
            #expect(codes.count == 31)
            #expect(codes.filter { $0 == .shutdown }.count >= 11)
            #expect(Set(codes).isSubset(of: [.shutdown, .answered]))
            for name in names + [rawName] { try await server.wait(for: "gone/\(name)") }
        }

        /// Returns why a request failed, or a stand-in for an answer.
        private static func code(
            _ transport: CurlTransport,
            _ request: HTTPRequest
        ) async throws -> TransportError.Code {
            do throws(TransportError) {
                _ = try await transport.send(request)
                return .answered
            } catch {
                return error.code
            }
        }

        @Test func endsAStream() async throws {
            let transport = try CurlTransport()
            let response = try await transport.stream(HTTPRequest(url: server.url("partial/\(uniqueName())")))
            var iterator = response.chunks.makeAsyncIterator()
            #expect(try await iterator.next()?.count == 10)
            await transport.shutdown()
            let error = try await failure { () async throws(TransportError) in try await iterator.next() }
            #expect(error.code == .shutdown)
        }

        @Test func refusesWhatComesLater() async throws {
            let transport = try CurlTransport()
            #expect(try await transport.send(HTTPRequest(url: server.url("number/1"))).status == 200)
            await withTaskGroup { group in
                for _ in 0..<5 { group.addTask { await transport.shutdown() } }
            }
            await transport.shutdown()
            let error = try await failure { () async throws(TransportError) in
                try await transport.send(HTTPRequest(url: server.url("number/1")))
            }
            #expect(error.code == .shutdown)
            let raw = RawExchange(endpoint: .unix(path: server.file("raw.socket")), finish: .connected)
            let rawError = try await failure { () async throws(TransportError) in try await transport.exchange(raw) }
            #expect(rawError.code == .shutdown)
        }

        @Test(.needsResolverDouble) func waitsForANameLookupButAnswersAtOnce() async throws {
            let transport = try CurlTransport()
            let host = "\(uniqueName()).hang.test".lowercased()
            var lookups = ResolverDouble.shared.expectLookup(of: host).makeAsyncIterator()
            let task = Task {
                try await failure { () async throws(TransportError) in
                    try await transport.send(HTTPRequest(url: "http://\(host)/"))
                }
            }
            await lookups.next()
            async let ended: Void = transport.shutdown()
            #expect(try await task.value.code == .shutdown)
            ResolverDouble.shared.release(host)
            await ended
        }

        @Test func droppingTheLastReferenceShutsDown() async throws {
            var transport: CurlTransport? = try CurlTransport()
            let inbox = try #require(transport?.inbox)
            _ = try await transport?.send(HTTPRequest(url: server.url("number/1")))
            #expect(inbox.post(.cancel(0)))
            transport = nil
            #expect(!inbox.post(.cancel(0)))
        }

        @Test func streamKeepsTheTransport() async throws {
            var transport: CurlTransport? = try CurlTransport()
            let response = try await transport?.stream(HTTPRequest(url: server.url("flow/\(uniqueName())/3000000")))
            transport = nil
            var count = 0
            for try await chunk in try #require(response).chunks { count += chunk.count }
            #expect(count == 3_000_000)
        }

        @Test func manyTransportsComeAndGo() async throws {
            for number in 0..<50 {
                let transport = try CurlTransport()
                let response = try await transport.send(HTTPRequest(url: server.url("number/\(number)")))
                #expect(response.body == Array("\(number)".utf8))
                if number.isMultiple(of: 2) { await transport.shutdown() }
            }
        }
    }
}

extension TransportError.Code {
    /// Stands for an answer, where only codes are collected; no transfer of these tests is refused for this reason.
    fileprivate static let answered = TransportError.Code.queueFull
}
