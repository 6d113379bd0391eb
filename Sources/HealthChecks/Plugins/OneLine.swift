extension Unicode.Scalar {
    /// Whether the scalar ends a line or steers a terminal, and so cannot be shown inside of a line.
    var breaksLines: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        // What turns the direction of writing around makes a line say something else than its bytes.
        default: (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value)
        }
    }
}

extension String {
    /// The text on one line: each run of white space and control characters becomes a single space.
    var onOneLine: String {
        unicodeScalars.split { $0.breaksLines || $0.properties.isWhitespace }.map { String($0) }
            .joined(separator: " ")
    }

    /// The text with a backslash before each of some scalars.
    ///
    /// Scalars, not characters: a combining mark behind a `#` must not hide it.
    func escaping(_ special: Set<Unicode.Scalar>) -> String {
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if special.contains(scalar) { result.append("\\") }
            result.append(scalar)
        }
        return String(result)
    }

    /// The text cut to `limit` bytes of UTF-8 (at least 3), with `...` where something is missing.
    func shortened(toBytes limit: Int) -> String {
        if utf8.count <= limit { return self }
        var kept = String.UnicodeScalarView()
        var count = 3
        for scalar in unicodeScalars {
            count += UTF8.width(scalar)
            if count > limit { break }
            kept.append(scalar)
        }
        return String(kept) + "..."
    }
}
