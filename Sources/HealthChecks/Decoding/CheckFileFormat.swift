internal import Documents

/// The format of a whole check file.
enum CheckFileFormat {
    private struct Metadata: Sendable {
        var name: String
        var summary: String
    }

    private static let apiVersion = DocumentKey(
        "apiVersion", .constant("changeover/v1"), isRequired: true, summary: "The version of the language.")
    private static let kind = DocumentKey(
        "kind", .constant("HealthCheck"), isRequired: true, summary: "What the file is.")
    private static let metadata = DocumentKey(
        "metadata", metadataFormat, isRequired: true, summary: "The file's name and purpose.")
    private static let defaults = DocumentKey(
        "defaults", .object("defaults", keys: TimingKeys.rows, read: TimingKeys.read),
        summary: "Timing that applies to every check that does not say otherwise.")
    private static let checks = DocumentKey(
        "checks", .list(of: CheckFormat.draft),
        summary: "The checks; at least one, here or in a file that is extended.")
    private static let extends = DocumentKey(
        "extends", DocumentFormat<[String]>.either(text: basePath.map { [$0] }, list: .list(of: basePath)),
        summary: "Check files, relative to this one, whose defaults and checks are taken over. A later file and this "
            + "one win, key by key and check by check; the defaults hold for the checks that are taken over too.")

    private static let basePath = DocumentFormat<String>.text("a relative path", limits: TextForms.relativePath) {
        text in
        .invalid(
            "\"\(text.prefix(60))\" is no relative path",
            suggestion: "write it relative to this file, such as ../base.yaml")
    }

    private static let name = DocumentKey(
        "name", identifier, isRequired: true, summary: "The first half of the checks' names.")
    private static let description = DocumentKey(
        "description", DocumentFormat<String>.text, summary: "What the checks are for.")

    private static let metadataFormat = DocumentFormat<Metadata>.object(
        "metadata", keys: [name.shape, description.shape]
    ) { object in
        let summary = object[description] ?? ""
        return object[name].map { Metadata(name: $0, summary: summary) }
    }

    /// A name of letters, digits, dots, dashes and underscores.
    static let identifier = DocumentFormat<String>.text(
        "a name of letters, digits, . - and _", limits: TextForms.identifier
    ) { text in
        .invalid(
            "\"\(text.prefix(60))\" is no name",
            suggestion: "use up to 64 letters, digits, . - and _, first a letter or digit")
    }

    /// A check file, not yet put together with those that it extends.
    static let file = DocumentFormat<CheckFileDraft>.object(
        "check file",
        keys: [apiVersion.shape, kind.shape, metadata.shape, extends.shape, defaults.shape, checks.shape],
        rules: [
            DocumentRule(
                "There are checks, here or in a file that is extended.", demand: .hasAny(["extends", "checks"]),
                code: .missingKey, message: "a check file needs the key \"checks\"",
                suggestion: "add \"checks:\" with a list of checks")
        ]
    ) { object in
        _ = (object[apiVersion], object[kind])
        let metadata = object[metadata]
        let paths = object[extends] ?? []
        let defaults = object[defaults] ?? TimingOverrides()
        let drafts = object[checks] ?? []
        reportDuplicates(drafts, object.place(of: "checks")?.elements ?? [])
        guard let metadata else { return nil }
        let place = object.place(of: "extends") ?? object.cursor
        let places = place.elements.isEmpty ? [place] : place.elements
        let bases = zip(paths, places).map { CheckFileDraft.Base(path: $0, origin: CheckOrigin($1)) }
        return CheckFileDraft(
            path: object.cursor.documentPath, name: metadata.name, summary: metadata.summary, bases: bases,
            defaults: defaults, checks: drafts)
    }

    private static func reportDuplicates(_ drafts: [CheckDraft], _ places: [DocumentCursor]) {
        var seen: Set<String> = []
        for (draft, place) in zip(drafts, places) where !seen.insert(draft.id).inserted {
            place.member("id")?.report(.duplicateKey, "the id \"\(draft.id)\" occurs twice in this file")
        }
    }
}
