import CurlTransport
import Glibc
import Testing

extension TransportTests {
    @Suite struct Addresses {
        let server: TestServer
        let transport: CurlTransport

        init() throws {
            server = try TestServer.shared
            transport = try CurlTransport()
        }

        @Test func unixSocket() async throws {
            var request = HTTPRequest(url: "http://unix.test/echo")
            request.options.unixSocketPath = server.file("http.socket")
            let response = try await transport.send(request)
            #expect(response.status == 200)
            #expect(response.remoteAddress == server.file("http.socket"))
            #expect(try Echo(response).values(for: "Host") == ["unix.test"])
            #expect(try await transport.send(request).reusedConnection)
        }

        @Test func missingUnixSocket() async throws {
            var request = HTTPRequest(url: "http://unix.test/echo")
            request.options.unixSocketPath = server.file("missing.socket")
            let error = try await failure { [request] () async throws(TransportError) in
                try await transport.send(request)
            }
            #expect(error.code == .unixSocket)
            #expect(error.description.contains("missing.socket"))
        }

        @Test func pinnedAddressInTheClear() async throws {
            // Both names lead to the same address, but a pinned connection is not used for another name or address.
            for name in ["one.test", "two.test"] {
                var request = HTTPRequest(url: "http://\(name):\(server.ports.plain)/echo")
                request.options.pinnedAddress = "127.0.0.1"
                let response = try await transport.send(request)
                #expect(try Echo(response).values(for: "Host") == ["\(name):\(server.ports.plain)"])
                #expect(!response.reusedConnection)
                request.options.pinnedAddress = "127.0.0.2"
                let error = try await failure { [request] () async throws(TransportError) in
                    try await transport.send(request)
                }
                #expect(error.code == .connect)
            }
        }

        @Test func environmentProxyIsUsedOnlyWhenAsked() async {
            // In a process of its own, because the environment belongs to the whole process.
            await #expect(processExitsWith: .success) {
                let server = try TestServer.shared
                setenv("http_proxy", "http://127.0.0.1:\(server.ports.refused)", 1)
                let request = HTTPRequest(url: server.url("number/1"))
                #expect(try await CurlTransport().send(request).status == 200)
                let asking = try CurlTransport(configuration: .init(usesEnvironmentProxy: true))
                let error = try await failure { () async throws(TransportError) in try await asking.send(request) }
                #expect(error.code == .connect)
            }
        }
    }
}
