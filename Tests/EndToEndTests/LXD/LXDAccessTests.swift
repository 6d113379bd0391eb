import Foundation
import Testing

extension LXDTests {
    /// Ways to the server that work, and that do not.
    @Suite struct AccessTests {
        /// Has LXD listen on a port of the loopback, with one client whose certificate it trusts and one it does not.
        private func listen(_ world: LXDWorld) async throws -> Int {
            let port = try Sockets.freePort()
            try await world.lxc(["config", "set", "core.https_address=127.0.0.1:\(port)"])
            for name in ["client", "stranger"] {
                let made = try world.start([
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days",
                    "2", "-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).crt",
                ])
                guard try await made.end() == 0 else { throw Failed(made.transcript) }
            }
            try await world.lxc(["config", "trust", "add", world.folder + "/client.crt", "--name", "changeover-e2e"])
            return port
        }

        private func stopListening(_ world: LXDWorld) async throws {
            try await world.lxc(["config", "unset", "core.https_address"])
            struct Trusted: Decodable {
                var fingerprint: String
                var name: String
            }
            let text = try await world.lxc(["query", "/1.0/certificates?recursion=1"])
            for trusted in try JSONDecoder().decode([Trusted].self, from: Data(text.utf8)) {
                try await world.lxc(["config", "trust", "remove", trusted.fingerprint])
            }
        }

        private func settings(_ provider: String) -> LXDTexts.Settings {
            var settings = LXDTexts.Settings()
            settings.provider = provider
            return settings
        }

        private static func remote(_ port: Int, _ client: String, _ more: String) -> String {
            "{url: \"https://127.0.0.1:\(port)\", clientCertificate: \(client).crt, clientKey: \(client).key\(more)}"
        }

        @Test func httpsWithAClientCertificate() async throws {
            try await LXDWorld.with { world in
                try await world.launch("web-1")
                let port = try await listen(world)
                let server = ", serverCertificate: \(LXDLab.folder)/lxd/server.crt"
                try world.configure(settings(Self.remote(port, "client", server)))
                let held = try await world.swap("web-1")
                #expect(held.state == "holding")
                let replacement = try #require(held.replacement)
                #expect(try await world.names("Running") == [replacement])
                #expect(try await world.pending(replacement) == [])

                // The server's own certificate, but a client that it does not know.
                try world.configure(settings(Self.remote(port, "stranger", server)))
                try await refused(["trust", "certificate"], "a client that the server does not trust", world)
                // A client that it knows, but a server whose certificate nobody vouches for.
                try world.configure(settings(Self.remote(port, "client", "")))
                try await refused(["certificate", "serverCertificate"], "a server that is not trusted", world)
                // The same, with the certificate of another.
                try world.configure(settings(Self.remote(port, "client", ", serverCertificate: stranger.crt")))
                try await refused(["certificate"], "another's certificate", world)
                try await stopListening(world)
                try world.configure(settings(Self.remote(port, "client", server)))
                try await refused(["127.0.0.1:\(port)"], "nobody listens", world)
            }
        }

        /// Claims that a swap is refused in these words and that nothing is launched.
        private func refused(_ words: [String], _ what: String, _ world: LXDWorld) async throws {
            let before = try await world.look().keys.sorted()
            let run = try await world.run(["swap", try await world.names("Running").first ?? "web-1"])
            #expect(run.code == 4, "\(what): \(run.transcript)")
            for word in words { #expect(run.errors.contains(word), "\(what): no `\(word)` in \(run.transcript)") }
            #expect(try await world.look().keys.sorted() == before, "\(what)")
            print(
                "LXD: \(what): exit code \(run.code): \(run.errors.replacingOccurrences(of: world.folder, with: "…"))")
        }

        @Test func noSocket() async throws {
            try await LXDWorld.with(settings: settings("{socket: gone.socket}")) { world in
                try await refused(["gone.socket", "The setting socket names another"], "no socket", world)
            }
        }

        @Test(.enabled(if: geteuid() == 0, "only root can run a program as somebody else"))
        func socketWithoutPermission() async throws {
            try await LXDWorld.with { world in
                // Nobody must be able to read the program and to write the store.
                // Copied by a program: a copy that this process writes could not be run while a child of another test,
                // started meanwhile, still has it open.
                let copy = try world.start(["cp", Tools.changeover, "changeover"])
                guard try await copy.end() == 0 else { throw Failed(copy.transcript) }
                chown(world.folder, 65534, 65534)
                let program = try world.start([
                    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "./changeover", "swap", "web-1",
                ])
                #expect(try await program.end() == 4, "\(program.transcript)")
                #expect(program.errors.contains(LXDLab.socket), "\(program.transcript)")
                #expect(program.errors.contains("may not open"), "\(program.transcript)")
                #expect(try await world.look().isEmpty)
                print("LXD: socket without permission: \(program.errors)")
            }
        }
    }
}
