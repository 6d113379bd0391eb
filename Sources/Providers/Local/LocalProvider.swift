import Foundation
import Glibc
public import Workflow

/// The embedded provider: each instance is a supervised process group on this machine with its own folder as disk and
/// its own loopback address.
///
/// Instances outlive the command that launched them, and everything about them is kept in files below the root folder,
/// so any number of processes may use one root at once. Good for learning, demonstrations and tests: it isolates
/// nothing, and an instance can do whatever this user can.
public struct LocalProvider: CloudProvider {
    /// The provider's name in messages.
    public let name: ProviderName
    let layout: LocalLayout
    let clock: any WorkflowClock
    let stopMilliseconds: Int64

    /// For how long a terminated instance stays listed.
    static let tombstoneLife = Span.hours(1)
    private static let consoleLimitBytes = 256 * 1024

    /// Creates a provider whose instances live below `root`; nothing is written before the first launch.
    ///
    /// `images` is the folder of image folders, by default `images` in the root. `stopTimeout` is how long a service
    /// may take to end before it is killed.
    public init(
        name: ProviderName, root: String, images: String? = nil, clock: any WorkflowClock,
        stopTimeout: Span = .seconds(10)
    ) {
        self.name = name
        self.layout = LocalLayout(root: root, images: images)
        self.clock = clock
        self.stopMilliseconds = stopTimeout.milliseconds
    }

    /// Launches an instance, or finishes or returns what an earlier launch with the same token began.
    public func launch(_ request: LaunchRequest) async throws(ProviderError) -> Instance {
        try await perform("launch \(request.specification.name)") { () throws(LocalProblem) in
            try LocalLaunch(provider: self, request: request).perform()
        }
    }

    /// Stops an instance: SIGTERM to its processes, SIGKILL after the stop timeout; returns once all are gone.
    public func stop(_ id: InstanceID) async throws(ProviderError) {
        try await perform("stop \(id)") { () throws(LocalProblem) in try changeIntention(of: id, to: .stopped) }
    }

    /// Starts a stopped instance's service; first boot is not repeated.
    public func start(_ id: InstanceID) async throws(ProviderError) {
        try await perform("start \(id)") { () throws(LocalProblem) in try changeIntention(of: id, to: .running) }
    }

    /// Ends all processes of a running instance and starts it again, in a boot with an id of its own.
    public func reboot(_ id: InstanceID) async throws(ProviderError) {
        try await perform("reboot \(id)") { () throws(LocalProblem) in try rebootNow(id) }
    }

    /// Ends an instance's processes and removes its disk; its record and console output stay for an hour.
    public func terminate(_ id: InstanceID) async throws(ProviderError) {
        try await perform("terminate \(id)") { () throws(LocalProblem) in try terminateNow(id) }
    }

    /// Sets and removes tags; see `CloudProvider`.
    public func tag(_ id: InstanceID, with tags: [String: String?]) async throws(ProviderError) {
        try await perform("tag \(id)") { () throws(LocalProblem) in try setTags(tags, of: id) }
    }

    /// Lists all instances, terminated ones for an hour.
    public func instances() async throws(ProviderError) -> [Instance] {
        try await perform("list the instances of \(name)") { () throws(LocalProblem) in
            try records().map { record in record.instance(state: state(of: record)) }
        }
    }

    /// Reads one instance.
    public func instance(_ id: InstanceID) async throws(ProviderError) -> Instance? {
        try await perform("read \(id)") { () throws(LocalProblem) in
            try record(id.rawValue).map { record in record.instance(state: state(of: record)) }
        }
    }

    /// Finds the instance that a launch with `token` created.
    public func instance(launchedWith token: LaunchToken) async throws(ProviderError) -> Instance? {
        try await perform("look for the launch \(token)") { () throws(LocalProblem) in
            guard let record = try record(LocalLayout.id(of: token.rawValue)), record.token == token.rawValue else {
                return nil
            }
            return record.instance(state: state(of: record))
        }
    }

    /// Reads how far first boot has come.
    public func firstBoot(of id: InstanceID) async throws(ProviderError) -> FirstBootStatus {
        try await perform("read the first boot of \(id)") { () throws(LocalProblem) in
            let record = try existingRecord(id)
            return try supervisor(of: record).firstBoot()
        }
    }

    /// Reads the newest 256 KiB of what first boot, the supervisor and the service printed.
    public func consoleOutput(of id: InstanceID) async throws(ProviderError) -> String {
        try await perform("read the console output of \(id)") { () throws(LocalProblem) in
            let record = try existingRecord(id)
            return try onStorage { () throws(SystemFailure) in
                try DurableFile.tail(layout.folder(of: record.id).console, limit: Self.consoleLimitBytes)
            }
        }
    }

    /// A runner of commands with the instance's environment and root; see `LocalCommandRunner`.
    public func commandRunner(for instance: Instance) -> any CommandRunner {
        LocalCommandRunner(provider: self, instance: instance.id)
    }

    /// Runs blocking work off the cooperative pool and names the operation in its error.
    func perform<Value: Sendable>(
        _ operation: String, _ work: @escaping @Sendable () throws(LocalProblem) -> Value
    ) async throws(ProviderError) -> Value {
        guard !Task.isCancelled else {
            throw ProviderError(.cancelled, operation: operation, detail: "cancelled before it began")
        }
        do {
            return try await BlockingWork.run { () throws(LocalProblem) in
                try checkRoot()
                return try work()
            }
        } catch {
            throw error.error(during: operation)
        }
    }

    private func checkRoot() throws(LocalProblem) {
        let isClean = layout.root.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x22 && $0 != 0x5C }
        guard isClean, layout.root.utf8.count < 3000 else {
            throw LocalProblem(
                .invalidRequest,
                "the provider's root has a quote, backslash or control character in its path, "
                    + "which apt's configuration cannot express")
        }
    }
}
