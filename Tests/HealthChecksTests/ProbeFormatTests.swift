import Documents
import Testing
import Workflow

@testable import HealthChecks

@Suite struct ProbeFormatTests {
    /// Decodes one check.
    static func check(_ text: String) throws -> Check {
        let document = try DocumentParser.parse(text: CheckFileTests.header + "checks: [{id: a, \(text)}]", path: "f")
        return try #require(try CheckFile.decode(document).checks.first)
    }

    /// Each wrong check with the places and codes of what is wrong; the check starts at column 18 of the fourth line.
    static let wrong: [(text: String, place: String, suggestion: String?)] = [
        ("tls: {prot: 1}", "24 unknown-key", "did you mean \"port\"?"),
        ("tls: {port: 0}", "30 out-of-range", nil),
        ("tls: {minVersion: \"1.1\"}", "36 unknown-value", nil),
        ("tls: {hostname: \"a b\"}", "34 invalid", nil),
        ("tls: {verify: no}", "32 wrong-type", "write false"),
        ("tls: {verify: false}", "10 missing-key", nil),
        ("tls: {verify: false}, assert: [{duration: {critical: \"~:1s\"}}]", "48 missing-key", nil),
        ("tls: {}, assert: [{status: 200}]", "37 invalid", "valid here: certificate, duration"),
        ("tls: {}, assert: [{certificate: {}}]", "50 missing-key", nil),
        ("tls: {}, assert: [{certificate: {expiresAt: 1}}]", "51 unknown-key", nil),
        ("tls: {}, assert: [{certificate: {issuer: {contians: x}}}]", "60 unknown-key,59 missing-key", nil),
        ("tls: {}, tcp: {port: 1}", "23 conflicting-keys", nil),
        ("tls: {port: 1}, http: {scheme: https}, assert: [{status: 200}]", "30 conflicting-keys", nil),
        ("tls: {verify: false}, http: {scheme: https}, assert: [{status: 200}]", "32 conflicting-keys", nil),
        ("dns: {}", "23 missing-key", nil),
        ("dns: {name: a..b}", "30 invalid", nil),
        ("dns: {name: x.y, type: B}", "41 unknown-value", nil),
        ("dns: {name: x.y, type: a}", "41 unknown-value", nil),
        ("dns: {name: x.y, server: ns.example.org}", "43 invalid", "write for example 192.0.2.53"),
        ("dns: {name: x.y}, assert: [{status: 200}]", "46 invalid", "valid here: rcode, answers, duration"),
        ("dns: {name: x.y}, assert: [{rcode: NOEROR}]", "53 unknown-value", "did you mean \"NOERROR\"?"),
        ("dns: {name: x.y}, assert: [{answers: {contain: 1.2.3.4}}]", "56 unknown-key,55 missing-key", nil),
        ("dns: {name: x.y}, assert: [{answers: {equals: []}}]", "64 empty", nil),
        ("dns: {name: x.y}, assert: [{answers: {equals: 1.2.3}}]", "64 invalid", "write an IPv4 address"),
        ("systemd: {units: []}", "35 empty", nil),
        ("systemd: {units: [\"-x\"]}", "36 invalid", "write for example nginx.service"),
        ("systemd: {units: [\"a b\"]}", "36 invalid", nil),
        ("systemd: {failed: allow}", "27 missing-key", "add units"),
        ("systemd: {failed: allow, units: [x], ignore: [y]}", "63 conflicting-keys", nil),
        ("systemd: {unit: [x]}", "28 unknown-key", "did you mean \"units\"?"),
        ("systemd: {}, assert: [{status: 200}]", "39 invalid", "remove \"assert\""),
        ("promql: {url: \"http://p:9090\", query: up}", "26 missing-key", nil),
        ("promql: {url: \"p:9090\", query: up, critical: \"1:\"}", "32 invalid", nil),
        ("promql: {url: \"http://u:p@h\", query: up, critical: \"1:\"}", "32 invalid", nil),
        ("promql: {url: \"http://h:99999\", query: up, critical: \"1:\"}", "32 invalid", nil),
        ("promql: {url: \"http://h\", query: up, critical: \"1:\", caFile: x}", "79 conflicting-keys", nil),
        (
            "promql: {url: \"http://h\", query: \"{instance.adress}\", critical: \"1:\"}", "51 unknown-value",
            "did you mean {instance.address}?"
        ),
        ("promql: {url: \"http://h\", query: up, critical: \"1:\", onNoData: ok}", "81 unknown-value", nil),
        ("all: []", "23 empty", nil),
        ("all: [{tcp: {port: 1}}]", "24 missing-key", nil),
        ("all: [{id: x}]", "24 missing-key", nil),
        ("any: [{id: x, tcp: {port: 1}}, {id: x, tcp: {port: 2}}]", "54 duplicate-key", nil),
        ("any: [{id: x, tcp: {port: 1}, interval: 1s}]", "48 unknown-key", nil),
        ("any: [{id: x, all: []}]", "32 unknown-key,24 missing-key", nil),
        ("any: [{id: x, http: {}}]", "24 missing-key", nil),
        ("any: [{id: x, tcp: {port: 1}}], assert: [{status: 200}]", "58 invalid", "remove \"assert\""),
        ("any: [{id: x, tcp: {port: 1}}], tcp: {port: 1}", "50 conflicting-keys", nil),
        ("tcp: {port: 1, requests: 0}", "43 out-of-range", nil),
        (
            "tcp: {port: 1}, assert: [{duration: {quantile: 0.95, critical: \"~:1s\"}}]", "42 invalid",
            "add requests: 20 to tcp"
        ),
        (
            "tcp: {port: 1, requests: 99}, assert: [{duration: {quantile: 0.99, critical: \"~:1s\"}}]", "56 invalid",
            "add requests: 100 to tcp"
        ),
        (
            "tcp: {port: 1, requests: 99}, assert: [{duration: {quantile: 95, critical: \"~:1s\"}}]",
            "79 out-of-range", nil
        ),
        (
            "http: {}, assert: [{header: {name: a, exists: true, match: all}}]", "77 conflicting-keys", "remove match"
        ),
        ("http: {}, assert: [{header: {name: a, count: {}}}]", "63 missing-key", nil),
        ("http: {}, assert: [{header: {name: a, equals: b, match: some}}]", "74 unknown-value", nil),
        ("http: {}, assert: [{rcode: NOERROR}]", "38 invalid", nil),
    ]

