internal import Documents

/// The format of the groups `all` and `any`: lists of members, each with a probe and assertions but without timing.
enum GroupFormat {
    private static let id = DocumentKey(
        "id", CheckFileFormat.identifier, isRequired: true, summary: "The member's name within the group.")

    private static let member = DocumentFormat<CheckGroup.Member>.object(
        "member of a group", keys: [id.shape] + ContentFormat.rows(ContentFormat.probes),
        exactlyOneOf: ContentFormat.probes.map(\.name), orElse: "tls",
        rules: ContentFormat.rules(ContentFormat.probes)
    ) { object in
        let id = object[id]
        let content = ContentFormat.read(object, ContentFormat.probes)
        guard let id, let content else { return nil }
        return CheckGroup.Member(id: id, kind: content.kind, assertions: content.assertions)
    }

    private static func group(_ rule: CheckGroup.Rule) -> DocumentFormat<Check.Kind> {
        DocumentFormat<[CheckGroup.Member]>.list(of: member).refine { members, cursor in
            var seen: Set<String> = []
            for (member, place) in zip(members, cursor.elements) where !seen.insert(member.id).inserted {
                place.member("id")?.report(.duplicateKey, "the id \"\(member.id)\" occurs twice in this group")
            }
            return Check.Kind.group(CheckGroup(rule: rule, members: members))
        }
    }

    /// The two groups.
    static let groups: [DocumentKey<Check.Kind>] = [
        DocumentKey("all", group(.all), summary: "Several probes as one check, as good as the worst of them."),
        DocumentKey("any", group(.any), summary: "Several probes as one check, as good as the best of them."),
    ]
}
