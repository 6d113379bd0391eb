extension DocumentFormat {
    /// A list; every element is read even when one is wrong.
    public static func list<Element: Sendable>(
        of element: DocumentFormat<Element>, allowsEmpty: Bool = false
    ) -> Self where Value == [Element] {
        let shape = DocumentShape.list(element.shape, allowsEmpty: allowsEmpty)
        return Self(shape) { cursor in
            guard case .sequence(let nodes) = cursor.node.content else {
                let isMistakenElement = !cursor.node.isNull
                cursor.reportWrongType(
                    shape, suggestion: isMistakenElement ? "write it as a list: one line with \"- \" each" : nil)
                return nil
            }
            guard allowsEmpty || !nodes.isEmpty else {
                cursor.report(.empty, "the list may not be empty")
                return nil
            }
            let elements = nodes.enumerated().map { element.read(cursor.child($1, index: $0)) }
            let good = elements.compactMap(\.self)
            return good.count == elements.count ? good : nil
        }
    }

    /// A list of words of which none may occur twice; `problem` says what to report then.
    public static func set<Element: Sendable & Hashable>(
        of element: DocumentFormat<Element>, problem: String
    ) -> Self where Value == [Element] {
        let list = DocumentFormat<[Element]>.list(of: element).refine { elements, cursor -> [Element]? in
            guard Set(elements).count == elements.count else {
                cursor.report(.invalid, problem)
                return nil
            }
            return elements
        }
        return list.described(as: .list(element.shape, allowsEmpty: false, isUnique: true))
    }

    /// A mapping whose keys the operator chooses within limits; every value is read even when one is wrong.
    ///
    /// `problem` says of a key outside of the limits what is wrong with it.
    public static func dictionary<Element: Sendable>(
        of element: DocumentFormat<Element>, keys limits: DocumentTextLimits = .none,
        problem: @escaping @Sendable (String) -> DocumentTextProblem = { .invalid("\"\($0)\" is no key here") }
    ) -> Self where Value == [String: Element] {
        let shape = DocumentShape.dictionary(element.shape, keys: limits)
        let matcher = DocumentTextMatcher(limits)
        return Self(shape) { cursor in
            guard case .mapping(let entries) = cursor.node.content else {
                cursor.reportWrongType(shape)
                return nil
            }
            var result: [String: Element] = [:]
            for entry in entries {
                guard !entry.key.isEmpty else {
                    cursor.report(.empty, "a key may not be empty", at: entry.keyMark)
                    continue
                }
                guard matcher.accepts(entry.key) else {
                    problem(String(entry.key.prefix(60))).report(at: cursor, mark: entry.keyMark)
                    continue
                }
                result[entry.key] = element.read(cursor.child(entry.value, key: entry.key))
            }
            return result.count == entries.count ? result : nil
        }
    }

    /// Several forms told apart by what is written: a text, a list or a mapping.
    ///
    /// At least one form must be given.
    public static func either(
        text: DocumentFormat<Value>? = nil, list: DocumentFormat<Value>? = nil, mapping: DocumentFormat<Value>? = nil
    ) -> Self {
        let shape = DocumentShape.alternatives([text, list, mapping].compactMap { $0?.shape })
        return Self(shape) { cursor in
            let format: DocumentFormat<Value>? =
                switch cursor.node.content {
                case .scalar: cursor.node.isNull ? nil : text
                case .sequence: list
                case .mapping: mapping
                }
            guard let format else {
                cursor.reportWrongType(shape)
                return nil
            }
            return format.read(cursor)
        }
    }
}
