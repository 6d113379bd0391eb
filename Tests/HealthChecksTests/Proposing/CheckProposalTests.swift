import Documents
import Testing
import Workflow

@testable import HealthChecks

@Suite struct CheckProposalTests {
    private func facts(
        packages: [String: String] = [:], ports: [String] = [], units: [String] = [], mounts: [String] = []
    ) -> MachineFacts {
        MachineFacts(
            packages: packages, kernel: "6.1", bootID: nil, listeningPorts: ports, units: units, mounts: mounts,
            users: [])
    }

    private func file(_ proposal: CheckProposal) throws -> CheckFile {
        try CheckFile.decode(CheckDocument(path: "proposal.yaml", text: proposal.text))
    }

    private func kinds(_ proposal: CheckProposal) throws -> [String: Check.Kind] {
        Dictionary(uniqueKeysWithValues: try file(proposal).checks.map { ($0.id, $0.kind) })
    }

    @Test func starterIsRightAndDecides() throws {
        #expect(CheckFile.lint(text: CheckProposal.starter.text, path: "x").map(\.description) == [])
        let checks = try file(.starter).checks
        #expect(checks.map(\.id) == ["http-80", "packages"])
        #expect(checks.allSatisfy { $0.timing.mode == .enforce && $0.timing.severity == .critical })
        #expect(CheckProposal.starter.text.hasSuffix("phase: [verify]\n"))
    }

    @Test(arguments: [
        ("tcp/80", ["http-80"]), ("tcp/8080", ["http-8080"]), ("tcp/443", ["https-443", "certificate-443"]),
        ("tcp/8443", ["https-8443", "certificate-8443"]), ("tcp/993", ["certificate-993"]), ("tcp/53", ["dns-53"]),
        ("udp/53", ["dns-53"]), ("tcp/5432", ["postgresql-5432"]), ("tcp/6379", ["redis-6379"]),
        ("tcp/25", ["smtp-25"]), ("tcp/587", ["smtp-587"]), ("tcp/22", ["ssh-22"]), ("tcp/3306", ["mysql-3306"]),
        ("tcp/7777", ["tcp-7777"]), ("tcp/32767", ["tcp-32767"]),
    ])
    func aPortIsProposed(port: String, ids: [String]) throws {
        let proposal = CheckProposal(machine: "web-1", facts: facts(ports: [port]))
        #expect(proposal.checkIDs == ids)
        #expect(try file(proposal).checks.map(\.id) == ids)
    }

    @Test func portsAreAskedAsTheirServicesAnswer() throws {
        let ports = ["tcp/80", "tcp/443", "tcp/6379", "tcp/25", "tcp/53", "tcp/7777"]
        let kinds = try kinds(CheckProposal(machine: "web-1", facts: facts(ports: ports)))
        guard case .http(let plain) = kinds["http-80"], case .http(let secure) = kinds["https-443"],
            case .tls(let tls) = kinds["certificate-443"], case .tcp(let redis) = kinds["redis-6379"],
            case .tcp(let smtp) = kinds["smtp-25"], case .dns(let dns) = kinds["dns-53"],
            case .tcp(let unknown) = kinds["tcp-7777"]
        else {
            Issue.record("a check is missing or of another kind")
            return
        }
        #expect(plain.scheme == .http && plain.port == 80)
        #expect(secure.scheme == .https && secure.port == 443 && secure.hostname == "www.example.org")
        #expect(tls.port == 443 && !tls.verifies)
        #expect(redis.expect == "+PONG" && redis.send == SecretText(literal: "PING\r\nQUIT\r\n"))
        #expect(smtp.send == nil && smtp.expect == "220 ")
        #expect(dns.port == 53 && dns.server == nil)
        #expect(unknown.port == 7777 && unknown.expect == nil)
    }

    @Test(arguments: [
        ("web-1.example.net", "web-1.example.net"), ("web-1", "www.example.org"), ("192.0.2.7", "www.example.org"),
        ("i-0123456789abcdef0", "www.example.org"), ("a b.example", "www.example.org"), (".example", "www.example.org"),
    ])
    func aNameWithADotIsTheHostName(machine: String, hostname: String) throws {
        let kinds = try kinds(CheckProposal(machine: machine, facts: facts(ports: ["tcp/443"])))
        guard case .http(let http) = kinds["https-443"] else {
            Issue.record("there is no https check")
            return
        }
        #expect(http.hostname == hostname)
    }

    @Test func portsOfTheMomentAreOnlyMentioned() {
        let proposal = CheckProposal(machine: "web-1", facts: facts(ports: ["tcp/80", "tcp/40123", "tcp/32768"]))
        #expect(proposal.checkIDs == ["http-80"])
        #expect(proposal.text.contains("32768, 40123."))
    }

