public import Workflow

/// A check file that is proposed for a machine, as commented YAML for its author to go on with.
///
/// The same facts give the same text, and lint finds nothing wrong with it. What a machine says of itself is put into the
/// text only where it has the form that the language asks for.
public struct CheckProposal: Sendable, Hashable {
    /// The name in the file's metadata.
    public let name: String
    /// The ids of the proposed checks, in the file's order.
    public let checkIDs: [String]
    /// The file's text.
    public let text: String

    /// A file to start from where there is no machine to look at.
    public static let starter = CheckProposal(
        name: "web",
        opening: [
            "What proves that a service is healthy: change the port, the path and what must hold of the answer.",
            "More to copy from: healthchecks/http.yaml, https.yaml, tcp-service.yaml, postgresql.yaml and others there.",
        ],
        checks: starterChecks, notes: [])

    /// Proposes checks of what listens and runs on a machine.
    ///
    /// - Parameters:
    ///   - machine: What the machine is called; with a dot in it, it is taken for its host name.
    ///   - facts: What is installed and running there.
    public init(machine: String, facts: MachineFacts) {
        let ports = ProposedPorts(facts.listeningPorts)
        let units = ProposedUnits(facts.units)
        let hostname = Self.hostname(of: machine)
        var checks = ports.checks(hostname: hostname)
        if let check = units.check { checks.append(check) }
        checks += ProposedPlugins(facts).checks
        if !facts.packages.isEmpty { checks.append(.patched) }
        let shown = ProposalText.comment(machine)
        guard !checks.isEmpty else {
            let opening = "Nothing to propose was found on \(shown): these are checks to start from."
            self.init(
                name: Self.fileName(of: machine), opening: [opening], checks: CheckProposal.starterChecks,
                notes: ports.notes + units.notes)
            return
        }
        self.init(
            name: Self.fileName(of: machine),
            opening: [
                "Proposed from what listens and runs on \(shown). That a machine does something does not mean that it",
                "should: go through the checks, remove what does not matter, and say what your service answers.",
            ], checks: checks, notes: ports.notes + units.notes)
    }

    private static let starterChecks: [ProposedCheck] = [
        .http(port: 80, path: "/", about: "The service itself."), .patched,
    ]

    private init(name: String, opening: [String], checks: [ProposedCheck], notes: [String]) {
        self.name = name
        checkIDs = checks.map(\.id)
        var lines = opening + ["", "What it will do, in words:   changeover check explain FILE"]
        if !notes.isEmpty { lines += [""] + notes }
        text =
            (lines.map(ProposalText.commentLine) + Self.head(name, checks) + checks.flatMap(\.lines).dropLast())
            .joined(separator: "\n") + "\n"
    }

    private static func head(_ name: String, _ checks: [ProposedCheck]) -> [String] {
        [
            "apiVersion: changeover/v1",
            "kind: HealthCheck",
            "",
            "metadata:",
            "  name: \(ProposalText.quoted(name))   # results are named after it: \(name)/\(checks.first?.id ?? "")",
            "  description: \(ProposalText.quoted("What is proven before it takes over"))",
            "",
            "defaults:",
            "  interval: 10s               # ask this often",
            "  timeout: 5s                 # no answer within this time is a failure",
            "  startupGrace: 5m            # failures are not counted until then, or until the first success",
            "  successThreshold: 3         # healthy after so many successes in a row …",
            "  stableFor: 30s              # … and once this long has gone by since the first of them",
            "  failureThreshold: 3         # failed after so many failures in a row",
            "  deadline: 15m               # not decided by then: not healthy",
            "",
            "checks:",
        ]
    }

    /// A name that the language accepts, as near to the machine's as can be.
    private static func fileName(of machine: String) -> String {
        let allowed = machine.unicodeScalars.prefix(64).map { scalar -> Character in
            ProposalText.isPlain(scalar) ? Character(scalar) : "-"
        }
        let name = String(allowed.drop { !$0.isLetter && !$0.isNumber })
        return name.isEmpty ? "proposed" : name
    }

    private static func hostname(of machine: String) -> String? {
        let isHost = machine.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?/) != nil
        let isName = machine.contains(".") && machine.contains(where: \.isLetter)
        return isHost && isName && machine.count <= 253 ? machine : nil
    }
}
