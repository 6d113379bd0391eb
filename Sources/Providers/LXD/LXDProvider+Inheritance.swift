import LXDClient
public import Workflow

/// What a replacement gets from its original, and how it is launched.
extension LXDProvider {
    /// Names what the original has that a replacement cannot be given and that no route moves.
    public func carryOverFindings(
        for original: Instance, routes: [TrafficRoute]
    ) async throws(ProviderError) -> [PreflightFinding] {
        let operation = "read \(original.id)"
        let found = try await existing(original.id, operation)
        let snapshots = try await snapshots(of: original.id, operation)
        let profiles = try await perform(operation) { () async throws(LXDError) -> [LXDProfile] in
            guard LXDDevice.list(found.devices).contains(where: \.isExclusive) else { return [] }
            return try await LXDPreflightReader(client: client).optional(
                LXDResource("profiles", query: ["recursion": "1"]), as: [LXDProfile].self) ?? []
        }
        let devices = profiles.filter { found.profiles.contains($0.name) }.map { $0.devices ?? [:] }
        return LXDCarryOver(
            original: found, snapshotCount: snapshots.count, routes: routes,
            profileDevices: devices.reduce(into: [:]) { $0.merge($1) { $1 } }
        ).findings
    }

    /// The specification of a replacement; what may be secret is referred to, never contained.
    public func inheritedSpecification(
        of original: Instance, choices: LaunchChoices
    ) async throws(ProviderError) -> LaunchSpecification {
        let operation = "inherit from \(original.name)"
        if let problem = LXDInheritance.problem(with: choices) {
            throw ProviderError(.invalidRequest, operation: operation, detail: problem)
        }
        let found = try await existing(original.id, operation)
        let image = try await LXDImageChooser(client: client).image(choices.image, for: found)
        try await requireFirstBoot(of: found, choices: choices, operation)
        return LXDInheritance(original: found, image: image, target: settings.target, choices: choices)
            .specification(name: observed(found).name)
    }

    /// Finds now rather than at the launch that first boot cannot be: the original shows what its image has.
    private func requireFirstBoot(
        of original: LXDInstance, choices: LaunchChoices, _ operation: String
    ) async throws(ProviderError) {
        guard choices.patch.scope != .none, choices.image == .same || original.isVirtualMachine else { return }
        let preparation = LXDFirstBootPreparation(client: client, patch: choices.patch)
        let ability = try await perform(operation) { () async throws(LXDError) in
            try await preparation.ability(of: original.name)
        }
        switch ability {
        case .cloudInit:
            guard choices.inherit?.contains(.userData) ?? true else { return }
            do throws(UserDataError) {
                let operators = LXDFirstBootPreparation.userData(of: original.expandedConfig)
                _ = try FirstBootUserData.merging(operators.bytes, patch: choices.patch, limitBytes: nil)
            } catch {
                throw ProviderError(.invalidRequest, operation: operation, detail: error.detail)
            }
        case .systemd:
            guard original.isVirtualMachine else { return }
            throw ProviderError(
                .invalidRequest, operation: operation,
                detail: "\(original.name) is a virtual machine without cloud-init, and nothing can be written to such "
                    + "a machine before its first start; use an image with cloud-init under `launch.image`, or a "
                    + "patched one with `patch: {scope: none}`")
        case .none:
            throw ProviderError(
                .invalidRequest, operation: operation, detail: LXDFirstBootPreparation.inabilityAdvice)
        }
    }

    /// Creates, prepares and starts an instance, or goes on with the launch wherever it broke off.
    ///
    /// Returns within 45 s; `unavailable` means that the server is still at work and that the same launch is to be
    /// repeated. After an error that may not be repeated nothing of the instance is left.
    public func launch(_ request: LaunchRequest) async throws(ProviderError) -> Instance {
        let secrets = try await secrets(of: request.specification)
        return observed(
            try await LXDLauncher(client: client, clock: clock, launch: request, secrets: secrets).run())
    }

    /// What is in no plan, read again from the original and compared with the plan's digests.
    private func secrets(of specification: LaunchSpecification) async throws(ProviderError) -> [String: String] {
        let operation = "launch \(specification.name)"
        let properties = specification.properties
        var found: [String: String] = [:]
        for (from, digest, kind) in [
            (LXDProperty.userDataFrom, LXDProperty.userDataDigest, LXDConfigKind.userData),
            (LXDProperty.secretsFrom, LXDProperty.secretsDigest, .secret),
        ] {
            guard let source = properties[from] else { continue }
            let read = try await existing(InstanceID(source), operation).config.configuration(kind)
            guard read.digest == properties[digest] else {
                let what = kind == .userData ? "user data" : "configuration that may hold secrets"
                throw ProviderError(
                    .invalidRequest, operation: operation,
                    detail: "the original's \(what) has changed since the plan; plan again")
            }
            found.merge(read) { $1 }
        }
        return found
    }
}
