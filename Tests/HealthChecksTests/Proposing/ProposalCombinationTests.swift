import Documents
import Testing
import Workflow

@testable import HealthChecks

/// Proposals for many machines, ordinary and hostile ones, made up from a seed.
@Suite struct ProposalCombinationTests {
    /// SplitMix64, so that a failure can be repeated by its number.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static let ports =
        [
            20, 21, 22, 25, 53, 80, 110, 111, 143, 389, 443, 465, 587, 636, 853, 873, 990, 993, 995, 2049, 3000, 3306,
            5432, 5671, 6379, 6697, 8000, 8080, 8443, 8883, 9090, 9100, 9200, 11211, 27017, 32_767, 32_768, 49_152,
            65_535,
        ].map { "tcp/\($0)" } + ["udp/53", "udp/123", "tcp/x", "tcp/0", "tcp/70000", "", "tcp/80\n- id: evil"]
    private static let units = [
        "nginx.service", "apache2.service", "postgresql@15-main.service", "redis-server.service", "postfix.service",
        "dev-disk-by\\x2duuid.service", "a:b.service", "@odd.service", ".service", "-x.service", "null.service",
        "ssh.service", "cron.service", "systemd-logind.service", "x.timer", "x", "",
        "evil.service\n  - id: evil", "evil: {a}.service", "\"quoted\".service", "a\u{2028}b.service",
        String(repeating: "u", count: 300) + ".service",
    ]
    private static let mounts = [
        "/ ext4", "/boot vfat", "/var xfs", "/srv/data-1 btrfs", "/snap/x squashfs", "/with\\040space ext4",
        "/quote\" ext4", "/a]b ext4", "broken", "", "/new\nline ext4", "/#hash ext4", "/ö ext4",
    ]
    private static let packages = [
        "bash", "dpkg", "rpm", "monitoring-plugins-basic", "monitoring-plugins-basic:amd64", "nagios-plugins-disk",
        "odd name", "",
    ]
    private static let machines = [
        "web-1", "web-1.example.org", "i-0abc", "", "-", "a\nb", "x\u{85}y", "x\u{2028}y", "# comment", "ü.example",
        "\"", "{a: b}", "& anchor", "*", "${env:HOME}", String(repeating: "long.", count: 80), "a..b.c", "10.0.0.1",
    ]

    private static func facts(_ random: inout Seeded) -> MachineFacts {
        func some(_ list: [String]) -> [String] {
            let share = Double.random(in: 0...1, using: &random)
            return list.filter { _ in Double.random(in: 0..<1, using: &random) < share }.shuffled(using: &random)
        }
        let names = some(packages)
        let count = Bool.random(using: &random) ? Int.random(in: 0...60, using: &random) : 0
        let many = (0..<count).map { "app\($0).service" }
        return MachineFacts(
            packages: Dictionary(uniqueKeysWithValues: names.map { ($0, "1") }), kernel: "k", bootID: nil,
            listeningPorts: some(ports), units: some(units) + many, mounts: some(mounts), users: [])
    }

    @Test func everyProposalIsRight() throws {
        var (random, seen) = (Seeded(state: 6), Set<[String]>())
        for number in 0..<300 {
            let facts = Self.facts(&random)
            let machine = Self.machines.randomElement(using: &random) ?? ""
            let proposal = CheckProposal(machine: machine, facts: facts)
            let problems = CheckFile.lint(text: proposal.text, path: "proposal.yaml").map(\.description)
            try #require(problems == [], "machine \(number), \(machine.debugDescription): \(proposal.text)")
            let file = try CheckFile.decode(CheckDocument(path: "proposal.yaml", text: proposal.text))
            // What a machine calls its parts adds no check, and takes none away.
            try #require(file.checks.map(\.id) == proposal.checkIDs && file.name == proposal.name, "machine \(number)")
            seen.insert(proposal.checkIDs)
        }
        #expect(seen.count > 150, "only \(seen.count) different files")
    }

    @Test func theOrderOfFactsDoesNotMatter() {
        var random = Seeded(state: 7)
        for _ in 0..<100 {
            let facts = Self.facts(&random)
            var other = facts
            other.listeningPorts = (facts.listeningPorts + facts.listeningPorts).shuffled(using: &random)
            other.units = (facts.units + facts.units).shuffled(using: &random)
            other.mounts = (facts.mounts + facts.mounts).shuffled(using: &random)
            #expect(CheckProposal(machine: "m", facts: facts) == CheckProposal(machine: "m", facts: other))
        }
    }

    @Test func everyPortIsCheckedOrMentioned() {
        var random = Seeded(state: 8)
        for _ in 0..<200 {
            let ports = (0..<40).map { _ in Int.random(in: 1...65_535, using: &random) }
            let chosen = Set(ports.prefix(Int.random(in: 1...40, using: &random)))
            let facts = MachineFacts(
                packages: [:], kernel: "k", bootID: nil, listeningPorts: chosen.map { "tcp/\($0)" }, units: [],
                mounts: [], users: [])
            let proposal = CheckProposal(machine: "m", facts: facts)
            let checked = chosen.filter { port in proposal.checkIDs.contains { $0.hasSuffix("-\(port)") } }
            let left = chosen.subtracting(checked).sorted()
            let isSaid = left.prefix(10).allSatisfy { proposal.text.contains("\($0)") }
            let rest = left.count > 10 ? proposal.text.contains(" and \(left.count - 10) more.") : true
            #expect(isSaid && rest, "\(left) of \(chosen.sorted())")
        }
    }
}
