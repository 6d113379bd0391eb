/// A rule about several keys of a mapping, as data: the strict reader and a JSON Schema decide by the same value.
public struct DocumentRule: Sendable, Hashable {
    /// The rule in one sentence, for descriptions.
    public let summary: String
    /// Where the rule applies; `nil` everywhere.
    public let condition: DocumentCondition?
    /// What must hold there.
    public let demand: DocumentCondition
    /// The kind of mistake.
    public let code: DocumentError.Code
    /// What is wrong; `%found` stands for the key or text in the way, `%subject` for the first present one of `subjects`.
    public let message: String
    /// What to write instead, with the same placeholders.
    public let suggestion: String?
    /// The key at whose value a mistake is reported; `nil` where it was found.
    public let place: String?
    /// Keys of which the first present one is named in messages.
    public let subjects: [String]
    /// The mapping's own keys that the rule is about.
    let keys: Set<String>

    /// Creates a rule; without a message its summary is reported.
    public init(
        _ summary: String, when condition: DocumentCondition? = nil, demand: DocumentCondition,
        code: DocumentError.Code = .conflictingKeys, message: String? = nil, suggestion: String? = nil,
        at place: String? = nil, subjects: [String] = []
    ) {
        self.summary = summary
        self.condition = condition
        self.demand = demand
        self.code = code
        self.message = message ?? summary
        self.suggestion = suggestion
        self.place = place
        self.subjects = subjects
        keys = (condition?.keys ?? []).union(demand.keys)
    }

    /// At least one of the keys must be there.
    public static func atLeastOne(of keys: [String], _ summary: String, suggestion: String? = nil) -> Self {
        Self(summary, demand: .hasAny(keys), code: .missingKey, suggestion: suggestion)
    }

    /// Reports the mistake where the rule is broken.
    func check(_ cursor: DocumentCursor) {
        if let condition, !condition.holds(at: cursor) { return }
        guard let failure = demand.failure(at: cursor) else { return }
        let subject = subjects.first { cursor.member($0) != nil } ?? ""
        func filled(_ text: String) -> String {
            text.replacing("%found", with: failure.found).replacing("%subject", with: subject)
        }
        let place = place.flatMap { cursor.member($0) }
        (place ?? failure.place).report(
            code, filled(message), suggestion: suggestion.map(filled), at: place == nil ? failure.mark : nil)
    }
}
