import CurlTransport
import Foundation
import Testing

extension TransportTests {
    @Suite struct HTTP {
        let server: TestServer
        let transport: CurlTransport

        init() throws {
            server = try TestServer.shared
            transport = try CurlTransport()
        }

        @Test func getOverHTTP1() async throws {
            let response = try await transport.send(HTTPRequest(url: server.url("bytes/10000")))
            #expect(response.status == 200)
            #expect(response.version == "1.1")
            #expect(response.body == pattern(10_000))
            #expect(response.remoteAddress == "127.0.0.1:\(server.ports.plain)")
            #expect(!response.reusedConnection)
            #expect(response.values(for: "CONTENT-length") == ["10000"])
        }

        @Test func everyStatusIsAnAnswer() async throws {
            for status in [200, 204, 304, 400, 401, 404, 500, 503] {
                let response = try await transport.send(HTTPRequest(url: server.url("status/\(status)")))
                #expect(response.status == status)
            }
        }

        @Test func headersKeepOrderAndDuplicates() async throws {
            let response = try await transport.send(HTTPRequest(url: server.url("duplicates")))
            let expected = [("Set-Cookie", "a=1"), ("X-Other", "x"), ("set-cookie", "b=2"), ("X-Empty", "")]
            #expect(response.headers.prefix(4) == expected.map { HTTPHeader(name: $0.0, value: $0.1) }[...])
            #expect(response.values(for: "set-cookie") == ["a=1", "b=2"])
        }

        @Test func interimAnswersAndTrailersAreLeftOut() async throws {
            let interim = try await transport.send(HTTPRequest(url: server.url("interim")))
            #expect(interim.status == 200)
            #expect(interim.values(for: "Link").isEmpty)
            #expect(interim.values(for: "X-Final") == ["yes"])
            let trailers = try await transport.send(HTTPRequest(url: server.url("trailers")))
            #expect(String(decoding: trailers.body, as: UTF8.self) == "hello world")
            #expect(trailers.values(for: "X-Sum").isEmpty)
        }

        @Test func requestHeadersAreSentAsGiven() async throws {
            let headers = [
                HTTPHeader(name: "X-One", value: "a: b; c"),
                HTTPHeader(name: "X-Two", value: "1"),
                HTTPHeader(name: "X-Two", value: "2"),
                HTTPHeader(name: "X-Empty", value: ""),
                HTTPHeader(name: "X-Blank", value: "  "),
            ]
            let request = HTTPRequest(url: server.url("echo/a/../b?q=%20"), headers: headers)
            let echo = try Echo(await transport.send(request))
            #expect(echo.path == "/echo/a/../b?q=%20")
            #expect(echo.values(for: "X-One") == ["a: b; c"])
            #expect(echo.values(for: "X-Two") == ["1", "2"])
            #expect(echo.values(for: "X-Empty") == [""])
            #expect(echo.values(for: "X-Blank") == [""])
            #expect(echo.values(for: "Host") == ["127.0.0.1:\(server.ports.plain)"])
        }

        @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"])
        func methodsCarryBodies(method: String) async throws {
            let with = HTTPRequest(method: method, url: server.url("echo"), body: Array("hello".utf8))
            let echo = try Echo(await transport.send(with))
            #expect(echo.method == method)
            #expect(echo.length == 5)
            #expect(echo.values(for: "Content-Type").isEmpty)
            let without = try Echo(await transport.send(HTTPRequest(method: method, url: server.url("echo"))))
            #expect(without.method == method)
            let announcesLength = ["POST", "PUT", "PATCH"].contains(method)
            #expect(without.values(for: "Content-Length") == (announcesLength ? ["0"] : []))
        }

        @Test func headHasNoBody() async throws {
            let response = try await transport.send(HTTPRequest(method: "HEAD", url: server.url("bytes/5000")))
            #expect(response.status == 200)
            #expect(response.values(for: "Content-Length") == ["5000"])
            #expect(response.body.isEmpty)
            let refusal = try await failure { () async throws(TransportError) in
                try await transport.send(HTTPRequest(method: "HEAD", url: server.url("echo"), body: [1]))
            }
            #expect(refusal.code == .invalidRequest)
        }

        @Test func largeUploadArrivesWhole() async throws {
            let body = pattern(5_000_000)
            let request = HTTPRequest(method: "PUT", url: server.url("echo-body"), body: body)
            let response = try await transport.send(request)
            #expect(response.body == body)
            let empty = try await transport.send(HTTPRequest(method: "POST", url: server.url("echo-body"), body: []))
            #expect(empty.body.isEmpty)
        }

        @Test func contentLengthMayOnlyConfirmTheBody() async throws {
            let right = [HTTPHeader(name: "content-length", value: "3")]
            let request = HTTPRequest(method: "POST", url: server.url("echo"), headers: right, body: [1, 2, 3])
            #expect(try Echo(await transport.send(request)).values(for: "Content-Length") == ["3"])
            for header in [
                HTTPHeader(name: "Content-Length", value: "4"), HTTPHeader(name: "Transfer-Encoding", value: "chunked"),
            ] {
                var wrong = request
                wrong.headers = [header]
                let refusal = try await failure { [wrong] () async throws(TransportError) in
                    try await transport.send(wrong)
                }
                #expect(refusal.code == .invalidRequest)
            }
        }

