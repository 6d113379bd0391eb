import Foundation

/// Why the OpenSSH client could not do its work, in words that say what to do.
///
/// The client ends with 255 whatever went wrong and tells the reason in words only (ssh(1), EXIT STATUS). They are read
/// to say more, never to decide anything.
struct SSHFailure: Sendable {
    /// Where the client wanted to go, with the words for where its host key is looked for.
    let place: Place

    /// A host that was to be reached.
    enum Place: Sendable {
        /// The instance.
        case instance(SSHClientCall)
        /// A host on the way to it.
        case jump(SSHJump.Hop, identityFile: String?)
    }

    private static let frame = CharacterSet(charactersIn: "@ ")

    /// What went wrong, from what the client printed.
    func words(for output: String) -> String {
        // The client frames what is grave with @.
        let lines = output.unicodeScalars.split { $0 == "\n" || $0 == "\r" }
            .map { String($0).trimmingCharacters(in: Self.frame) }.filter { !$0.isEmpty }
        let last = lines.last.map { String($0.prefix(300)) } ?? "the connection broke"
        for (signs, words) in reasons {
            guard let sign = signs.first(where: output.contains) else { continue }
            let said = lines.last { $0.contains(sign) }.map { String($0.prefix(300)) } ?? last
            return said == last ? "\(words) (\(last))" : "\(words) (\(said); \(last))"
        }
        return last
    }

    private var reasons: [(signs: [String], words: String)] {
        keyReasons + loginReasons + [
            (["Connection refused"], "nothing listens on port \(port); the machine may still be starting"),
            (
                ["timed out", "Timeout, server"],
                "no answer came in time; look at security groups, routes and whether it runs"
            ),
            (
                ["Could not resolve hostname"],
                "its name is not known on this machine; look at the name and at this machine's DNS"
            ),
            (
                ["No route to host", "Network is unreachable", "Host is down"],
                "there is no route to it; is it in this network, or is a jumpHost needed?"
            ),
            (
                ["Unable to negotiate"],
                "the server and this machine's OpenSSH have no algorithm in common; update the older of them"
            ),
            (
                ["Bad owner or permissions on", "Bad configuration option", "terminating, "],
                "OpenSSH's own configuration on this machine is wrong"
            ),
            (
                ["Invalid SSH identification", "banner line contains", "banner exchange"],
                "what listens on port \(port) does not speak SSH"
            ),
            (
                ["kex_exchange_identification", "Connection reset by", "Connection closed by"],
                "it closed the connection before anybody could log in; its log says why: too many connections "
                    + "(MaxStartups), a refused address, or a machine that is going down"
            ),
        ]
    }

    private var keyReasons: [(signs: [String], words: String)] {
        let (changed, unknown) = keyRemedies
        return [
            (
                ["REMOTE HOST IDENTIFICATION HAS CHANGED"],
                "its host key is another one than the known one: either the machine was set up anew, or another machine "
                    + "answers in its place; find out which, and only then \(changed)"
            ),
            (["REVOKED HOST KEY", "revoked"], "its host key is revoked; set the machine up anew"),
            (
                ["Certificate invalid"],
                "the certificate of its host key does not hold; sign the key again, for this name or address"
            ),
            (["host key is known for", "Host key verification failed"], "its host key is not known; \(unknown)"),
        ]
    }

    /// What to do about a changed key and about an unknown one.
    private var keyRemedies: (changed: String, unknown: String) {
        guard case .instance(let call) = place else {
            let words = "add the jump host's key to ~/.ssh/known_hosts from a source you trust"
            return ("correct ~/.ssh/known_hosts", words)
        }
        switch call.settings.hostKeys {
        case .knownHosts(let file):
            let name = file ?? "~/.ssh/known_hosts"
            return (
                "correct \(name)",
                "add it to \(name) from a source you trust, or let `hostKeys: console` or `certificateAuthority` tell it"
            )
        case .console:
            let file = call.identity.file ?? ""
            return (
                "delete \(file): the key is then read from the console again",
                "the console showed other kinds of key; if it was given a new one, delete \(file)"
            )
        case .certificateAuthority:
            return (
                "correct the certificateAuthority",
                "no certificate of the authority was shown; sign the host key (ssh-keygen -s … -h -n NAME) and name "
                    + "the certificate in the server's HostCertificate"
            )
        }
    }

    private var loginReasons: [(signs: [String], words: String)] {
        let (user, key) = login
        return [
            (
                ["UNPROTECTED PRIVATE KEY FILE", "bad permissions"],
                "\(key) may be read by others, so it is not used; chmod 600 it"
            ),
            (
                ["incorrect passphrase", "error in libcrypto", "invalid format"],
                "\(key) cannot be read: it has a passphrase, which an agent can know (ssh-add), or is no private key"
            ),
            (
                ["Too many authentication failures"],
                "it refuses after too many keys; name the right one as identityFile"
            ),
            (
                ["Permission denied"],
                "it refuses the user \(user) or the key; is the public half of \(key) in the user's "
                    + ".ssh/authorized_keys there, and does the user exist?"
            ),
        ]
    }

    private var login: (user: String, key: String) {
        switch place {
        case .instance(let call): (call.settings.user, call.settings.identityFile ?? "a key of the agent or of ~/.ssh")
        case .jump(let hop, let file):
            (hop.user ?? "of OpenSSH's configuration", file ?? "a key of the agent or of ~/.ssh")
        }
    }

    private var port: String {
        switch place {
        case .instance(let call): "\(call.settings.port)"
        case .jump(let hop, _): hop.port.map(String.init) ?? "22"
        }
    }
}
