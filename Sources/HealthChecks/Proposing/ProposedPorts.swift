/// Checks of the ports that a machine listens on.
struct ProposedPorts {
    /// From here on ports are given out at random, and a replacement gets others (IANA: 49152; Linux: 32768).
    static let firstEphemeral = 32_768
    /// More ports than these are somebody's ports, not a service's.
    static let maximumChecks = 24

    private let ports: [Int]

    /// Reads `tcp/443` and the like; what has another form is left out.
    init(_ listening: [String]) {
        let numbers = listening.compactMap { text -> Int? in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let port = Int(parts[1]), (1...65_535).contains(port), String(port) == parts[1]
            else { return nil }
            return parts[0] == "tcp" || (parts[0] == "udp" && port == 53) ? port : nil
        }
        ports = Set(numbers).sorted()
    }

    private var fixed: [Int] { ports.filter { $0 < Self.firstEphemeral } }

    /// The checks, in the order of the ports.
    func checks(hostname: String?) -> [ProposedCheck] {
        fixed.prefix(Self.maximumChecks).flatMap { Self.checks(of: $0, hostname: hostname) }
    }

    /// What of the ports is not checked, in words.
    var notes: [String] {
        let left = fixed.dropFirst(Self.maximumChecks) + ports.filter { $0 >= Self.firstEphemeral }
        guard !left.isEmpty else { return [] }
        let shown = left.prefix(10).map(String.init).joined(separator: ", ")
        let more = left.count > 10 ? " and \(left.count - 10) more" : ""
        return ["Not proposed, since such ports differ from boot to boot or are too many: \(shown)\(more)."]
    }

    private static func checks(of port: Int, hostname: String?) -> [ProposedCheck] {
        switch port {
        case 80, 8000, 8008, 8080, 8888:
            return [.http(port: port, path: "/", about: "What listens here most likely speaks HTTP.")]
        case 443, 8443: return ProposedCheck.https(port: port, hostname: hostname)
        case 465, 636, 853, 989, 990, 993, 995, 5671, 6697, 8883: return [.certificate(port: port)]
        case 53: return [.dns(port: port)]
        case 9090: return [.http(port: port, path: "/-/ready", about: "Prometheus, as it says itself of being ready.")]
        case 9100: return [.http(port: port, path: "/metrics", about: "The exporter of the machine's metrics.")]
        default: return [greeted(port) ?? .tcp(id: "tcp", port: port, about: unknown)]
        }
    }

    private static let unknown = [
        "That the port accepts connections proves little: say with send and expect what the service answers."
    ]

    /// Services that speak first, or answer a word, in text.
    private static func greeted(_ port: Int) -> ProposedCheck? {
        switch port {
        case 21: .tcp(id: "ftp", port: port, expect: "220", about: ["The server greets."])
        case 22: .tcp(id: "ssh", port: port, expect: "SSH-2.0-", about: ["Those who operate it get in."])
        case 25, 587: .tcp(id: "smtp", port: port, expect: "220 ", about: ["The mail server greets and takes mail."])
        case 110: .tcp(id: "pop3", port: port, expect: "+OK", about: ["The server greets."])
        case 143: .tcp(id: "imap", port: port, expect: "* OK", about: ["The server greets."])
        case 3306:
            .tcp(id: "mysql", port: port, about: ["That it can be reached; a query: exec with check_mysql_query."])
        case 5432:
            .tcp(
                id: "postgresql", port: port,
                about: ["That it can be reached; healthchecks/postgresql.yaml has a query as well."])
        case 6379:
            .tcp(
                id: "redis", port: port, send: #"PING\r\nQUIT\r\n"#, expect: "+PONG",
                about: [#"With a password: send: "AUTH ${file:redis-password}\r\nPING\r\nQUIT\r\n""#])
        case 11211:
            .tcp(
                id: "memcached", port: port, send: #"version\r\n"#, expect: "VERSION ",
                about: ["The server says its version."])
        default: nil
        }
    }
}
