import Workflow

/// Real servers in every state, and what a check says of each.
enum VerdictTable {
    /// How a server is.
    enum State: String {
        case up
        case down
        case slow
        /// Not what was asked for, and honest about it.
        case wrong
        /// Good at first sight.
        case lying
    }

    struct Row {
        var server: String
        var state: State
        /// What is special about it.
        var detail: String
        var check: String
        var verdict: CheckResult.Verdict
        var reason: String

        init(
            _ server: String, _ state: State, _ detail: String, _ check: String, _ reason: String,
            _ verdict: CheckResult.Verdict? = nil
        ) {
            self.server = server
            self.state = state
            self.detail = detail
            self.check = check
            self.verdict = verdict ?? (reason == "ok" ? .pass : .fail)
            self.reason = reason
        }
    }

    /// What every row's web server must say.
    private static let up = "assert: [{status: 200}, {json: {path: $.status, equals: UP}}]"
    private static let short = ", timeout: 700ms"

    static func web(_ ports: [String: Int]) -> [Row] {
        let http = { (name: String) in "http: {port: \(ports[name] ?? 0), path: /health}, \(up)" }
        let rows: [(String, State, String, String, String)] = [
            ("nginx", .up, "status UP", "nginx", "ok"), ("nginx", .down, "not listening", "closed", "connect"),
            ("nginx", .wrong, "503", "broken", "assertion:0"),
            ("nginx", .wrong, "a redirect, not followed", "moved", "assertion:0"),
            ("nginx", .lying, "200, a page about maintenance", "maintenance", "assertion:1"),
            ("nginx", .lying, "200, status [\"UP\"]", "typed", "assertion:1"),
            ("haproxy", .up, "nginx behind", "haproxy", "ok"),
            ("haproxy", .down, "no server behind", "noserver", "assertion:0"),
            ("haproxy", .wrong, "504 after 200ms", "late", "assertion:0"),
            ("haproxy", .lying, "200, a page of its own", "sorry", "assertion:1"),
        ]
        let slow = [("nginx", "hanging"), ("haproxy", "haproxyhanging")].map {
            Row($0.0, .slow, "nobody answers behind", http($0.1) + short, "timeout")
        }
        return rows.map { Row($0.0, $0.1, $0.2, http($0.3), $0.4) } + slow
    }

    static func sockets(_ ports: [String: Int]) -> [Row] {
        let http = { (name: String) in "http: {port: \(ports[name] ?? 0), path: /health}, \(up)" }
        let rows: [(String, State, String, String, String)] = [
            ("http", .up, "status UP", "up", "ok"),
            ("http", .lying, "body shorter than its length", "long", "reset"),
            ("http", .lying, "a status line without status", "garbage", "protocol"),
            ("http", .lying, "SSH in place of HTTP", "banner", "protocol"),
            ("http", .lying, "closes without a word", "mute", "reset"),
            ("http", .lying, "closes within the header", "headless", "assertion:1"),
            ("http", .lying, "200, empty body", "empty", "assertion:1"),
            ("http", .lying, "200, status null", "null", "assertion:1"),
            ("http", .lying, "200, status up", "cased", "assertion:1"),
            ("http", .lying, "200, UP and then DOWN", "twice", "assertion:1"),
            ("http", .lying, "1 GB, length told", "gigabyte", "too-large"),
            ("http", .lying, "1 GB in chunks", "chunks", "too-large"),
            ("http", .lying, "1 GB of header", "header", "too-large"),
        ]
        let drips = [
            Row("http", .slow, "a byte a second of body", http("drip") + ", timeout: 2500ms", "timeout"),
            Row("http", .slow, "a byte a second of header", http("dripheader") + ", timeout: 2500ms", "timeout"),
            Row("http", .slow, "accepts and says nothing", http("silent") + short, "timeout"),
            Row("tcp", .lying, "1 GB of x", "tcp: {port: \(ports["stream"] ?? 0), expect: ready}", "expect"),
        ]
        return rows.map { Row($0.0, $0.1, $0.2, http($0.3), $0.4) } + drips
    }

