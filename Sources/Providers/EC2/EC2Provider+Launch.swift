import AWSClient
public import Workflow

/// What is asked before a launch, and what is sent.
extension EC2Provider {
    /// Asks by a dry run whether the launch would be allowed; nothing is asked where the settings say so.
    public func launchFindings(
        for specification: LaunchSpecification
    ) async throws(ProviderError) -> [PreflightFinding] {
        guard settings.asksPermissions else { return [] }
        if let known = dryRuns.value(for: specification) { return known }
        let request = LaunchRequest(
            token: LaunchToken("dry-run"), specification: specification,
            ownershipTags: [
                OwnershipTag.swap: "dry-run", OwnershipTag.token: "dry-run", OwnershipTag.role: "replacement",
            ])
        var parameters = try await runInstancesRequest(for: request).parameters(variant: 0)
        parameters["ClientToken"] = nil
        parameters["DryRun"] = "true"
        let call = AWSCall(.ec2, "RunInstances", parameters, repetition: .harmless)
        let answer: AWSError
        do throws(AWSError) {
            _ = try await client.query(call)
            answer = AWSError(
                .malformedAnswer, action: "RunInstances", detail: "a dry run was answered as if it were none",
                isRetryable: false)
        } catch {
            answer = error
        }
        let found = try dryRunFindings(answer, specification: specification)
        dryRuns.keep(found, for: specification)
        return found
    }

    private func dryRunFindings(
        _ error: AWSError, specification: LaunchSpecification
    ) throws(ProviderError) -> [PreflightFinding] {
        if error.kind == .dryRunAllowed { return [] }
        let mapped = EC2ErrorMapping.error(error, operation: "ask for \(specification.name)", region: region)
        let code: String
        switch mapped.code {
        case .forbidden: code = "permission"
        case .imageNotFound: code = "image"
        case .capacity:
            // An alternative may have room; the launch itself finds out.
            guard specification.alternatives.isEmpty else {
                return [PreflightFinding(.warning, code: "capacity", message: "\(mapped.detail).")]
            }
            code = "capacity"
        case .quota: code = "quota"
        case .invalidRequest, .invalidState, .terminationProtected, .instanceNotFound: code = "launch"
        case .unavailable, .throttled, .unauthenticated, .storage, .malformedAnswer, .cancelled: throw mapped
        }
        let action = error.kind == .accessDenied ? "The launch needs ec2:RunInstances and ec2:CreateTags: " : ""
        return [PreflightFinding(.obstacle, code: code, message: "\(action)\(mapped.detail).")]
    }

    /// A launch with the operator's user data, read again and compared with the plan's digest.
    func runInstancesRequest(for request: LaunchRequest) async throws(ProviderError) -> RunInstancesRequest {
        let operation = "launch \(request.specification.name)"
        let properties = request.specification.properties
        var operators: UserData?
        if let source = properties[EC2Property.userDataFrom] {
            operators = try await perform(operation) { () async throws(AWSError) in
                try await originals.userData(of: InstanceID(source))
            }
            guard operators?.digest == properties[EC2Property.userDataDigest] else {
                throw ProviderError(
                    .invalidRequest, operation: operation,
                    detail: "the original's user data has changed since the plan; plan again")
            }
        }
        let merged = try Self.merged(operators, patch: request.specification.patch, operation: operation)
        return RunInstancesRequest(
            launch: request, userData: merged, hasFirstBootScript: request.specification.patch.scope != .none)
    }

    /// The user data to send; the operator's own, unchanged, where nothing is to be patched.
    static func merged(
        _ operators: UserData?, patch: PatchPolicy, operation: String
    ) throws(ProviderError) -> [UInt8]? {
        do throws(UserDataError) {
            return try FirstBootUserData.merging(
                operators?.bytes ?? [], patch: patch, limitBytes: FirstBootUserData.limitBytesOfEC2)
        } catch {
            throw ProviderError(.invalidRequest, operation: operation, detail: error.detail)
        }
    }
}
