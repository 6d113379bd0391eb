/// One package that original and replacement do not have alike.
public struct PackageDifference: Sendable, Hashable, Codable {
    /// How the package differs on the replacement.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Only the replacement has it.
        case added
        /// Only the original has it.
        case removed
        /// The replacement has a newer version.
        case upgraded
        /// The replacement has an older version.
        case downgraded
    }

    /// The package's name.
    public var package: String
    /// How it differs.
    public var kind: Kind
    /// The original's version; `nil` when only the replacement has the package.
    public var original: String?
    /// The replacement's version; `nil` when only the original has the package.
    public var replacement: String?
    /// Whether the original had a security update of this package pending that the replacement has.
    public var isSecurity: Bool

    /// Creates a difference.
    public init(package: String, kind: Kind, original: String?, replacement: String?, isSecurity: Bool) {
        self.package = package
        self.kind = kind
        self.original = original
        self.replacement = replacement
        self.isSecurity = isSecurity
    }
}