    @Test func nothingOfManyPortsIsKeptQuiet() throws {
        let ports = (1000..<1050).map { "tcp/\($0)" }
        let proposal = CheckProposal(machine: "web-1", facts: facts(ports: ports))
        #expect(proposal.checkIDs.count == 24)
        #expect(proposal.text.contains("1024, 1025, 1026, 1027, 1028, 1029, 1030, 1031, 1032, 1033 and 16 more."))
    }

    @Test func whatIsNoPortIsLeftOut() {
        let odd = ["tcp/0", "tcp/65536", "tcp/-1", "tcp/+80", "tcp/080", "udp/123", "80", "tcp/", "tcp/80/1", "tcp/8o"]
        #expect(CheckProposal(machine: "m", facts: facts(ports: odd)).checkIDs == CheckProposal.starter.checkIDs)
    }

    @Test func unitsAreTheMachinesOwn() throws {
        let units = [
            "nginx.service", "ssh.service", "systemd-journald.service", "getty@tty1.service", "cron.service",
            "postgresql@15-main.service", "cloud-init.service", "nginx.service", "backup.timer",
        ]
        let kinds = try kinds(CheckProposal(machine: "web-1", facts: facts(units: units)))
        guard case .systemd(let systemd) = kinds["units"] else {
            Issue.record("there is no check of the units")
            return
        }
        #expect(systemd.units == ["multi-user.target", "nginx.service", "postgresql@15-main.service"])
        #expect(systemd.failed == .forbid && kinds.count == 1)
    }

    @Test func unitsBeyondTheSixteenthAreMentioned() throws {
        let units = (10..<30).map { "app-\($0).service" }
        let proposal = CheckProposal(machine: "web-1", facts: facts(units: units))
        #expect(proposal.text.contains("and are not proposed: app-26 and 3 more."))
    }

    @Test(arguments: [
        (["monitoring-plugins-basic": "2.3.3-5"], "/usr/lib/nagios/plugins/check_disk"),
        (["monitoring-plugins-basic:amd64": "2.3.3-5"], "/usr/lib/nagios/plugins/check_disk"),
        (["nagios-plugins-disk": "2.4.12"], "/usr/lib64/nagios/plugins/check_disk"),
    ])
    func pluginsThatAreInstalledAreUsed(packages: [String: String], plugin: String) throws {
        let mounts = ["/ ext4", "/var ext4", "/snap/core squashfs", "/odd\\040name ext4", "/ ext4"]
        let kinds = try kinds(CheckProposal(machine: "m", facts: facts(packages: packages, mounts: mounts)))
        guard case .exec(let exec) = kinds["disk"] else {
            Issue.record("there is no check of the disk")
            return
        }
        #expect(exec.command == [plugin, "-w", "20%", "-c", "10%", "-p", "/", "-p", "/var"])
        #expect(exec.place == .instance && exec.interface == .nagios)
    }

    @Test func withoutPluginsNoneIsProposed() {
        let proposal = CheckProposal(machine: "m", facts: facts(packages: ["bash": "5"], mounts: ["/ ext4"]))
        #expect(proposal.checkIDs == ["packages"])
    }

    @Test func aPackageManagerIsAskedWhetherAllIsPatched() throws {
        let kinds = try kinds(CheckProposal(machine: "m", facts: facts(packages: ["bash": "5"])))
        guard case .patched(let patched) = kinds["packages"] else {
            Issue.record("there is no check of the packages")
            return
        }
        #expect(patched.scope == .all && patched.rebootRequired == .forbid)
    }

    @Test func aMachineThatSaysNothingGetsAFileToStartFrom() throws {
        let proposal = CheckProposal(machine: "web-1", facts: facts())
        #expect(proposal.checkIDs == CheckProposal.starter.checkIDs)
        #expect(proposal.text.contains("Nothing to propose was found on web-1"))
        #expect(try file(proposal).name == "web-1")
    }

    @Test func whatIsNotProposedIsMentionedEvenThen() {
        let proposal = CheckProposal(machine: "web-1", facts: facts(ports: ["tcp/40123"]))
        #expect(proposal.checkIDs == CheckProposal.starter.checkIDs)
        #expect(proposal.text.contains("40123."))
    }

    @Test(arguments: [
        ("web-1", "web-1"), ("Web 1", "Web-1"), ("-_.x", "x"), ("", "proposed"), ("…", "proposed"), ("true", "true"),
        ("a\n  - id: b", "a-----id--b"), (String(repeating: "a", count: 80), String(repeating: "a", count: 64)),
    ])
    func theNameIsOneOfTheLanguage(machine: String, name: String) throws {
        let proposal = CheckProposal(machine: machine, facts: facts(ports: ["tcp/80"]))
        #expect(proposal.name == name)
        #expect(try file(proposal).name == name)
    }
}