    @Test(arguments: wrong) func wrongCheck(_ example: (text: String, place: String, suggestion: String?)) {
        let text = CheckFileTests.header + "checks: [{id: a, \(example.text)}]\n"
        let errors = CheckFile.lint(text: text, path: "web.yaml")
        let places = errors.map { "\($0.column) \($0.code.rawValue)" }
        #expect(Set(places) == Set(example.place.split(separator: ",").map(String.init)), "\(errors)")
        #expect(errors.allSatisfy { $0.line == 4 })
        if let suggestion = example.suggestion { #expect(errors.first?.suggestion == suggestion) }
    }

    @Test(arguments: [
        "tls: {}", "tls: {caFile: ca.pem}", "tls: {verify: false}, assert: [{certificate: {name: a.example}}]",
        "http: {scheme: https, requests: 20}, tls: {minVersion: \"1.3\"}, assert: [{status: 200}, "
            + "{duration: {quantile: 0.95, critical: \"~:1s\"}}, {certificate: {issuer: {matches: \"^CN\"}}}]",
        "dns: {name: 192.0.2.1, type: PTR, server: \"2001:db8::53\", transport: tcp, recursion: false}",
        "dns: {name: example.org, type: MX}, assert: [{answers: {equals: [\"10 mail.example.org.\"]}}]",
        "systemd: {units: [nginx, \"getty@tty1.service\"], failed: warn, ignore: [x.mount]}",
        "systemd: {}",
        "promql: {url: \"https://[2001:db8::1]:9090/prefix/\", query: \"up{job='{instance.name}'}\", critical: \"1:\"}",
        "all: [{id: x, patched: {}}, {id: y, tls: {}}, {id: z, exec: {command: [true]}}]",
        "http: {}, assert: [{header: {name: vary, list: true, match: all, equals: accept}}]",
    ]) func rightCheck(_ text: String) throws {
        let check = try Self.check(text)
        #expect(!check.kind.words.isEmpty)
    }

    @Test func whatIsWrittenIsMeant() throws {
        guard case .systemd(let systemd) = try Self.check("systemd: {units: [nginx, a.socket]}").kind else {
            Issue.record("no systemd check")
            return
        }
        #expect(systemd == SystemdCheck(units: ["nginx.service", "a.socket"]))
        guard case .dns(let dns) = try Self.check("dns: {name: 192.0.2.1, type: PTR}").kind else {
            Issue.record("no dns check")
            return
        }
        #expect(dns.name.description == "1.2.0.192.in-addr.arpa")
        let address = "promql: {url: \"https://[2001:db8::1]/x/\", query: up, critical: \"1:\"}"
        guard case .promql(let promql) = try Self.check(address).kind else {
            Issue.record("no promql check")
            return
        }
        let server = PromQLCheck.Server(
            url: "https://[2001:db8::1]/x", host: "2001:db8::1", port: 443, isSecure: true)
        #expect(promql.server == server)
        let group = try Self.check("all: [{id: x, patched: {}}, {id: y, tls: {}}]")
        #expect(group.timing.timeout == .seconds(60))
    }
}