        @Test func connectionsAreReusedUnlessForbidden() async throws {
            let first = try await transport.send(HTTPRequest(url: server.url("echo")))
            let second = try await transport.send(HTTPRequest(url: server.url("echo")))
            #expect(!first.reusedConnection)
            #expect(second.reusedConnection)
            #expect(try Echo(first).connection == Echo(second).connection)
            var fresh = HTTPRequest(url: server.url("echo"))
            fresh.options.reuseConnection = false
            let third = try await transport.send(fresh)
            #expect(!third.reusedConnection)
            #expect(try Echo(third).connection != Echo(first).connection)
            let fourth = try await transport.send(HTTPRequest(url: server.url("echo")))
            #expect(try Echo(fourth).connection == Echo(first).connection)
        }

        @Test func redirectsAreFollowedOnlyWhenAsked() async throws {
            var request = HTTPRequest(url: server.url("redirect/3"))
            let response = try await transport.send(request)
            #expect(response.status == 302)
            #expect(response.values(for: "Location") == ["/redirect/2"])
            #expect(String(decoding: response.body, as: UTF8.self) == "moved")
            request.options.followRedirects = 3
            let followed = try await transport.send(request)
            #expect(followed.status == 200)
            #expect(String(decoding: followed.body, as: UTF8.self) == "end")
            #expect(followed.values(for: "Location").isEmpty)
            request.options.followRedirects = 2
            let error = try await failure { [request] () async throws(TransportError) in
                try await transport.send(request)
            }
            #expect(error.code == .tooManyRedirects)
        }

        @Test func bodyCapIsExact() async throws {
            var request = HTTPRequest(url: server.url("bytes/100000"))
            request.options.maxResponseBytes = 100_000
            #expect(try await transport.send(request).body.count == 100_000)
            request.options.maxResponseBytes = 99_999
            let error = try await failure { [request] () async throws(TransportError) in
                try await transport.send(request)
            }
            #expect(error.code == .tooLarge)
            #expect(!error.isRetryable)
            request.method = "HEAD"
            #expect(try await transport.send(request).status == 200)
        }

        @Test func headIsCapped() async throws {
            let error = try await failure { () async throws(TransportError) in
                try await transport.send(HTTPRequest(url: server.url("big-head")))
            }
            #expect(error.code == .tooLarge)
        }

        @Test func timingsAreMonotone() async throws {
            let response = try await transport.send(HTTPRequest(url: server.url("bytes/10")))
            let timings = response.timings
            #expect(timings.resolve >= .zero)
            #expect(timings.connect >= timings.resolve)
            #expect(timings.tls == timings.connect)
            #expect(timings.firstByte > timings.tls)
            #expect(timings.total >= timings.firstByte)
            #expect(timings.total < .seconds(10))
        }

        @Test(arguments: ["reset", "close"])
        func resetBeforeTheAnswer(route: String) async throws {
            let error = try await failure { () async throws(TransportError) in
                try await transport.send(HTTPRequest(url: server.url(route)))
            }
            #expect(error.code == .reset)
            #expect(error.isRetryable)
        }

        @Test func truncatedAnswer() async throws {
            let error = try await failure { () async throws(TransportError) in
                try await transport.send(HTTPRequest(url: server.url("truncate")))
            }
            #expect(error.code == .reset)
        }

        @Test func resetMidway() async throws {
            let name = uniqueName()
            let response = try await transport.stream(HTTPRequest(url: server.url("reset-midway/\(name)")))
            var iterator = response.chunks.makeAsyncIterator()
            #expect(try await iterator.next() == Array("0123456789".utf8))
            try await server.set("release/\(name)")
            let error = try await failure { () async throws(TransportError) in try await iterator.next() }
            #expect(error.code == .reset)
        }

        @Test func refusedConnection() async throws {
            let request = HTTPRequest(url: "http://u:secret@127.0.0.1:\(server.ports.refused)/p?q=secret")
            let error = try await failure { () async throws(TransportError) in try await transport.send(request) }
            #expect(error.code == .connect)
            #expect(error.curlCode == 7)
            #expect(error.description.contains("127.0.0.1:\(server.ports.refused)"))
            #expect(!error.description.contains("secret"))
        }

        @Test(.needsResolverDouble) func unknownHost() async throws {
            var lookups = ResolverDouble.shared.expectLookup(of: "nothing.invalid").makeAsyncIterator()
            let error = try await failure { () async throws(TransportError) in
                try await transport.send(HTTPRequest(url: "http://nothing.invalid/"))
            }
            await lookups.next()
            #expect(error.code == .dns)
            #expect(error.isRetryable)
        }

        @Test func answersThatAreNotHTTP() async throws {
            let error = try await failure { () async throws(TransportError) in
                try await transport.send(HTTPRequest(url: server.url("nonsense")))
            }
            #expect(error.code == .protocolError)
        }
    }
}
