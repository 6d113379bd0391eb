extension DocumentCondition {
    /// Where and by what a condition is not met.
    struct Failure {
        var place: DocumentCursor
        /// Where exactly, when a key rather than a value is in the way.
        var mark: DocumentMark?
        /// The key or the text that is in the way or missing.
        var found: String
    }

    /// Whether the condition holds of the mapping at the cursor.
    func holds(at cursor: DocumentCursor) -> Bool {
        failure(at: cursor) == nil
    }

    /// What is in the way of the condition; `nil` where it holds.
    func failure(at cursor: DocumentCursor) -> Failure? {
        switch self {
        case .has(let key): cursor.member(key) == nil ? Failure(place: cursor, found: key) : nil
        case .word(let key, let words): valueFailure(key, cursor) { words.contains($0) }
        case .above(let key, let bound): valueFailure(key, cursor) { Double($0).map { $0 > bound } ?? false }
        case .atMost(let key, let bound): valueFailure(key, cursor) { Double($0).map { $0 <= bound } ?? false }
        case .atLeast(let key, let bound): valueFailure(key, cursor) { Double($0).map { $0 >= bound } ?? false }
        case .texts(let key, let limits): textFailure(key, limits, cursor)
        case .onlyKeys(let keys): otherKey(than: keys, at: cursor)
        case .member(let key, let condition):
            cursor.member(key).map { condition.failure(at: $0) } ?? Failure(place: cursor, found: key)
        case .every(let key, let condition):
            (cursor.member(key)?.elements ?? []).lazy.compactMap { condition.failure(at: $0) }.first
        case .some(let key, let condition):
            (cursor.member(key)?.elements ?? []).contains { condition.holds(at: $0) }
                ? nil : Failure(place: cursor.member(key) ?? cursor, found: key)
        case .not(.has(let key)): cursor.member(key).map { Failure(place: $0, found: key) }
        case .not(let condition): condition.holds(at: cursor) ? Failure(place: cursor, found: "") : nil
        case .all(let conditions): conditions.lazy.compactMap { $0.failure(at: cursor) }.first
        case .any(let conditions):
            // By convention the last one is what an author is most likely to have meant.
            conditions.contains { $0.holds(at: cursor) }
                ? nil : conditions.last?.failure(at: cursor) ?? Failure(place: cursor, found: "")
        }
    }

    private func valueFailure(_ key: String, _ cursor: DocumentCursor, _ isRight: (String) -> Bool) -> Failure? {
        guard let place = cursor.member(key) else { return Failure(place: cursor, found: key) }
        guard case .scalar(let scalar) = place.node.content else { return Failure(place: place, found: key) }
        return isRight(scalar.text) ? nil : Failure(place: place, found: scalar.excerpt)
    }

    private func textFailure(_ key: String, _ limits: DocumentTextLimits, _ cursor: DocumentCursor) -> Failure? {
        guard let place = cursor.member(key) else { return nil }
        let matcher = DocumentTextMatcher(limits)
        let places = if case .sequence = place.node.content { place.elements } else { [place] }
        for place in places {
            guard case .scalar(let scalar) = place.node.content else { continue }
            if !matcher.accepts(scalar.text) { return Failure(place: place, found: scalar.excerpt) }
        }
        return nil
    }

    private func otherKey(than keys: [String], at cursor: DocumentCursor) -> Failure? {
        guard case .mapping(let entries) = cursor.node.content,
            let entry = entries.first(where: { !keys.contains($0.key) })
        else { return nil }
        return Failure(place: cursor, mark: entry.keyMark, found: entry.key)
    }
}
