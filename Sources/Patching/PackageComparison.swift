public import Workflow

/// What differs between the packages of original and replacement.
public struct PackageComparison: Sendable, Hashable, Codable {
    /// The differences, ordered by package name.
    public var differences: [PackageDifference]
    /// How many packages are alike on both.
    public var unchangedCount: Int

    /// Compares two machines' packages.
    ///
    /// `status` is the original's patch status, which tells the security updates; versions are ordered as dpkg does.
    public init(original: MachineFacts, replacement: MachineFacts, status: PatchStatus? = nil) {
        let security = (status?.pending ?? []).filter(\.isSecurity).reduce(into: [String: String]()) { found, update in
            found[update.package] = update.candidate
        }
        let names = Set(original.packages.keys).union(replacement.packages.keys).sorted()
        let format = replacement.packageFormat ?? original.packageFormat ?? .deb
        let compared = names.compactMap { name in
            Self.difference(
                of: name, from: original.packages[name], to: replacement.packages[name], security: security, format)
        }
        differences = compared
        unchangedCount = names.count - compared.count
    }

    private static func difference(
        of name: String, from old: String?, to new: String?, security: [String: String],
        _ format: MachineFacts.PackageFormat
    ) -> PackageDifference? {
        let kind: PackageDifference.Kind
        switch (old, new) {
        case (nil, nil): return nil
        case (nil, .some): kind = .added
        case (.some, nil): kind = .removed
        case (.some(let old), .some(let new)):
            if old == new { return nil }
            kind = isAtLeast(new, old, format) ? .upgraded : .downgraded
        }
        // dpkg names `libc6:amd64` where apt says `libc6`.
        let plainName = name.split(separator: ":").first.map(String.init) ?? name
        let candidate = security[name] ?? security[plainName]
        let hasIt = candidate.flatMap { candidate in new.map { isAtLeast($0, candidate, format) } }
        return PackageDifference(
            package: name, kind: kind, original: old, replacement: new, isSecurity: hasIt ?? false)
    }

    /// Whether a version is the other one or newer.
    private static func isAtLeast(_ new: String, _ old: String, _ format: MachineFacts.PackageFormat) -> Bool {
        switch format {
        case .deb: DebianVersion(new) >= DebianVersion(old)
        case .rpm: RPMVersion(new) >= RPMVersion(old)
        }
    }
}
