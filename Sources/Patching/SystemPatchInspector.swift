public import Workflow

/// Inspects a machine through its own package manager: apt, or dnf of generation 4 or 5; and Rubygems.
///
/// Each inspection is one constant shell script on the machine. It changes nothing there: package lists are refreshed
/// in a temporary folder, which is removed again.
public struct SystemPatchInspector: PatchInspector {
    /// Package lists and simulations of a whole distribution fit well within this.
    private static let outputLimitBytes = 16 << 20

    /// Creates an inspector.
    public init() {}

    /// Reads what is left to patch after refreshing the package lists; see `PatchInspector`.
    ///
    /// All updates are listed, security or not, whatever the policy's scope: the caller decides which of them count.
    /// Gems are asked for only when the policy wants them.
    public func patchStatus(
        via runner: any CommandRunner, policy: PatchPolicy, timeout: Span
    ) async throws(PatchInspectionError) -> PatchStatus {
        let script = SystemScript.status(gems: policy.gems)
        let sections = try await run(script, via: runner, timeout: timeout)
        let isDnf = sections.optional("family")?.lines.first == "dnf"
        var status =
            isDnf ? try DnfStatusReader(sections: sections).status() : try AptStatusReader(sections: sections).status()
        if policy.gems { status.gems = try GemStatusReader(sections: sections).gems() }
        return MachineReader(sections: sections).complete(status)
    }

    /// Reads what is installed and running on the machine at `address`; see `PatchInspector`.
    public func facts(
        via runner: any CommandRunner, address: String?, timeout: Span
    ) async throws(PatchInspectionError) -> MachineFacts {
        let sections = try await run(SystemScript.facts, via: runner, timeout: timeout)
        return try FactsReader(sections: sections, address: address).facts()
    }

    private func run(
        _ script: String, via runner: any CommandRunner, timeout: Span
    ) async throws(PatchInspectionError) -> ScriptSections {
        let command = Command(
            ["sh", "-c", script, "changeover-inspect"], timeout: timeout, outputLimitBytes: Self.outputLimitBytes)
        let result: CommandResult
        do throws(CommandError) {
            result = try await runner.run(command)
        } catch {
            throw PatchInspectionError(error.code == .cancelled ? .cancelled : .commandFailed, detail: error.detail)
        }
        guard !result.isTruncated else {
            throw PatchInspectionError(.malformedOutput, detail: "the inspection printed more than 16 MiB")
        }
        switch result.termination {
        case .exited(0): return ScriptSections(output: result.output)
        case .exited(ScriptSections.unsupportedExitCode):
            throw PatchInspectionError(
                .unsupportedSystem, detail: "no package manager that Changeover knows (apt, dnf) on the machine")
        case .exited(let code):
            throw PatchInspectionError(
                .commandFailed, detail: "the inspection exited with \(code): \(result.errorOutput.suffix(400))")
        case .signalled(let signal):
            throw PatchInspectionError(.commandFailed, detail: "signal \(signal) ended the inspection")
        case .timedOut:
            throw PatchInspectionError(.commandFailed, detail: "the inspection did not end within \(timeout.text)")
        }
    }
}
