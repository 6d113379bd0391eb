/// Mistakes of check files, each with where it is found, what is named and what is proposed.
enum WrongFiles {
    struct Example: Sendable {
        /// The file's text after the header, which has three lines; the whole text where it starts with `%whole `.
        var text: String
        /// `line:column code key path` of the mistake.
        var place: String
        /// What the message names: the offending key or text, or the key that is missing.
        var named: String
        /// The nearest valid name or what else to write; `nil` where nothing is proposed.
        var proposed: String?

        init(_ text: String, _ place: String, _ named: String, _ proposed: String? = nil) {
            self.text = text
            self.place = place
            self.named = named
            self.proposed = proposed
        }
    }

    static let header = "apiVersion: changeover/v1\nkind: HealthCheck\nmetadata: {name: web}\n"
    private static let check = "checks: [{id: a, tcp: {port: 1}}]\n"

    static let yaml: [Example] = [
        Example("checks: [{id: a, tcp: {port: 1}\n", "5:1 syntax", "flow mapping"),
        Example("checks:\n\t- {id: a}\n", "5:1 syntax", "cannot start any token"),
        Example("checks: [{id: &x a, tcp: {port: 1}}]\n", "4:15 anchor", "&x", "remove it"),
        Example("checks: [*x]\n", "4:10 alias", "*x", "write the value out"),
        Example("checks: [{id: !secret a, tcp: {port: 1}}]\n", "4:15 tag", "!secret", "remove it"),
        Example("\(check)defaults: {}\ndefaults: {}\n", "6:1 duplicate-key", "\"defaults\"", "remove one"),
        Example(
            "checks: [{id: a, tcp: {port: 1, port: 2}}]\n", "4:33 duplicate-key", "the first is at 4:24", "remove one"),
        Example("\(check)? [a]\n: 1\n", "5:3 complex-key", "a list"),
        Example("\(check)---\n\(check)", "5:1 multiple-documents", "second document", "one document per file"),
        Example("checks: \(String(repeating: "[", count: 40))\n", "4:40 nesting", "32 levels"),
        Example("%whole ", "1:1 empty-document", "no document"),
        Example("%whole # only a comment\n", "2:1 empty-document", "no document"),
        Example("%whole %YAML 1.1\n---\na: 1\n", "1:1 syntax", "%YAML"),
        Example("%whole []\n", "1:1 wrong-type", "a list"),
        Example(
            "%whole \u{FEFF}apiVersion: changeover/v2\nkind: HealthCheck\nmetadata: {name: web}\n\(check)",
            "1:13 unknown-value apiVersion", "changeover/v2",
            "changeover/v1"),
    ]

    static let file: [Example] = [
        Example(
            "%whole kind: HealthCheck\nmetadata: {name: web}\n\(check)", "1:1 missing-key", "apiVersion",
            "add \"apiVersion:\""),
        Example(
            "%whole apiVersion: changeover/v1\nkind: Healthcheck\nmetadata: {name: web}\n\(check)",
            "2:7 unknown-value kind", "Healthcheck", "HealthCheck"),
        Example(
            "%whole apiVersion: changeover/v1\nkind: HealthCheck\nmetadata: {nmae: web}\n\(check)",
            "3:12 unknown-key metadata", "nmae", "name"),
        Example("\(check)cheks: []\n", "5:1 unknown-key", "cheks", "checks"),
        Example("", "1:1 missing-key", "checks", "add \"checks:\""),
        Example("checks: []\n", "4:9 empty checks", "empty"),
        Example("checks:\n", "4:8 wrong-type checks", "nothing"),
        Example("checks: {a: 1}\n", "4:9 wrong-type checks", "a mapping", "write it as a list"),
        Example(
            "checks: [{id: a, tcp: {port: 1}}, {id: a, tcp: {port: 2}}]\n", "4:40 duplicate-key checks[1].id", "\"a\""),
        Example("\(check)defaults: {intervall: 1s}\n", "5:12 unknown-key defaults", "intervall", "interval"),
        Example("\(check)extends: /etc/base.yaml\n", "5:10 invalid extends", "/etc/base.yaml", "relative to this file"),
        Example(
            "\(check)extends: [base.yaml]\n", "5:11 invalid extends[0]", "base.yaml does not exist",
            "relative to this file"),
    ]

    static let checks: [(String, String, String, String?)] = [
        ("id: \"a b\", tcp: {port: 1}", "4:15 invalid checks[0].id", "a b", "letters, digits"),
        ("tcp: {port: 1}", "4:10 missing-key checks[0]", "\"id\"", "add \"id:\""),
        ("id: a", "4:10 missing-key checks[0]", "exactly one of", nil),
        ("id: a, htpp: {}", "4:18 unknown-key checks[0]", "htpp", "http"),
        ("id: a, tcp: {port: 1}, exec: {command: [x]}", "4:34 conflicting-keys checks[0]", "exec", nil),
        ("id: a, tcp: {port: 1}, interval: 5", "4:44 wrong-unit checks[0].interval", "\"5\"", "5s"),
        ("id: a, tcp: {port: 1}, interval: 5sec", "4:44 wrong-unit checks[0].interval", "sec", "ms, s, m, h and d"),
        ("id: a, tcp: {port: 1}, interval: 50ms", "4:44 out-of-range checks[0].interval", "50ms", nil),
        (
            "id: a, tcp: {port: 1}, successThreshold: \"3\"", "4:52 wrong-type checks[0].successThreshold", "3",
            "remove the quotes"
        ),
        ("id: a, tcp: {port: 1}, failureThreshold: 0", "4:52 out-of-range checks[0].failureThreshold", "found 0", nil),
        ("id: a, tcp: {port: 1}, severity: critcal", "4:44 unknown-value checks[0].severity", "critcal", "critical"),
        ("id: a, tcp: {port: 1}, phase: [verfy]", "4:42 unknown-value checks[0].phase[0]", "verfy", "verify"),
        ("id: a, tcp: {port: 1}, phase: []", "4:41 empty checks[0].phase", "empty", nil),
        ("id: a, tcp: {port: 1}, phase: [bake, bake]", "4:41 invalid checks[0].phase", "twice", nil),
        ("id: a, tcp: {port: 1}, stableFor: 15m", "4:15 invalid checks[0].id", "15m", "lengthen deadline"),
        ("id: a, http: {}", "4:10 missing-key checks[0]", "assert", "assert: [{status: 200}]"),
        ("id: a, http: {}, assert: []", "4:36 empty checks[0].assert", "empty", nil),
        ("id: a, http: {prot: 1}, assert: [{status: 200}]", "4:25 unknown-key checks[0].http", "prot", "port"),
        ("id: a, http: {port: eighty}, assert: [{status: 200}]", "4:31 wrong-type checks[0].http.port", "eighty", nil),
        ("id: a, http: {port: 65536}, assert: [{status: 200}]", "4:31 out-of-range checks[0].http.port", "65536", nil),
        (
            "id: a, http: {path: health}, assert: [{status: 200}]", "4:31 invalid checks[0].http.path", "health",
            "/health"
        ),
        (
            "id: a, http: {scheme: htps}, assert: [{status: 200}]", "4:33 unknown-value checks[0].http.scheme", "htps",
            "http"
        ),
        (
            "id: a, http: {headers: {Host: x}}, assert: [{status: 200}]", "4:35 invalid checks[0].http.headers", "Host",
            "hostname"
        ),
        (
            "id: a, http: {headers: {A: \"${evn:X}\"}}, assert: [{status: 200}]",
            "4:38 invalid checks[0].http.headers.A", "${evn:X}", "${env:NAME}"
        ),
        (
            "id: a, http: {}, tls: {}, assert: [{status: 200}]", "4:33 conflicting-keys checks[0].tls", "https",
            "scheme: https"
        ),
        (
            "id: a, http: {scheme: https}, tls: {port: 1}, assert: [{status: 200}]",
            "4:53 conflicting-keys checks[0].tls.port", "port", "write port in http"
        ),
        ("id: a, http: {}, assert: [{statsu: 200}]", "4:38 unknown-key checks[0].assert[0]", "statsu", "status"),
        ("id: a, http: {}, assert: [{status: 99}]", "4:46 out-of-range checks[0].assert[0].status", "99", nil),
        (
            "id: a, http: {}, assert: [{status: 200, body: {contains: a}}]",
            "4:51 conflicting-keys checks[0].assert[0]", "body", nil
        ),
        (
            "id: a, http: {}, assert: [{body: {matches: \"(\"}}]", "4:54 invalid checks[0].assert[0].body.matches", "(",
            nil
        ),
        (
            "id: a, http: {}, assert: [{json: {path: $..a, exists: true}}]",
            "4:51 invalid checks[0].assert[0].json.path", "$..a", "$.items[0].name"
        ),
        (
            "id: a, http: {}, assert: [{json: {path: $.a, critical: \"2:1\"}}]",
            "4:66 invalid checks[0].assert[0].json.critical", "2:1", "smaller end first"
        ),
        (
            "id: a, http: {}, assert: [{json: {path: $.a, critical: \"a:b\"}}]",
            "4:66 invalid checks[0].assert[0].json.critical", "a:b", "~:50"
        ),
        (
            "id: a, http: {}, assert: [{json: {path: $.a}}]", "4:44 missing-key checks[0].assert[0].json",
            "exactly one of", nil
        ),
        (
            "id: a, http: {}, assert: [{duration: {critical: \"~:200\"}}]",
            "4:59 wrong-unit checks[0].assert[0].duration.critical", "~:200", "ms, s, m, h and d"
        ),
        (
            "id: a, http: {}, assert: [{certificate: {name: a.b}}]", "4:51 invalid checks[0].assert[0].certificate",
            "https", nil
        ),
        ("id: a, tcp: {port: 1}, assert: [{status: 200}]", "4:44 invalid checks[0].assert[0]", "status", "duration"),
        (
            "id: a, tcp: {port: 1}, assert: [{duration: {quantile: 0.95, critical: \"~:1s\"}}]",
            "4:42 invalid checks[0].assert", "at least 20", "requests: 20 to tcp"
        ),
        ("id: a, tls: {verify: false}", "4:10 missing-key checks[0]", "certificate", "certificate"),
        ("id: a, tls: {verify: no}", "4:32 wrong-type checks[0].tls.verify", "no", "write false"),
        ("id: a, tls: {minVersion: \"1.1\"}", "4:36 unknown-value checks[0].tls.minVersion", "1.1", "1.2"),
        ("id: a, dns: {name: a..b}", "4:30 invalid checks[0].dns.name", "a..b", "Punycode"),
        (
            "id: a, dns: {name: x.y, server: ns.example.org}", "4:43 invalid checks[0].dns.server", "ns.example.org",
            "192.0.2.53"
        ),
        (
            "id: a, dns: {name: x.y}, assert: [{rcode: NOEROR}]", "4:53 unknown-value checks[0].assert[0].rcode",
            "NOEROR", "NOERROR"
        ),
        (
            "id: a, dns: {name: x.y}, assert: [{answers: {equals: 1.2.3}}]",
            "4:64 invalid checks[0].assert[0].answers.equals", "1.2.3", "an IPv4 address"
        ),
        ("id: a, exec: {command: ls -l}", "4:34 wrong-type checks[0].exec.command", "ls -l", "write it as a list"),
        (
            "id: a, exec: {command: [x, \"${env:P}\"]}", "4:38 invalid checks[0].exec.command[1]", "secrets",
            "read a file"
        ),
        (
            "id: a, exec: {command: [x], interface: nagois}", "4:50 unknown-value checks[0].exec.interface", "nagois",
            "nagios"
        ),
        ("id: a, systemd: {units: [\"-x\"]}", "4:36 invalid checks[0].systemd.units[0]", "-x", "nginx.service"),
        ("id: a, systemd: {failed: allow}", "4:27 missing-key checks[0].systemd", "units", "add units"),
        (
            "id: a, patched: {waivers: [{package: x, until: 2026-02-30, reason: y}]}",
            "4:58 invalid checks[0].patched.waivers[0].until", "2026-02-30", "2026-12-31"
        ),
        (
            "id: a, promql: {url: \"p:9090\", query: up, critical: \"1:\"}", "4:32 invalid checks[0].promql.url",
            "no URL", "http://prometheus"
        ),
        (
            "id: a, promql: {url: \"http://h\", query: \"{instance.adress}\", critical: \"1:\"}",
            "4:51 unknown-value checks[0].promql.query", "instance.adress", "instance.address"
        ),
        ("id: a, all: []", "4:23 empty checks[0].all", "empty", nil),
        (
            "id: a, any: [{id: x, tcp: {port: 1}}, {id: x, tcp: {port: 2}}]", "4:54 duplicate-key checks[0].any[1].id",
            "\"x\"", nil
        ),
        ("id: a, any: [{id: x, tcp: {port: 1}, interval: 1s}]", "4:48 unknown-key checks[0].any[0]", "interval", nil),
    ]

    static var all: [Example] {
        yaml + file + checks.map { Example("checks: [{\($0.0)}]\n", $0.1, $0.2, $0.3) }
    }
}
