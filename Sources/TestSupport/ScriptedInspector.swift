public import Workflow

/// An inspector that finds what the test says.
public actor ScriptedInspector: PatchInspector {
    private var statuses: [PatchStatus]

    /// Creates an inspector that gives `statuses` in turn and then the last one again; by default nothing is left.
    public init(_ statuses: [PatchStatus] = []) {
        self.statuses = statuses
    }

    /// Gives the next scripted status.
    public func patchStatus(
        via runner: any CommandRunner, policy: PatchPolicy, timeout: Span
    ) async throws(PatchInspectionError) -> PatchStatus {
        guard let status = statuses.first else { return PatchStatus(pending: [], rebootRequired: false) }
        if statuses.count > 1 { statuses.removeFirst() }
        return status
    }

    /// Gives the same facts for every machine.
    public func facts(
        via runner: any CommandRunner, address: String?, timeout: Span
    ) async throws(PatchInspectionError) -> MachineFacts {
        MachineFacts(
            packages: ["nginx": "1"], kernel: "6.1", bootID: "b", listeningPorts: ["tcp/80"], units: [], mounts: [],
            users: [])
    }
}
