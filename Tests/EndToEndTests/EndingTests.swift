import Foundation
import Testing

/// The other ends of a swap: rolled back, undone, retired, settled later; and what must never be written down.
@Suite(.serialized, .enabled(if: Tools.areInstalled, "missing: \(Tools.missing)"))
struct EndingTests {
    @Test(arguments: ["answers", "start"]) func brokenUpdateIsRolledBack(_ broken: String) async throws {
        try await Fixture.with { fixture in
            let publish = try fixture.start([
                "sh", Tools.checkout + "/scripts/local-image", "publish", fixture.folder + "/img", "--version", "9.0",
                "--broken", broken,
            ])
            #expect(try await publish.end() == 0, "\(publish.transcript)")
            let servers = try fixture.servers()
            let load = try await fixture.startLoad()
            let run = try await fixture.run(["swap", "web-1", "--output", "jsonl"])
            #expect(run.code == 2, "\(run.transcript)")
            let swap = try #require(SwapLine.lines(of: run.output).last?.swap)
            let status = try await fixture.status(swap)
            #expect(status.state == "rolledBack" && status.explanation.contains("web/health"), "\(status.explanation)")
            let summary = try String(contentsOfFile: status.evidence + "/SUMMARY.txt", encoding: .utf8)
            #expect(summary.contains("FAIL  web/health"), "\(summary)")
            #expect(summary.contains(broken == "answers" ? "assertion:0" : "connect"), "\(summary)")
            #expect(try fixture.page().contains("web-1 demo-web 1.0"))
            #expect(try fixture.servers() == servers, "HAProxy is as it was")
            #expect(try await fixture.document([OrphanListing].self, ["orphans", "list"]).isEmpty)
            let count = try await load.end()
            #expect(count.failed == 0, "\(count.failures)")
            #expect(Array(count.answeredBy.keys) == ["web-1 demo-web 1.0"])
            print("rolled back (\(broken)): \(count.requests) requests, \(count.failed) failed")

            let archive = fixture.folder + "/evidence.tar.gz"
            #expect(try await fixture.run(["evidence", swap, "--out", archive]).code == 0)
            let names = try await fixture.python(
                "import sys, tarfile; print(tarfile.open(sys.argv[1]).getnames())", [archive])
            #expect(names.contains("\(swap)/SUMMARY.txt"), "\(names)")
        }
    }

    @Test func undoBringsTheOriginalBack() async throws {
        try await Fixture.with { fixture in
            let load = try await fixture.startLoad()
            let swap = try await Journeys.swapThenUndo(fixture)
            let count = try await load.end()
            #expect(count.failed == 0, "\(count.failures)")
            #expect(count.answeredBy.keys.sorted() == ["web-1 demo-web 1.0", "web-1 demo-web 1.1"])
            #expect(try await fixture.status(swap).state == "rolledBack")
            #expect(try fixture.page().contains("web-1 demo-web 1.0"))
            let running = try await fixture.instances().filter { $0.instance.state != "terminated" }
            #expect(running.map(\.instance.id) == [fixture.original])
            #expect(try await Store.check(fixture) == "ok")
            print("undo: \(count.requests) requests, \(count.failed) failed")
        }
    }

