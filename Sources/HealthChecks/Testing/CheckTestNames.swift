internal import Documents
internal import Workflow

/// Checks the names in a case against the check file that it tests.
struct CheckTestNames {
    let file: CheckFile
    let testCase: CheckTestCase

    /// Reports names that the file does not have, and checks that would wait for an answer in vain.
    func check(at place: DocumentCursor) {
        let checks = file.checks.filter { $0.timing.phases.contains(testCase.phase) }
        guard !checks.isEmpty else {
            place.report(.invalid, "no check of \(file.path) takes part in the phase \(testCase.phase.rawValue)")
            return
        }
        let needed = checks.flatMap(Self.places)
        let answers = place.member("answers") ?? place
        for name in testCase.answers.keys.sorted() where !needed.contains(name) {
            let nearest = NearestName.find(name, in: needed).map { "did you mean \"\($0)\"?" }
            answers.member(name)?.report(
                .unknownValue, "nothing in \(file.path) asks for \"\(name)\" in this phase",
                suggestion: nearest ?? "valid here: " + needed.joined(separator: ", "))
        }
        for name in needed where testCase.answers[name] == nil {
            answers.report(
                .missingKey, "there is no answer for \"\(name)\"", suggestion: "add \"\(name):\" with a list")
        }
        let ids = checks.map(\.id)
        for id in testCase.checks.keys.sorted() where !ids.contains(id) {
            let nearest = NearestName.find(id, in: ids).map { "did you mean \"\($0)\"?" }
            place.member("expect")?.member("checks")?.member(id)?.report(
                .unknownValue, "\(file.path) has no check \"\(id)\" in this phase",
                suggestion: nearest ?? "valid here: " + ids.joined(separator: ", "))
        }
    }

    /// The names under which a check's answers stand.
    static func places(of check: Check) -> [String] {
        switch check.kind {
        case .group(let group): group.members.map { "\(check.id)/\($0.id)" }
        case .compare: ["\(check.id)/original", "\(check.id)/replacement"]
        case .http, .tcp, .tls, .dns, .exec, .systemd, .patched, .promql: [check.id]
        }
    }
}
