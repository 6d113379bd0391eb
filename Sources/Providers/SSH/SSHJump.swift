/// The hosts on the way to an instance.
struct SSHJump: Sendable, Hashable {
    /// One host on the way.
    struct Hop: Sendable, Hashable {
        var user: String?
        var host: String
        var port: Int?
    }

    /// The hosts in the order in which they are passed; never empty.
    let hops: [Hop]

    /// Reads what `ssh -J` takes: `[user@]host[:port]` or `ssh://…`, several with commas; `nil` when it is not that.
    init?(_ text: String) {
        var hops: [Hop] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let hop = Self.hop(part) else { return nil }
            hops.append(hop)
        }
        self.hops = hops
    }

    private static func hop(_ text: Substring) -> Hop? {
        var rest = text.hasPrefix("ssh://") ? text.dropFirst(6) : text
        var hop = Hop(host: "")
        if let end = rest.lastIndex(of: "@") {
            hop.user = String(rest[..<end])
            rest = rest[rest.index(after: end)...]
        }
        var port: Substring?
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            hop.host = String(rest[rest.index(after: rest.startIndex)..<end])
            let after = rest[rest.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { return nil }
            port = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = rest.firstIndex(of: ":"), rest.lastIndex(of: ":") == colon {
            hop.host = String(rest[..<colon])
            port = rest[rest.index(after: colon)...]
        } else {
            hop.host = String(rest)
        }
        if let port {
            guard let number = Int(port), (1...65535).contains(number) else { return nil }
            hop.port = number
        }
        let isUser = hop.user.map { !$0.hasPrefix("-") && SSHClientCall.isHost($0) } ?? true
        return SSHClientCall.isHost(hop.host) && isUser ? hop : nil
    }

    /// The line with which `ssh` reaches the instance over the hosts, as a value of `ProxyCommand`.
    ///
    /// `-J` itself would do the same with OpenSSH's own settings, which may ask at the terminal. Each host that was
    /// reached is reported in a line `marker jumped N`, which goes with everything else to the end of `log`.
    func proxyCommand(options: [String], marker: String, log: String) -> String {
        var line: String?
        for (number, hop) in hops.enumerated() {
            let report = ["PermitLocalCommand=yes", "LocalCommand=echo '\(marker) jumped \(number)' >&2"]
            var words = ["ssh", "-T"] + options + report.flatMap { ["-o", $0] }
            if let line { words += ["-o", "ProxyCommand=\(line)"] }
            if let user = hop.user { words += ["-l", user] }
            if let port = hop.port { words += ["-p", "\(port)"] }
            let call = RemoteCommandLine.joined(words).replacing("%", with: "%%")
            let rest = " -- \(hop.host) 2>>\(RemoteCommandLine.quoted(log))".replacing("%", with: "%%")
            line = "\(call) -W '[%h]:%p'\(rest)"
        }
        return line ?? ""
    }
}
