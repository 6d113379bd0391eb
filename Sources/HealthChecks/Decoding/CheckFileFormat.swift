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
        "checks", .list(of: CheckFormat.draft), isRequired: true, summary: "The checks; at least one.")

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
    static let identifier = DocumentFormat<String>.text("a name of letters, digits, . - and _").refine { text, cursor in
        guard text.count <= 64, text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*/) != nil else {
            cursor.report(
                .invalid, "\"\(text.prefix(60))\" is no name",
                suggestion: "use up to 64 letters, digits, . - and _, first a letter or digit")
            return String?.none
        }
        return text
    }

    /// A check file.
    static let file = DocumentFormat<CheckFile>.object(
        "check file", keys: [apiVersion.shape, kind.shape, metadata.shape, defaults.shape, checks.shape]
    ) { object in
        _ = (object[apiVersion], object[kind])
        let metadata = object[metadata]
        let defaults = object[defaults] ?? TimingOverrides()
        guard let drafts = object[checks] else { return nil }
        let places = object.place(of: "checks")?.elements ?? []
        let checks = zip(drafts, places).map { $0.check(defaults: defaults, at: $1.member("id") ?? $1) }
        reportDuplicates(drafts, places)
        guard let metadata else { return nil }
        return CheckFile(
            path: object.cursor.documentPath, name: metadata.name, summary: metadata.summary, checks: checks)
    }

    private static func reportDuplicates(_ drafts: [CheckDraft], _ places: [DocumentCursor]) {
        var seen: Set<String> = []
        for (draft, place) in zip(drafts, places) where !seen.insert(draft.id).inserted {
            place.member("id")?.report(.duplicateKey, "the id \"\(draft.id)\" occurs twice in this file")
        }
    }
}
