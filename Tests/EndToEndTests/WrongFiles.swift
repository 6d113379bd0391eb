import Foundation

/// Rows for files that are written wrongly, six ways for each kind of file.
enum WrongFiles {
    typealias Row = FailureTableTests.Row

    static let playbooks = rows(
        of: Texts.playbook(Policy()), kind: "playbook", file: "x/p.yaml",
        arguments: ["swap", "web-1", "--playbook", "x/p.yaml"],
        unknown: ("bake:", "bakes:", "did you mean \"bake\""), unit: ("for: 1s", "for: 1 sec", "1 sec"))

    static let checks =
        rows(
            of: Texts.check(), kind: "check", file: "x/c.yaml", arguments: ["check", "lint", "x/c.yaml"],
            unknown: ("interval:", "intervall:", "did you mean \"interval\""), unit: ("200ms", "200 msec", "200 msec"))
        + rows(
            of: Texts.check(), kind: "check of a playbook", file: "x/c.yaml",
            arguments: ["swap", "web-1", "--playbook", "x/p.yaml"],
            unknown: ("interval:", "intervall:", "did you mean \"interval\""), unit: ("200ms", "200 msec", "200 msec"),
            beside: ["x/p.yaml": Texts.playbook(Policy(checks: ["c.yaml"]))])

    static let configurations = rows(
        of: Texts.configuration(), kind: "configuration", file: "x/changeover.yaml",
        arguments: ["swap", "web-1", "--config", "x/changeover.yaml"],
        unknown: ("store:", "stores:", "did you mean \"store\""), unit: nil)

    private static func rows(
        of text: String, kind: String, file: String, arguments: [String], unknown: (String, String, String),
        unit: (String, String, String)?, beside: [String: String] = [:]
    ) -> [Row] {
        func row(_ what: String, _ wrong: String, _ fragments: [String]) -> Row {
            // Every message begins with file:line:column.
            Row(
                "\(kind): \(what)", arguments, 64, [file + ":"] + fragments,
                files: beside.merging([file: wrong]) { $1 })
        }
        func replacing(_ old: String, _ new: String) -> String {
            text.range(of: old).map { text.replacingCharacters(in: $0, with: new) } ?? ""
        }
        var rows = [
            row("unknown key", replacing(unknown.0, unknown.1), [unknown.1.dropLast().description, unknown.2]),
            row("duplicate key", text + "kind: Again\n", ["kind"]),
            row("alias", replacing("kind: ", "kind: &a ").appending("other: *a\n"), ["&a"]),
            row(
                "300 KiB", text + String(repeating: "# padding, only padding\n", count: 12_800), ["the limit is 262144"]
            ),
        ]
        if let unit { rows.append(row("bad unit", replacing(unit.0, unit.1), [unit.2])) }
        var latin = row("not UTF-8", "", ["UTF-8"])
        latin.files[file] = Data(text.utf8) + [0x23, 0xE9, 0x0A]
        return rows + [latin]
    }
}
