/// Why the OpenSSH client could not do its work, in words that say what to do.
///
/// The client ends with 255 whatever went wrong and tells the reason in words only (ssh(1), EXIT STATUS). They are read
/// to say more, never to decide anything.
enum SSHFailure {
    private static let reasons: [(sign: String, words: String)] = [
        (
            "REMOTE HOST IDENTIFICATION HAS CHANGED",
            "its host key is another one than the known one; find out why before you correct the known hosts"
        ),
        ("host key is known for", "its host key is not known; add it to the known hosts from a source you trust"),
        ("Host key verification failed", "its host key could not be verified against the known hosts"),
        (
            "Permission denied",
            "it refuses the user or the key; look at the user, the identity file and its permissions"
        ),
        ("Too many authentication failures", "it refuses the keys; name the right one as identity file"),
        ("Connection refused", "nothing listens on the port; the machine may still be starting"),
        ("timed out", "no answer came in time; look at security groups, routes and whether it runs"),
        ("Could not resolve hostname", "its name is not known"),
        ("No route to host", "there is no route to it"),
        ("Network is unreachable", "there is no route to it"),
    ]

    /// What went wrong, from what the client printed.
    static func words(for output: String) -> String {
        let last = output.split(whereSeparator: \.isNewline).last.map(String.init) ?? "the connection broke"
        guard let reason = reasons.first(where: { output.contains($0.sign) }) else { return last }
        return "\(reason.words) (\(last))"
    }
}
