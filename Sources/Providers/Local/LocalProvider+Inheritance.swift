public import Workflow

/// What a replacement gets from its original.
extension LocalProvider {
    /// Checks image, repository, disk space, tools and properties.
    public func launchFindings(
        for specification: LaunchSpecification
    ) async throws(ProviderError) -> [PreflightFinding] {
        try await perform("examine the launch of \(specification.name)") { () throws(LocalProblem) in
            LocalPreflight(layout: layout).findings(for: specification)
        }
    }

    /// Names what a replacement is not given: the address, the disk's content and the protection.
    public func carryOverFindings(
        for original: Instance, routes: [TrafficRoute]
    ) async throws(ProviderError) -> [PreflightFinding] {
        var findings = [
            PreflightFinding(
                .note, code: "disk",
                message: "The replacement starts with the image's disk; files written on \(original.name) stay there.")
        ]
        if original.isTerminationProtected {
            findings.append(
                PreflightFinding(
                    .warning, code: "protection",
                    message: "\(original.name) is protected against termination, so it cannot be retired before its "
                        + "property or tag `protected` is removed; the replacement will not be protected."))
        }
        return findings
    }

    /// The same image, name, tags without ownership tags, and properties without those of a single launch.
    public func inheritedSpecification(
        of original: Instance, choices: LaunchChoices
    ) async throws(ProviderError) -> LaunchSpecification {
        switch choices.image {
        case .same, .id: break
        case .newest, .parameter:
            throw ProviderError(
                .invalidRequest, operation: "choose the image of \(original.name)",
                detail: "the local provider has images by name only; write `image: same` or `image: {id: …}`")
        }
        return LaunchSpecification(
            image: choices.image.id ?? original.image, name: original.name,
            tags: original.tags.filter { !$0.key.hasPrefix(OwnershipTag.prefix) && $0.key != LocalProperty.protected },
            properties: original.properties.filter { LocalProperty.isInherited($0.key) }, patch: choices.patch)
    }
}
