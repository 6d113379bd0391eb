import CurlTransport
import Glibc
import Testing

extension TransportTests {
    @Suite(.enabled("HTTP/2 needs nginx, which is not installed") { TestServer.isHTTP2Available })
    struct HTTP2 {
        let server: TestServer
        let transport: CurlTransport

        init() throws {
            server = try TestServer.shared
            transport = try CurlTransport()
        }

        private var clear: String { "http://127.0.0.1:\(server.ports.http2)" }
        private var secured: String { "https://localhost:\(server.ports.http2TLS)" }

        private func options(_ version: HTTPVersionPreference) -> HTTPOptions {
            HTTPOptions(tls: TLSOptions(caFile: server.file("authority.pem")), version: version)
        }

        @Test func agreedByALPN() async throws {
            for version in [HTTPVersionPreference.automatic, .http2, .http2PriorKnowledge] {
                let request = HTTPRequest(url: "\(secured)/a", options: options(version))
                let response = try await transport.send(request)
                #expect(response.version == "2")
                let words = "HTTP/2.0 GET /a localhost:\(server.ports.http2TLS) localhost"
                #expect(String(decoding: response.body, as: UTF8.self) == words)
                #expect(response.reusedConnection || response.timings.tls > response.timings.connect)
            }
        }

        @Test func notOfferedWhenOldIsAsked() async throws {
            let response = try await transport.send(HTTPRequest(url: "\(secured)/a", options: options(.http1)))
            #expect(response.version == "1.1")
        }

        @Test func priorKnowledgeInTheClear() async throws {
            let body = pattern(1_000_000)
            let url = "\(clear)/through/echo-body"
            let options = options(.http2PriorKnowledge)
            let request = HTTPRequest(method: "POST", url: url, body: body, options: options)
            let response = try await transport.send(request)
            #expect(response.version == "2")
            #expect(response.body == body)
            let again = HTTPRequest(url: "\(clear)/again", options: options)
            #expect(String(decoding: try await transport.send(again).body, as: UTF8.self).hasPrefix("HTTP/2.0 GET"))
        }

        @Test func clearWithoutPriorKnowledgeIsOld() async throws {
            let request = HTTPRequest(url: server.url("number/1"), options: options(.http2))
            #expect(try await transport.send(request).version == "1.1")
        }

        @Test func streamsShareAConnection() async throws {
            let url = secured
            let options = options(.http2)
            let start = ContinuousClock.now
            let responses = try await withThrowingTaskGroup(of: (Int, HTTPResponse).self) { group in
                for number in 0..<200 {
                    group.addTask {
                        (number, try await transport.send(HTTPRequest(url: "\(url)/n/\(number)", options: options)))
                    }
                }
                return try await group.reduce(into: [(Int, HTTPResponse)]()) { $0.append($1) }
            }
            #expect(responses.count == 200)
            // Without the driver's bound on sleeping, libcurl 7.88 lets some streams wait for the next timeout.
            #expect(start.duration(to: .now) < .seconds(8))
            for (number, response) in responses {
                #expect(response.version == "2")
                #expect(String(decoding: response.body, as: UTF8.self).contains("GET /n/\(number) "))
            }
            #expect(responses.filter { !$0.1.reusedConnection }.count <= 2)
        }

        @Test func streamedWithASmallBuffer() async throws {
            let transport = try CurlTransport(configuration: .init(streamBufferBytes: 1_000))
            let url = "\(clear)/file"
            let response = try await transport.stream(HTTPRequest(url: url, options: options(.http2PriorKnowledge)))
            var body: [UInt8] = []
            for try await chunk in response.chunks { body += chunk }
            #expect(response.version == "2")
            #expect(body == pattern(1_000_000))
        }

        @Test func pausedStreamUsesNoProcessor() async throws {
            let transport = try CurlTransport(configuration: .init(streamBufferBytes: 1_000))
            let response = try await transport.stream(HTTPRequest(url: "\(secured)/file", options: options(.http2)))
            let before = clock()
            let other = try await failure { () async throws(TransportError) in
                var slow = HTTPRequest(url: server.url("hang/\(uniqueName())"))
                slow.options.totalTimeout = .seconds(1)
                return try await transport.send(slow)
            }
            #expect(other.code == .timeout)
            #expect(clock() - before < CLOCKS_PER_SEC / 2)
            var count = 0
            for try await chunk in response.chunks { count += chunk.count }
            #expect(count == 1_000_000)
        }

        @Test func cancelledStreamLeavesTheConnection() async throws {
            let endless = HTTPRequest(url: "\(secured)/through/partial/\(uniqueName())", options: options(.http2))
            let first = try await transport.stream(endless)
            let task = Task {
                for try await _ in first.chunks {}
            }
            task.cancel()
            _ = await task.result
            let quick = HTTPRequest(url: "\(secured)/after", options: options(.http2))
            let response = try await transport.send(quick)
            #expect(response.reusedConnection)
        }
    }
}
