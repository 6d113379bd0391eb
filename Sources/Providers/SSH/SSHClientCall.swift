import Foundation

/// The calls of the OpenSSH client for one instance; pure.
struct SSHClientCall: Sendable, Hashable {
    /// The file of host keys to believe, and the name under which the instance stands in it.
    struct Identity: Sendable, Hashable {
        /// The file; `nil` for OpenSSH's own files.
        var file: String?
        /// The name; `nil` for the host itself.
        var alias: String?
    }

    /// Whose connection a call uses.
    enum Sharing: Sendable, Hashable {
        /// One of its own.
        case none
        /// The one behind this socket.
        case through(String)
        /// It opens one that others can use, behind this socket.
        case opening(String)
    }

    /// For how many seconds an idle connection is kept.
    static let idleSeconds = 60

    let host: String
    let settings: SSHSettings
    let identity: Identity

    /// Whether a text can be a host's name or address, which `ssh` cannot mistake for anything else.
    static func isHost(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("-")
            && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && !Array("@/'\"\\$`;&|<>()*?!#~{},".utf8).contains($0) }
    }

    /// Has the login shell read a line.
    func running(_ line: String, sharing: Sharing, proxy: String?) -> [String] {
        ["ssh"] + options(sharing: sharing, proxy: proxy) + ["--", host, line]
    }

    /// Opens the connection behind a socket, and ends once it is open.
    func opening(_ socket: String, proxy: String?) -> [String] {
        ["ssh"] + options(sharing: .opening(socket), proxy: proxy) + ["-N", "-f", "--", host]
    }

    /// Tells the process that holds the connection behind a socket to do something, such as `check` or `stop`.
    func telling(_ word: String, socket: String) -> [String] {
        [
            "ssh", "-F", "none", "-o", "LogLevel=QUIET", "-o", "ControlPath=\(Self.configured(socket))", "-O", word,
            "--", host,
        ]
    }

    /// Asks for the host's key, writes it to a file under the name `alias`, and logs in nowhere.
    func fetchingKey(to file: String, alias: String, proxy: String?) -> [String] {
        // What is given first counts.
        let own = [
            "StrictHostKeyChecking=accept-new", "UserKnownHostsFile=\(Self.configured(file))",
            "GlobalKnownHostsFile=/dev/null", "HostKeyAlias=\(alias)", "HashKnownHosts=no", "PubkeyAuthentication=no",
            "GSSAPIAuthentication=no", "HostbasedAuthentication=no", "PreferredAuthentications=none",
        ]
        return ["ssh"] + own.flatMap { ["-o", $0] } + options(sharing: .none, proxy: proxy) + ["--", host, "exit"]
    }

    /// The options of every call to a host on the way.
    ///
    /// The file of the instances' keys may hold theirs, too; OpenSSH's own files count as well.
    var jumpOptions: [String] {
        var values = Self.common + ["LogLevel=INFO", "ControlMaster=no", "ControlPath=none"]
        if case .knownHosts(let file?) = settings.hostKeys {
            values.append("UserKnownHostsFile=\(Self.configured(file)) ~/.ssh/known_hosts ~/.ssh/known_hosts2")
        }
        if let file = settings.identityFile { values.append("IdentityFile=\(Self.configured(file))") }
        return values.flatMap { ["-o", $0] }
    }

    /// What makes two calls use the same connection.
    func connectionName(instance: String) -> String {
        StableHash.text(
            of: [
                instance, host, settings.user, "\(settings.port)", settings.identityFile ?? "", identity.file ?? "",
                identity.alias ?? "", settings.jumpHost ?? "",
            ].joined(separator: "\u{0}"))
    }

    /// What holds for every connection: nothing is asked, nothing unknown is believed, nothing is passed on.
    private static let common = [
        "BatchMode=yes", "PasswordAuthentication=no", "KbdInteractiveAuthentication=no", "StrictHostKeyChecking=yes",
        "UpdateHostKeys=no", "CheckHostIP=no", "VerifyHostKeyDNS=no", "ConnectTimeout=10", "ServerAliveInterval=5",
        "ServerAliveCountMax=3", "ForwardAgent=no", "ForwardX11=no",
    ]

    private func options(sharing: Sharing, proxy: String?) -> [String] {
        var values = Self.common
        values += [
            "LogLevel=ERROR", "ClearAllForwardings=yes", "PermitLocalCommand=no", "RemoteCommand=none",
            "EscapeChar=none",
        ]
        if let file = identity.file {
            values += [
                "UserKnownHostsFile=\(Self.configured(file))", "GlobalKnownHostsFile=/dev/null",
                // OpenSSH 8.5 and newer.
                "IgnoreUnknown=KnownHostsCommand", "KnownHostsCommand=none",
            ]
        }
        if let alias = identity.alias { values.append("HostKeyAlias=\(alias)") }
        if let file = settings.identityFile {
            values += ["IdentityFile=\(Self.configured(file))", "IdentitiesOnly=yes"]
        }
        switch sharing {
        case .none: values += ["ControlMaster=no", "ControlPath=none"]
        case .through(let socket): values += ["ControlMaster=no", "ControlPath=\(Self.configured(socket))"]
        case .opening(let socket):
            values += [
                "ControlMaster=yes", "ControlPath=\(Self.configured(socket))", "ControlPersist=\(Self.idleSeconds)",
            ]
        }
        if let proxy { values += ["ProxyCommand=\(proxy)"] }
        return ["-T", "-l", settings.user, "-p", "\(settings.port)"] + values.flatMap { ["-o", $0] }
    }

    /// A path as a value of ssh_config(5): quoted, and without its tokens.
    static func configured(_ path: String) -> String {
        let plain = path.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
            .replacingOccurrences(of: "%", with: "%%")
        return "\"\(plain)\""
    }
}