    static func redis(_ ports: [String: Int]) -> [Row] {
        let ping = { (name: String) in
            "tcp: {port: \(ports[name] ?? 0), send: \"PING\\r\\nQUIT\\r\\n\", expect: \"+PONG\"}"
        }
        return [
            Row("redis", .up, "PONG", ping("redis"), "ok"),
            Row("redis", .down, "not listening", ping("closed"), "connect"),
            Row("redis", .slow, "stopped by a signal", ping("redisstopped") + short, "timeout"),
            Row("redis", .wrong, "NOAUTH", ping("redislocked"), "expect"),
            Row("redis", .lying, "LOADING", ping("loading"), "expect"),
            Row("redis", .lying, "an echo in its place", ping("echo"), "expect"),
        ]
    }

    static func postgres(_ ports: [String: Int], programs: String) -> [Row] {
        let ready = { (name: String) in
            "exec: {runOn: controller, interface: exitcode, command: [\(programs)/pg_isready, -h, 127.0.0.1, -U, table, "
                + "-d, postgres, -t, \"1\", -p, \"\(ports[name] ?? 0)\"]}"
        }
        let primary = { (name: String) in
            "exec: {runOn: controller, interface: exitcode, command: [\(programs)/psql, -h, 127.0.0.1, -U, table, -X, "
                + "-d, postgres, -p, \"\(ports[name] ?? 0)\", -v, ON_ERROR_STOP=1, -c, "
                + "\"SELECT 1 / (NOT pg_is_in_recovery())::int\"]}"
        }
        return [
            Row("postgresql", .up, "accepts connections", ready("postgres"), "ok"),
            Row("postgresql", .up, "a primary", primary("postgres"), "ok"),
            Row("postgresql", .down, "not listening", ready("closed"), "exec:exit-2"),
            Row("postgresql", .slow, "stopped by a signal", ready("postgresstopped"), "exec:exit-2"),
            Row(
                "postgresql", .slow, "stopped, the tool killed", primary("postgresstopped") + short, "exec:timeout",
                .inconclusive),
            Row("postgresql", .wrong, "in recovery, refuses", ready("postgresstarting"), "exec:exit-1"),
            Row("postgresql", .lying, "a standby, ready", ready("postgresstandby"), "ok"),
            Row("postgresql", .lying, "a standby, asked more", primary("postgresstandby"), "exec:exit-1"),
            Row("postgresql", .lying, "an echo in its place", ready("echo"), "exec:exit-2"),
        ]
    }

    static func dns(_ ports: [String: Int]) -> [Row] {
        let ask = { (name: String, host: String) in
            "dns: {name: \(host), port: \(ports[name] ?? 0)}, timeout: 1s, "
                + "assert: [{answers: {equals: 192.0.2.1}}]"
        }
        let any = { (name: String, host: String) in "dns: {name: \(host), port: \(ports[name] ?? 0)}, timeout: 1s" }
        return [
            Row("dnsmasq", .up, "the address", ask("dnsmasq", "web.test"), "ok"),
            Row("dnsmasq", .down, "not listening", ask("closed", "web.test"), "connect"),
            Row("dnsmasq", .slow, "stopped by a signal", ask("dnsstopped", "web.test"), "timeout"),
            Row("dnsmasq", .wrong, "NXDOMAIN", any("dnsmasq", "none.test"), "dns:rcode"),
            Row("dnsmasq", .wrong, "REFUSED", any("dnsmasq", "web.example"), "dns:rcode"),
            Row("dns", .lying, "another address", ask("dnsaddress", "web.test"), "assertion:0"),
            Row("dns", .lying, "another name's address", any("dnsname", "web.test"), "dns:empty"),
            Row("dns", .lying, "NOERROR and nothing else", any("dnsempty", "web.test"), "dns:empty"),
            Row("dns", .lying, "another question's number", ask("dnsother", "web.test"), "timeout"),
            Row("dns", .lying, "cut off in the middle", ask("dnsgarbage", "web.test"), "protocol"),
            Row("dns", .wrong, "REFUSED, by hand", any("dnsrefused", "web.test"), "dns:rcode"),
        ]
    }

