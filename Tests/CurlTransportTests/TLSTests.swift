import CurlTransport
import Foundation
import Testing

extension TransportTests {
    @Suite struct TLS {
        let server: TestServer
        let transport: CurlTransport

        init() throws {
            server = try TestServer.shared
            transport = try CurlTransport()
        }

        private func request(
            _ port: TestServer.TLSListener,
            _ change: (inout TLSOptions) -> Void = { _ in }
        ) -> HTTPRequest {
            var tls = TLSOptions(caFile: server.file("authority.pem"))
            change(&tls)
            return HTTPRequest(url: server.url("echo", tls: port), options: HTTPOptions(tls: tls))
        }

        private func error(_ request: HTTPRequest) async throws -> TransportError {
            try await failure { () async throws(TransportError) in try await transport.send(request) }
        }

        @Test func ownAuthority() async throws {
            let response = try await transport.send(request(.good))
            let echo = try Echo(response)
            #expect(response.status == 200)
            #expect(echo.serverName == "localhost")
            #expect(response.timings.tls > response.timings.connect)
            #expect(response.timings.firstByte >= response.timings.tls)
            #expect(response.certificates.isEmpty)
            let again = try await transport.send(request(.good))
            #expect(again.reusedConnection)
        }

        @Test func ownAuthorityReplacesTheSystems() async throws {
            let error = try await error(request(.good) { $0.caFile = nil })
            #expect(error.code == .tlsUntrusted)
            let other = try await self.error(request(.good) { $0.caFile = server.file("stranger.pem") })
            #expect(other.code == .tlsUntrusted)
        }

        @Test func expired() async throws {
            let error = try await error(request(.expired))
            #expect(error.code == .tlsExpired)
            #expect(error.verifyResult == 10)
            #expect(!error.isRetryable)
        }

        @Test func wrongHost() async throws {
            let error = try await error(request(.elsewhere))
            #expect(error.code == .tlsHostname)
            #expect(error.curlCode == 60)
        }

        @Test func selfSigned() async throws {
            let error = try await error(request(.selfsigned))
            #expect(error.code == .tlsUntrusted)
            #expect(error.verifyResult == 18)
        }

        @Test func unknownIssuer() async throws {
            let error = try await error(request(.unknown))
            #expect(error.code == .tlsUntrusted)
            #expect([20, 21].contains(error.verifyResult))
        }

        @Test func notATLSServer() async throws {
            #expect(try await error(request(.raw)).code == .tls)
        }

        @Test func missingAuthorityFile() async throws {
            #expect(try await error(request(.good) { $0.caFile = "/nonexistent.pem" }).code == .tls)
        }

        @Test(arguments: [TestServer.TLSListener.selfsigned, .expired, .elsewhere, .unknown])
        func unverified(port: TestServer.TLSListener) async throws {
            #expect(try await transport.send(request(port) { $0.verifiesServer = false }).status == 200)
            // A connection that was not verified is not used for a request that wants it.
            _ = try await error(request(port))
        }

        @Test func clientCertificate() async throws {
            let certified = request(.mutual) {
                $0.clientCertificateFile = server.file("client.pem")
                $0.clientKeyFile = server.file("client.key")
            }
            #expect(try Echo(await transport.send(certified)).subject == ["client"])
            let error = try await error(request(.mutual))
            #expect([.tls, .reset, .receive].contains(error.code))
            let missing = try await self.error(request(.mutual) { $0.clientCertificateFile = "/nonexistent.pem" })
            #expect(missing.code == .tls)
        }

        @Test func minimumVersion() async throws {
            #expect(try await transport.send(request(.old)).status == 200)
            let strict = request(.old) { $0.minimumVersion = .tls13 }
            let fresh = try CurlTransport()
            let error = try await failure { () async throws(TransportError) in try await fresh.send(strict) }
            #expect(error.code == .tls)
            #expect(try await fresh.send(request(.good) { $0.minimumVersion = .tls13 }).status == 200)
        }

        @Test func capturedCertificates() async throws {
            let first = try await transport.send(request(.good) { $0.captureCertificates = true })
            let leaf = try #require(first.certificates.first)
            #expect(leaf.subject.contains("good"))
            #expect(leaf.issuer.contains("authority"))
            #expect(!leaf.notBefore.isEmpty)
            let end = try #require(leaf.notAfterEpochSeconds)
            let now = Int64(time(nil))
            #expect((now + 86_400...now + 2 * 86_400).contains(end))
            let second = try await transport.send(request(.good) { $0.captureCertificates = true })
            #expect(!second.certificates.isEmpty)
            let lenient = request(.expired) {
                $0.captureCertificates = true
                $0.verifiesServer = false
            }
            let past = try #require(await transport.send(lenient).certificates.first?.notAfterEpochSeconds)
            #expect(past < now)
        }

        @Test func pinnedAddressKeepsHostAndServerName() async throws {
            var request = request(.good)
            request.url = "https://pinned.test:\(server.ports.good)/echo"
            request.options.pinnedAddress = "127.0.0.1"
            let response = try await transport.send(request)
            let echo = try Echo(response)
            #expect(echo.serverName == "pinned.test")
            #expect(echo.values(for: "Host") == ["pinned.test:\(server.ports.good)"])
            #expect(response.remoteAddress == "127.0.0.1:\(server.ports.good)")
            // The name is still verified against the URL's host.
            request.url = "https://elsewhere.test:\(server.ports.good)/echo"
            #expect(try await error(request).code == .tlsHostname)
        }
    }
}
