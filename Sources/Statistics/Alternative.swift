/// Which departure from equality a test looks for, seen from its first sample.
public enum Alternative: String, Sendable, Hashable, CaseIterable {
    /// The samples differ, either way.
    case twoSided
    /// The first sample tends to the greater values; in `compare`: the replacement is slower, or fails more often.
    case greater
    /// The first sample tends to the lesser values.
    case less
}
