import CurlTransport
import Glibc
import Testing

extension TransportTests {
    @Suite struct Streaming {
        let server: TestServer
        let transport: CurlTransport

        init() throws {
            server = try TestServer.shared
            transport = try CurlTransport()
        }

        @Test func headComesBeforeTheBody() async throws {
            let name = uniqueName()
            let response = try await transport.stream(HTTPRequest(url: server.url("partial/\(name)")))
            #expect(response.status == 200)
            #expect(response.version == "1.1")
            #expect(response.values(for: "content-length") == ["1000"])
            #expect(response.remoteAddress == "127.0.0.1:\(server.ports.plain)")
            var iterator = response.chunks.makeAsyncIterator()
            #expect(try await iterator.next() == Array("0123456789".utf8))
            try await server.set("release/\(name)")
            let error = try await failure { () async throws(TransportError) in try await iterator.next() }
            #expect(error.code == .reset)
            let again = try await failure { () async throws(TransportError) in try await iterator.next() }
            #expect(again.code == .reset)
        }

        @Test func wholeBodyArrivesInOrder() async throws {
            let response = try await transport.stream(HTTPRequest(url: server.url("bytes/3000000")))
            var body: [UInt8] = []
            for try await chunk in response.chunks {
                #expect(!chunk.isEmpty)
                body += chunk
            }
            #expect(body == pattern(3_000_000))
            var iterator = response.chunks.makeAsyncIterator()
            #expect(try await iterator.next() == nil)
            #expect(try await transport.send(HTTPRequest(url: server.url("number/1"))).reusedConnection)
        }

        @Test func slowReaderSlowsTheServer() async throws {
            let name = uniqueName()
            let total = 64 * 1024 * 1024
            var request = HTTPRequest(url: server.url("flow/\(name)/\(total)"))
            request.options.maxResponseBytes = total
            let response = try await transport.stream(request)
            var iterator = response.chunks.makeAsyncIterator()
            var count = try #require(await iterator.next()).count
            // Nothing is read now: the server must come to a stop long before the end.
            let sent = try #require(Int(await server.wait(for: "stalled/\(name)")))
            #expect(sent < total)
            while let chunk = try await iterator.next() { count += chunk.count }
            #expect(count == total)
        }

        @Test func pausedTransferUsesNoProcessor() async throws {
            let name = uniqueName()
            var request = HTTPRequest(url: server.url("flow/\(name)/\(64 * 1024 * 1024)"))
            request.options.maxResponseBytes = 64 * 1024 * 1024
            let response = try await transport.stream(request)
            try await server.wait(for: "stalled/\(name)")
            let before = clock()
            let other = try await failure { () async throws(TransportError) in
                var slow = HTTPRequest(url: server.url("hang/\(uniqueName())"))
                slow.options.totalTimeout = .seconds(1)
                return try await transport.send(slow)
            }
            #expect(other.code == .timeout)
            // Half of the second; a driver that spins uses all of it.
            #expect(clock() - before < CLOCKS_PER_SEC / 2)
            #expect(response.status == 200)
        }

        @Test func smallBufferPausesOften() async throws {
            let transport = try CurlTransport(configuration: .init(streamBufferBytes: 1))
            let response = try await transport.stream(HTTPRequest(url: server.url("bytes/1000000")))
            var body: [UInt8] = []
            for try await chunk in response.chunks { body += chunk }
            #expect(body == pattern(1_000_000))
        }

        @Test func emptyBodyEndsAtOnce() async throws {
            let response = try await transport.stream(HTTPRequest(url: server.url("status/204")))
            #expect(response.status == 204)
            for try await _ in response.chunks { Issue.record("a chunk of nothing") }
        }

        @Test func capAppliesToTheBody() async throws {
            var request = HTTPRequest(url: server.url("bytes/1000000"))
            request.options.maxResponseBytes = 500_000
            let response = try await transport.stream(request)
            var count = 0
            let error = try await failure { () async throws(TransportError) in
                for try await chunk in response.chunks { count += chunk.count }
            }
            #expect(error.code == .tooLarge)
            #expect(count <= 500_000)
        }

        @Test func totalTimeoutAppliesToTheBody() async throws {
            var request = HTTPRequest(url: server.url("partial/\(uniqueName())"))
            request.options.totalTimeout = .milliseconds(300)
            let response = try await transport.stream(request)
            let error = try await failure { () async throws(TransportError) in
                for try await _ in response.chunks {}
            }
            #expect(error.code == .timeout)
        }

        @Test func redirectsAreFollowedBeforeTheHead() async throws {
            var request = HTTPRequest(url: server.url("redirect/2"))
            request.options.followRedirects = 2
            let response = try await transport.stream(request)
            #expect(response.status == 200)
            var body: [UInt8] = []
            for try await chunk in response.chunks { body += chunk }
            #expect(body == Array("end".utf8))
            request.options.followRedirects = 1
            let error = try await failure { [request] () async throws(TransportError) in
                try await transport.stream(request)
            }
            #expect(error.code == .tooManyRedirects)
        }
    }
}