    static func mail(_ ports: [String: Int], plugins: String) -> [Row] {
        let greets = { (name: String) in "tcp: {port: \(ports[name] ?? 0), expect: \"220 \"}" }
        let plugin = { (name: String) in
            "exec: {runOn: controller, command: [\(plugins)/check_smtp, -H, 127.0.0.1, -p, \"\(ports[name] ?? 0)\", "
                + "-t, \"1\", -C, \"MAIL FROM:<a@mail.test>\", -R, \"250\"]}, "
                + "assert: [{perfdata: {label: time, critical: \"~:5\"}}]"
        }
        return [
            Row("smtp", .up, "220", greets("smtp"), "ok"),
            Row("smtp", .up, "takes a sender, by check_smtp", plugin("smtp"), "ok"),
            Row("smtp", .down, "not listening", greets("closed"), "connect"),
            Row("smtp", .down, "not listening, by check_smtp", plugin("closed"), "exec:exit-2"),
            Row("smtp", .slow, "says nothing", greets("silent") + short, "timeout"),
            Row("smtp", .slow, "says nothing, by check_smtp", plugin("silent"), "exec:exit-2"),
            Row("smtp", .wrong, "554", greets("smtprefusing"), "expect"),
            // That plugin only warns of a greeting that it does not like.
            Row("smtp", .wrong, "554, by check_smtp", plugin("smtprefusing"), "assertion:0"),
            Row("smtp", .lying, "220, then 421: not seen", greets("smtpbusy"), "ok"),
            Row(
                "smtp", .lying, "220, then 421, by check_smtp", plugin("smtpbusy"), "exec:exit-3", .inconclusive),
            Row(
                "smtp", .lying, "220, then 421, asked more",
                "tcp: {port: \(ports["smtpbusy"] ?? 0), send: \"EHLO a\\r\\nQUIT\\r\\n\", expect: \"250 \"}", "expect"),
        ]
    }

    static func tls(_ ports: [String: Int], folder: String, closed: Int) -> [Row] {
        let tls = { (name: String) in
            "tls: {port: \(ports[name] ?? 0), caFile: \(folder)/authority.pem, hostname: web.test}"
        }
        let expiry = ", assert: [{certificate: {expiresIn: {warning: \"14d:\", critical: \"12h:\"}, name: web.test}}]"
        let https = { (name: String) in
            "http: {scheme: https, port: \(ports[name] ?? 0), hostname: web.test}, "
                + "tls: {caFile: \(folder)/authority.pem}, assert: [{status: 200}]"
        }
        return [
            Row("tls", .up, "good certificate", tls("good") + expiry, "ok"),
            Row("tls", .down, "not listening", "tls: {port: \(closed), hostname: web.test}", "connect"),
            Row("tls", .slow, "no handshake", tls("silent") + short, "timeout"),
            Row("tls", .wrong, "expired", tls("expired"), "tls:expired"),
            Row("tls", .wrong, "self-signed", tls("selfsigned"), "tls:untrusted"),
            Row("tls", .wrong, "for another host", tls("elsewhere"), "tls:hostname"),
            Row("tls", .wrong, "expires in a day", tls("soon") + expiry, "assertion:0", .warning),
            Row("tls", .lying, "HTTP in place of TLS", tls("prometheus"), "tls"),
            Row("https", .wrong, "expired", https("expired"), "tls:expired"),
            Row("https", .wrong, "self-signed", https("selfsigned"), "tls:untrusted"),
            Row("https", .wrong, "for another host", https("elsewhere"), "tls:hostname"),
        ]
    }
}
