import Foundation
import Testing

/// What is wrong, said clearly and with the right exit code, and nothing changed by it.
@Suite(.serialized, .enabled(if: Tools.areInstalled, "missing: \(Tools.missing)"))
struct FailureTableTests {
    /// One row of the table.
    struct Row: Sendable {
        var what: String
        var arguments: [String]
        var code: Int32
        /// What the message must contain, all of it.
        var fragments: [String]
        /// Files to write for this row only.
        var files: [String: Data] = [:]
        var folder: String?

        init(
            _ what: String, _ arguments: [String], _ code: Int32, _ fragments: [String],
            files: [String: String] = [:], folder: String? = nil
        ) {
            (self.what, self.arguments, self.code, self.fragments, self.folder) = (
                what, arguments, code, fragments, folder
            )
            self.files = files.mapValues { Data($0.utf8) }
        }
    }

    @Test func everyRow() async throws {
        try await Fixture.with { fixture in
            let rows = WrongFiles.playbooks + WrongFiles.checks + WrongFiles.configurations + wrongWorld(fixture)
            for row in rows { try await expect(row, fixture) }
            print("failure table: \(rows.count) rows; after each, journal, provider and HAProxy are as they were")
        }
    }

    private func wrongWorld(_ fixture: Fixture) -> [Row] {
        let good = Texts.playbook(Policy())
        return [
            Row(
                "unknown instance", ["swap", "web-7"], 4,
                ["there is no instance web-7", "web-1", "changeover instances"]),
            Row("unknown swap", ["resume", "swap-zzzzzz"], 4, ["there is no swap swap-zzzzzz"]),
            Row("unknown verb", ["swop", "web-1"], 64, ["swop"], folder: "empty"),
            Row("unknown option", ["swap", "web-1", "--forse"], 64, ["--forse"]),
            Row(
                "HAProxy's socket absent", ["swap", "web-1", "--playbook", "x/p.yaml"], 4,
                ["\(fixture.folder)/gone.sock"],
                files: ["x/p.yaml": good.replacingOccurrences(of: "haproxy.sock", with: "gone.sock")]),
            Row(
                "HAProxy's backend unknown", ["swap", "web-1", "--playbook", "x/p.yaml"], 4, ["elsewhere"],
                files: ["x/p.yaml": good.replacingOccurrences(of: "backend: web", with: "backend: elsewhere")]),
            Row(
                "image missing", ["swap", "web-1", "--playbook", "x/p.yaml"], 4, ["nosuch"],
                files: ["x/p.yaml": good + "launch: {image: {id: nosuch}}\n"]),
            Row(
                "image missing, planned", ["plan", "web-1", "--playbook", "x/p.yaml"], 4, ["nosuch"],
                files: ["x/p.yaml": good + "launch: {image: {id: nosuch}}\n"]),
            Row(
                "check file missing", ["swap", "web-1", "--playbook", "x/p.yaml"], 64, ["healthchecks/gone.yaml"],
                files: [
                    "x/p.yaml": good.replacingOccurrences(of: "healthchecks/web.yaml", with: "healthchecks/gone.yaml")
                ]),
            Row("playbook missing", ["swap", "web-1", "--playbook", "x/gone.yaml"], 64, ["x/gone.yaml"]),
            Row(
                "zero checks", ["swap", "web-1", "--playbook", "x/p.yaml"], 64, ["x/p.yaml"],
                files: [
                    "x/p.yaml": good.replacingOccurrences(
                        of: "[healthchecks/web.yaml, healthchecks/patched.yaml]", with: "[]")
                ]),
            Row(
                "no check that verifies", ["swap", "web-1", "--playbook", "x/p.yaml"], 64, ["verify"],
                files: [
                    "x/p.yaml": Texts.playbook(Policy(checks: ["bake.yaml"])),
                    "x/bake.yaml": Texts.check().replacingOccurrences(
                        of: "[baseline, verify, bake, rollback]", with: "[bake]"),
                ]),
            Row(
                "no configuration", ["swap", "web-1"], 64, ["there is no configuration", "changeover init"],
                folder: "empty"),
            Row(
                "plan file is none", ["swap", "--plan", "x/plan.json"], 64, ["is no plan"], files: ["x/plan.json": "{}"]
            ),
        ]
    }

