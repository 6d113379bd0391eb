/// A mapping while it is read.
public struct DocumentObject {
    /// The mapping's own place, for mistakes that concern several keys.
    public let cursor: DocumentCursor
    let shape: DocumentObjectShape
    let entries: [DocumentEntry]

    /// The value of a key; `nil` when it is absent, or after its mistakes have been reported.
    public subscript<Value>(key: DocumentKey<Value>) -> Value? {
        place(of: key.name).flatMap(key.format.read)
    }

    /// Whether the key is present.
    public func contains(_ name: String) -> Bool {
        entries.contains { $0.key == name }
    }

    /// The place of a key's value, for mistakes that concern it; `nil` when the key is absent.
    public func place(of name: String) -> DocumentCursor? {
        entries.first { $0.key == name }.map { cursor.child($0.value, key: name) }
    }

    /// The value of the only present key among `keys`; `nil` after reporting that none, two or a wrong one is present.
    public func exactlyOne<Value>(of keys: [DocumentKey<Value>]) -> Value? {
        let present = entries.filter { entry in keys.contains { $0.name == entry.key } }
        guard let first = present.first else {
            let names = keys.map(\.name).joined(separator: ", ")
            cursor.report(.missingKey, "a \(shape.name) needs exactly one of \(names)")
            return nil
        }
        for other in present.dropFirst() {
            cursor.report(
                .conflictingKeys, "\"\(other.key)\" next to \"\(first.key)\": a \(shape.name) has only one of them",
                at: other.keyMark)
        }
        let values = keys.filter { key in present.contains { $0.key == key.name } }.map { self[$0] }
        return present.count == 1 ? values.first ?? nil : nil
    }

    /// Reports unknown keys and missing required ones; whether there were none.
    func checkKeys() -> Bool {
        let names = shape.keys.map(\.name)
        let unknown = entries.filter { !names.contains($0.key) }
        for entry in unknown {
            let nearest = NearestName.find(entry.key, in: names).map { "did you mean \"\($0)\"?" }
            let valid = names.count <= 12 ? "valid here: " + names.joined(separator: ", ") : nil
            cursor.report(
                .unknownKey, "unknown key \"\(entry.key.prefix(60))\" in \(shape.name)", suggestion: nearest ?? valid,
                at: entry.keyMark)
        }
        let missing = shape.keys.filter { $0.isRequired && !contains($0.name) }
        for key in missing {
            cursor.report(
                .missingKey, "a \(shape.name) needs the key \"\(key.name)\"",
                suggestion: "add \"\(key.name):\" with \(key.shape.words)")
        }
        return unknown.isEmpty && missing.isEmpty
    }

    /// Reports broken rules about several keys; whatever is wrong by itself has been reported before.
    func checkRules() {
        let names = shape.keys.map(\.name)
        let hasUnknown = entries.contains { !names.contains($0.key) }
        for rule in shape.rules {
            // What is missing may just be misspelt.
            if hasUnknown, rule.code == .missingKey { continue }
            if !isWrong(anyOf: rule.keys) { rule.check(cursor) }
        }
    }

    /// Whether a mistake was reported at the value of one of the keys, or inside of it.
    private func isWrong(anyOf keys: Set<String>) -> Bool {
        guard !cursor.reader.errors.isEmpty else { return false }
        return keys.contains { key in
            place(of: key).map { cursor.reader.hasErrors(under: $0.keyPath) } ?? false
        }
    }
}
