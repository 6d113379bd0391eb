public import Workflow

/// Asks simulated machines what is left to patch.
public struct SimulatedInspector: PatchInspector {
    private let cloud: SimulatedCloud
    private let process: SimulatedProcess

    /// Creates the inspector of one process.
    public init(_ cloud: SimulatedCloud, for process: SimulatedProcess) {
        self.cloud = cloud
        self.process = process
    }

    /// Reads what is left to patch.
    public func patchStatus(
        via runner: any CommandRunner, policy: PatchPolicy, timeout: Span
    ) async throws(PatchInspectionError) -> PatchStatus {
        let machine = try await machine(of: runner)
        let pending = (0..<machine.pendingUpdates).map {
            PendingUpdate(package: "library-\($0)", installed: "1.0", candidate: "1.1", isSecurity: $0 == 0)
        }
        return PatchStatus(pending: pending, rebootRequired: false)
    }

    /// Reads what is installed and running.
    public func facts(
        via runner: any CommandRunner, address: String?, timeout: Span
    ) async throws(PatchInspectionError) -> MachineFacts {
        let machine = try await machine(of: runner)
        return MachineFacts(
            packages: ["library": machine.pendingUpdates == 0 ? "1.1" : "1.0"], kernel: "6.1.0",
            bootID: "boot-\(machine.instance.id)", listeningPorts: ["tcp/80"], units: [], mounts: [], users: [])
    }

    private func machine(
        of runner: any CommandRunner
    ) async throws(PatchInspectionError) -> SimulatedMachine {
        guard let runner = runner as? SimulatedCommandRunner else {
            throw PatchInspectionError(.unsupportedSystem, detail: "no simulated machine")
        }
        do { try await process.sleep(for: .milliseconds(400)) } catch {
            throw PatchInspectionError(.cancelled, detail: "cancelled")
        }
        guard let machine = cloud.machine(runner.instance), machine.instance.state == .running else {
            throw PatchInspectionError(.commandFailed, detail: "\(runner.instance) does not answer")
        }
        return machine
    }
}