    @Test func retireThenSwapTheReplacement() async throws {
        try await Fixture.with { fixture in
            let load = try await fixture.startLoad()
            let first = try await Journeys.swap(fixture)
            // While the original is held, its name is in use and says so.
            let early = try await fixture.run(["swap", "web-1"])
            #expect(early.code == 4 && early.errors.contains(first), "\(early.transcript)")
            let replacement = try #require(try await fixture.status(first).replacement)
            let replacementEarly = try await fixture.run(["swap", replacement])
            #expect(
                replacementEarly.code == 4 && replacementEarly.errors.contains(first), "\(replacementEarly.transcript)")

            let retire = try await fixture.run(["retire", first])
            #expect(retire.code == 0, "\(retire.transcript)")
            #expect(try await fixture.status(first).state == "succeeded")
            let undo = try await fixture.run(["undo", first])
            #expect(undo.code == 4, "past the point of no return: \(undo.transcript)")

            let second = try await Journeys.swap(fixture)
            let retired = try await fixture.run(["retire", second])
            #expect(retired.code == 0, "\(retired.transcript)")
            let count = try await load.end()
            #expect(count.failed == 0, "\(count.failures)")
            let instances = try await fixture.instances()
            #expect(instances.count { $0.instance.state == "running" } == 1)
            #expect(instances.count { $0.instance.state == "terminated" } == 2)
            #expect(try await fixture.document([OrphanListing].self, ["orphans", "list"]).isEmpty)
            #expect(try await Store.check(fixture) == "ok")
            print("retire, swap again, retire: \(count.requests) requests, \(count.failed) failed")
        }
    }

    @Test func dueSettlesHoldsAndInterruptedSwaps() async throws {
        try await Fixture.with(policy: Policy(hold: "1s")) { fixture in
            let driver = try fixture.changeover(["swap", "web-1", "--output", "jsonl"])
            let swap = try await fixture.line(of: driver) { $0.state == "verifying" }.swap
            try await driver.kill9()
            let settled = try await fixture.run(["resume", "--due"])
            #expect(settled.code == 0, "\(settled.transcript)")
            if try await fixture.status(swap).state == "holding" {
                let until = try #require(try await fixture.status(swap).holdUntilMilliseconds)
                try await eventually("the hold ends") { Int64(Date().timeIntervalSince1970 * 1000) >= until }
                let due = try await fixture.run(["resume", "--due"])
                #expect(due.code == 0, "\(due.transcript)")
            }
            #expect(try await fixture.status(swap).state == "succeeded")
            #expect(try fixture.page().contains("web-1 demo-web 1.1"))
            let running = try await fixture.instances().filter { $0.instance.state != "terminated" }
            #expect(running.count == 1)
            let nothing = try await fixture.run(["resume", "--due"])
            #expect(nothing.code == 0 && nothing.output.contains("Nothing is due"), "\(nothing.transcript)")
        }
    }

    /// A secret is sent as a header field to a server that answers with it, so that it comes back in a failing check.
    @Test(arguments: ["canary-31b8f0c2", #"can"ary\31b8'f0c2"#]) func secretsAreWrittenNowhere(_ canary: String)
        async throws
    {
        try await Fixture.with { fixture in
            let port = try Sockets.freePort()
            let echo = try fixture.start(["python3", "-c", Servers.echo, fixture.originalAddress, "\(port)"])
            try await eventually("the server listens", else: { echo.transcript }) { echo.output.contains("listening") }
            let more = """
                  - id: token
                    http: {port: \(port), headers: {X-Token: "${env:CANARY}"}}
                    assert: [{body: {equals: welcome}}]
                    phase: [verify]

                """
            try fixture.write(
                Texts.check(headers: #", headers: {X-Token: "${env:CANARY}"}"#, more: more), to: "healthchecks/web.yaml"
            )
            let driver = try fixture.changeover(["swap", "web-1"], environment: ["CANARY": canary])
            var exposed: Set<pid_t> = []
            try await eventually("the swap ends", within: .seconds(60), else: { driver.transcript }) {
                exposed.formUnion(ProcessScan.processes(withArgument: canary))
                return driver.exitCode != nil
            }
            #expect(driver.exitCode == 2, "\(driver.transcript)")
            #expect(exposed.isEmpty, "the secret was an argument of \(exposed)")
            #expect(echo.output.contains("asked with \(canary)"), "the secret did reach the server: \(echo.transcript)")
            let swap = try #require(try await fixture.swaps().first?.id)
            let outputs = [
                driver.output + driver.errors,
                try await fixture.run(["logs", swap], environment: ["CANARY": canary]).output,
                try await fixture.run(["explain", swap, "--output", "json"]).output,
            ]
            let archive = fixture.store + "/evidence.tar.gz"
            #expect(
                try await fixture.run(["evidence", swap, "--out", archive], environment: ["CANARY": canary]).code == 0)
            _ = try await fixture.python(
                "import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[1] + '.d')", [archive])
            for form in Self.forms(of: canary) {
                for output in outputs { #expect(!output.contains(form), "printed: \(output)") }
                #expect(Self.files(below: fixture.store, containing: form).isEmpty, "\(form)")
            }
            let evidence = try await fixture.status(swap).evidence
            let summary = try String(contentsOfFile: evidence + "/SUMMARY.txt", encoding: .utf8)
            #expect(summary.contains("FAIL  web/token"), "\(summary)")
        }
    }

    /// The secret as it is, and as JSON would have it.
    private static func forms(of secret: String) -> Set<String> {
        let json = secret.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
        let twice = json.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
        return [secret, json, twice]
    }

    private static func files(below folder: String, containing text: String) -> [String] {
        let names = FileManager.default.enumerator(atPath: folder)?.allObjects.compactMap { $0 as? String } ?? []
        return names.filter { ProcessScan.mentions(text, "\(folder)/\($0)") }
    }
}

/// Small servers that stand on the addresses of a fixture's instances.
enum Servers {
    /// Answers each request with its own X-Token.
    ///
    /// On eight addresses, the original's and those that follow it, so that the replacement's is among them.
    static let echo = """
        import http.server, sys, threading
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                token = self.headers.get("X-Token", "")
                print("asked with " + token, flush=True)
                body = ("no such token: " + token + "\\n").encode()
                self.send_response(401)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("X-Seen", token)
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *rest): pass
        block, first = sys.argv[1].rsplit(".", 1)
        for host in ((int(first) - 1 + n) % 254 + 1 for n in range(8)):
            server = http.server.ThreadingHTTPServer((block + ".%d" % host, int(sys.argv[2])), Handler)
            threading.Thread(target=server.serve_forever, daemon=True).start()
        print("listening", flush=True)
        threading.Event().wait()
        """

    /// Speaks TLS with the certificate and key of the files given, and answers every request with 200.
    static let tls = """
        import http.server, ssl, sys, threading
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
            def log_message(self, *rest): pass
        block, first = sys.argv[1].rsplit(".", 1)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
        for host in ((int(first) - 1 + n) % 254 + 1 for n in range(8)):
            server = http.server.ThreadingHTTPServer((block + ".%d" % host, int(sys.argv[2])), Handler)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
        print("listening", flush=True)
        threading.Event().wait()
        """
}
