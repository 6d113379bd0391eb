/// A singular query of RFC 9535: names and indexes only, so that it selects at most one value.
struct JSONPath: Sendable, Hashable, CustomStringConvertible {
    enum Segment: Sendable, Hashable {
        case name(String)
        /// From the start, or with a negative index from the end.
        case index(Int)
    }

    /// Why a text is no singular query.
    struct ParseError: Error, Sendable, Hashable {
        var problem: String
    }

    let segments: [Segment]
    let description: String

    init(text: String) throws(ParseError) {
        guard text.hasPrefix("$") else { throw ParseError(problem: "a path starts with $") }
        var rest = text.dropFirst()
        var segments: [Segment] = []
        while !rest.isEmpty {
            segments.append(try Self.segment(&rest))
        }
        self.segments = segments
        description = text
    }

    /// The selected value; `nil` when there is none.
    func value(in root: JSONValue) -> JSONValue? {
        var value = root
        for segment in segments {
            switch (segment, value) {
            case (.name(let name), .object(let members)):
                guard let member = members[name] else { return nil }
                value = member
            case (.index(let index), .array(let elements)):
                let position = index < 0 ? elements.count + index : index
                guard elements.indices.contains(position) else { return nil }
                value = elements[position]
            default: return nil
            }
        }
        return value
    }

    private static func segment(_ rest: inout Substring) throws(ParseError) -> Segment {
        if rest.hasPrefix("..") { throw ParseError(problem: "\"..\" selects several values") }
        if rest.hasPrefix(".*") || rest.hasPrefix("[*") { throw ParseError(problem: "\"*\" selects several values") }
        if let match = rest.prefixMatch(of: /\.([A-Za-z_\u{80}-\u{10FFFF}][A-Za-z0-9_\u{80}-\u{10FFFF}]*)/) {
            rest = rest[match.range.upperBound...]
            return .name(String(match.1))
        }
        if let match = rest.prefixMatch(of: /\[ *(0|-?[1-9][0-9]*) *\]/), let index = Int(match.1) {
            rest = rest[match.range.upperBound...]
            return .index(index)
        }
        if let match = rest.prefixMatch(of: /\[ *'((?:[^'\\]|\\['\\])*)' *\]/) {
            rest = rest[match.range.upperBound...]
            return .name(String(match.1.replacing(/\\(['\\])/) { $0.1 }))
        }
        if let match = rest.prefixMatch(of: /\[ *"((?:[^"\\]|\\["\\])*)" *\]/) {
            rest = rest[match.range.upperBound...]
            return .name(String(match.1.replacing(/\\(["\\])/) { $0.1 }))
        }
        if rest.contains(where: { "?:,".contains($0) }) {
            throw ParseError(problem: "filters, slices and lists select several values")
        }
        throw ParseError(problem: "\"\(rest.prefix(40))\" is neither .name, ['name'] nor [index]")
    }
}
