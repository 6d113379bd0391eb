internal import Documents
internal import Workflow

/// One check of a file, with all defaults filled in.
struct Check: Sendable, Hashable {
    /// What is measured.
    enum Kind: Sendable, Hashable {
        case http(HTTPCheck)
        case tcp(TCPCheck)
        case tls(TLSCheck)
        case dns(DNSCheck)
        case exec(ExecCheck)
        case systemd(SystemdCheck)
        case patched(PatchedCheck)
        case promql(PromQLCheck)
        case group(CheckGroup)
        case compare(CompareCheck)
    }

    var id: String
    var timing: CheckTiming
    var kind: Kind
    var assertions: [Assertion]
    /// The file in which the check is written; files and secrets that it names are beside that one.
    var path: String

    /// The time after which the check passes when all is well from the start.
    var usualPass: Span {
        if case .compare(let compare) = kind { return compare.usualPass(timing) }
        return timing.shortestPass
    }

    /// The shortest time in which the check can pass.
    var shortestPass: Span {
        if case .compare(let compare) = kind { return compare.shortestPass(timing) }
        return timing.shortestPass
    }
}

extension Check.Kind {
    /// Whether it compares two instances.
    var isComparison: Bool {
        if case .compare = self { true } else { false }
    }

    /// The key under which it is written.
    var name: String {
        switch self {
        case .http: "http"
        case .tcp: "tcp"
        case .tls: "tls"
        case .dns: "dns"
        case .exec: "exec"
        case .systemd: "systemd"
        case .patched: "patched"
        case .promql: "promql"
        case .group(let group): group.rule.rawValue
        case .compare: "compare"
        }
    }

    /// How many requests one measurement makes.
    var requests: Int {
        switch self {
        case .http(let http): http.requests
        case .tcp(let tcp): tcp.requests
        case .tls(let tls): tls.requests
        case .dns(let dns): dns.requests
        case .exec, .systemd, .patched, .promql, .group, .compare: 1
        }
    }

    /// The shortest timeout, unless the check itself says otherwise; `nil` where the file's default holds.
    var minimumTimeout: Span? {
        switch self {
        case .patched: PatchedProbe.minimumTimeout
        case .group(let group): group.members.compactMap(\.kind.minimumTimeout).max()
        case .http, .tcp, .tls, .dns, .exec, .systemd, .promql, .compare: nil
        }
    }

    /// The texts of the probe that may refer to secrets.
    var secretTexts: [SecretText] {
        switch self {
        case .http(let http): Array(http.headers.values)
        case .tcp(let tcp): tcp.send.map { [$0] } ?? []
        case .promql(let promql): Array(promql.headers.values)
        case .group(let group): group.members.flatMap(\.kind.secretTexts)
        case .tls, .dns, .exec, .systemd, .patched, .compare: []
        }
    }
}