    /// Runs one row and compares everything before and after it.
    private func expect(_ row: Row, _ fixture: Fixture) async throws {
        for (name, content) in row.files { try fixture.write(content, to: name) }
        try FileManager.default.createDirectory(atPath: fixture.folder + "/empty", withIntermediateDirectories: true)
        let before = Fingerprint(of: fixture.store)
        let servers = try fixture.servers()
        var arguments = [Tools.changeover] + row.arguments
        if row.folder == nil, !row.arguments.contains("--config") {
            arguments += ["--config", fixture.folder + "/changeover.yaml"]
        }
        let program = try fixture.start(arguments, in: row.folder.map { "\(fixture.folder)/\($0)" })
        let code = try await program.end()
        #expect(code == row.code, "\(row.what): \(program.transcript)")
        for fragment in row.fragments {
            #expect(
                (program.output + program.errors).contains(fragment),
                "\(row.what): no `\(fragment)` in \(program.transcript)")
        }
        #expect(Fingerprint(of: fixture.store).differences(to: before).isEmpty, "\(row.what)")
        #expect(try fixture.servers() == servers, "\(row.what)")
        try? FileManager.default.removeItem(atPath: fixture.folder + "/x")
        let said =
            (program.errors + program.output).split(separator: "\n").first {
                row.fragments.first.map($0.contains) ?? true
            } ?? ""
        let short = said.replacingOccurrences(of: fixture.folder, with: "…").prefix(150)
        print("| \(row.what) | \(row.arguments.joined(separator: " ")) | \(code) | \(short) |")
    }

    /// A disk that is full before a swap begins, and one that fills up while a swap waits.
    @Test(.enabled(if: Tools.canMount, "a file system can only be mounted by root"))
    func fullDisk() async throws {
        try await Fixture.with(policy: Policy(approval: "ask")) { fixture in
            let disk = try mount(fixture, "size=2m")
            try fixture.write(Texts.configuration(store: disk), to: "changeover.yaml")
            fill(disk)
            let servers = try fixture.servers()
            let instances = Fingerprint(of: fixture.instancesFolder)
            let refused = try await fixture.run(["swap", "web-1"])
            #expect(refused.code == 4 && refused.errors.contains("full"), "\(refused.transcript)")
            #expect(Fingerprint(of: fixture.instancesFolder) == instances)
            #expect(try fixture.servers() == servers)
            try FileManager.default.removeItem(atPath: disk + "/filler")

            let waiting = try await fixture.run(["swap", "web-1"])
            #expect(waiting.code == 5, "\(waiting.transcript)")
            let swap = try #require(try await fixture.swaps().first?.id)
            fill(disk)
            let approve = try await fixture.run(["approve", swap])
            #expect(approve.code == 3 || approve.code == 4, "\(approve.transcript)")
            #expect(approve.errors.contains("full"), "\(approve.transcript)")
            #expect(try await fixture.status(swap).state == "awaitingApproval")
            #expect(try fixture.serving() == [fixture.originalAddress], "what cannot be recorded is not done")

            try FileManager.default.removeItem(atPath: disk + "/filler")
            let done = try await fixture.run(["approve", swap])
            #expect(done.code == 0, "\(done.transcript)")
            #expect(try await fixture.status(swap).state == "holding")
            print("| full disk | swap web-1 | \(refused.code) | \(refused.errors.prefix(200)) |")
            print("| full disk at the checkpoint | approve | \(approve.code) | \(approve.errors.prefix(200)) |")
        }
    }

    /// A disk that fills up while the swap is driven: nothing is done that could not be recorded, and it goes on later.
    @Test(.enabled(if: Tools.canMount, "a file system can only be mounted by root"))
    func diskFillsUpUnderTheDriver() async throws {
        try await Fixture.with { fixture in
            let disk = try mount(fixture, "size=2m")
            try fixture.write(Texts.configuration(store: disk), to: "changeover.yaml")
            let driver = try fixture.changeover(["swap", "web-1", "--output", "jsonl"])
            let swap = try await fixture.line(of: driver) { $0.state == "patching" }.swap
            fill(disk)
            #expect(try await driver.end() == 3, "\(driver.transcript)")
            #expect(driver.errors.contains("full"), "\(driver.transcript)")
            #expect(try fixture.serving() == [fixture.originalAddress])
            try FileManager.default.removeItem(atPath: disk + "/filler")
            let resumed = try await fixture.run(["resume", swap])
            #expect(resumed.code == 0, "\(resumed.transcript)")
            #expect(try await fixture.status(swap).state == "holding")
            let replacements = try await fixture.instances().filter {
                $0.instance.tags["changeover:role"] == "replacement"
            }
            #expect(replacements.count == 1)
            print("| disk full under the driver | swap web-1 | 3 | \(driver.errors.suffix(200)) |")
        }
    }

    @Test(.enabled(if: Tools.canMount, "a file system can only be mounted by root"))
    func readOnlyState() async throws {
        try await Fixture.with { fixture in
            let disk = try mount(fixture, "size=2m")
            #expect(Glibc.mount("tmpfs", disk, "tmpfs", UInt(MS_REMOUNT) | UInt(MS_RDONLY), nil) == 0)
            try fixture.write(Texts.configuration(store: disk), to: "changeover.yaml")
            let instances = Fingerprint(of: fixture.instancesFolder)
            let servers = try fixture.servers()
            let run = try await fixture.run(["swap", "web-1"])
            #expect(run.code == 4, "\(run.transcript)")
            #expect(run.errors.contains(disk) && run.errors.contains("Read-only file system"), "\(run.transcript)")
            // What only reads goes on working.
            #expect(try await fixture.run(["plan", "web-1"]).code == 0)
            #expect(try await fixture.run(["list"]).code == 0)
            #expect(Fingerprint(of: fixture.instancesFolder) == instances)
            #expect(try fixture.servers() == servers)
            print("| read-only state folder | swap web-1 | \(run.code) | \(run.errors.prefix(200)) |")
        }
    }

    @Test func expiredCertificate() async throws {
        try await Fixture.with { fixture in
            let port = try Sockets.freePort()
            try await makeExpiredCertificate(fixture)
            let certificate = fixture.folder + "/certificate.pem"
            let server = try fixture.start([
                "python3", "-c", Servers.tls, fixture.originalAddress, "\(port)", certificate,
                fixture.folder + "/key.pem",
            ])
            try await eventually("the server listens", else: { server.transcript }) {
                server.output.contains("listening")
            }
            let more = """
                  - id: secure
                    http: {scheme: https, port: \(port), hostname: demo.example}
                    tls: {caFile: ../certificate.pem}
                    assert: [{status: 200}]
                    phase: [verify]
                    startupGrace: 0s

                """
            try fixture.write(Texts.check(more: more), to: "healthchecks/web.yaml")
            let servers = try fixture.servers()
            let run = try await fixture.run(["swap", "web-1"])
            #expect(run.code == 2, "\(run.transcript)")
            #expect(run.output.contains("web/secure"), "\(run.transcript)")
            #expect(run.output.contains("tls"), "\(run.transcript)")
            let swap = try #require(try await fixture.swaps().first?.id)
            let status = try await fixture.status(swap)
            let summary = try String(contentsOfFile: status.evidence + "/SUMMARY.txt", encoding: .utf8)
            #expect(summary.contains("expired"), "\(summary)")
            #expect(try fixture.servers() == servers)
            #expect(try fixture.page().contains("demo-web 1.0"))
            print("| expired TLS certificate | swap web-1 | \(run.code) | \(status.explanation) |")
        }
    }

    private func makeExpiredCertificate(_ fixture: Fixture) async throws {
        try fixture.write("subjectAltName=DNS:demo.example\n", to: "extensions")
        let commands = [
            "openssl req -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=demo.example -out request.pem",
            "openssl x509 -req -in request.pem -key key.pem -days -1 -extfile extensions -out certificate.pem",
        ]
        for command in commands {
            let program = try fixture.start(command.split(separator: " ").map(String.init))
            guard try await program.end() == 0 else { throw Failed(program.transcript) }
        }
    }

    /// Mounts a small file system; the fixture's end unmounts it.
    private func mount(_ fixture: Fixture, _ options: String) throws -> String {
        let folder = fixture.folder + "/mount-store"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard Glibc.mount("tmpfs", folder, "tmpfs", 0, options) == 0 else {
            throw Failed("tmpfs cannot be mounted: \(String(cString: strerror(errno)))")
        }
        return folder
    }

    /// Writes until nothing more fits.
    private func fill(_ folder: String) {
        let file = open(folder + "/filler", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4096)
        while write(file, block, block.count) > 0 {}
    }
}
