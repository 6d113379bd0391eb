import Foundation
import Glibc
import Workflow

/// Starts, observes and ends the processes of one instance; its changes need the instance's lock.
struct LocalSupervisor {
    /// The instance's folder.
    let folder: LocalFolder
    /// How long the service may take to end before it is killed, in milliseconds.
    let stopMilliseconds: Int64

    private static let folderVariable = "CHANGEOVER_INSTANCE_FOLDER"
    private static let startMilliseconds: Int64 = 10_000
    private static let killMilliseconds: Int64 = 5_000

    /// Whether the supervisor runs.
    var isAlive: Bool {
        guard let text = ProcessTable.read(folder.process) else { return false }
        return ProcessIdentity(text: text)?.isAlive == true
    }

    /// Whether first boot was ever begun.
    var hasBooted: Bool { access(folder.firstBoot, F_OK) == 0 }

    /// How far first boot has come.
    func firstBoot() throws(LocalProblem) -> FirstBootStatus {
        guard let status = ProcessTable.read(folder.firstBoot) else { return .running(detail: "waiting to start") }
        let text = status.trimmingCharacters(in: .whitespacesAndNewlines)
        if text == "finished" { return .finished }
        let line = try lastConsoleLine()
        if text == "running" {
            return isAlive ? .running(detail: line) : .failed(reason: "first boot was killed; last line: \(line)")
        }
        return .failed(reason: "\(text.dropFirst("failed ".count)); last line: \(line)")
    }

    /// The environment of everything that runs on the instance.
    static func environment(of record: LocalRecord, in folder: LocalFolder) throws(LocalProblem) -> [String: String] {
        let root = folder.root
        let own = ["usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin"].map { "\(root)/\($0)" }
        let environment = [
            "PATH": (own + [ProgramSearch.standardPath]).joined(separator: ":"), "LANG": "C.UTF-8", "HOME": root,
            "ADDRESS": record.address, "PORT": String(record.port),
            "INSTANCE_ID": record.id, "INSTANCE_NAME": record.name,
            "APT_CONFIG": folder.aptConfiguration, "DPKG_ROOT": root, "DPKG_ADMINDIR": "\(root)/var/lib/dpkg",
            "CHANGEOVER_INSTANCE": record.id, folderVariable: folder.path,
            "CHANGEOVER_PATCH": record.patch, "CHANGEOVER_GEMS": record.gems ? "yes" : "no",
        ]
        return try LocalProperty.environment(in: record.properties).merging(environment) { _, ours in ours }
    }

    /// Starts the supervisor unless it runs, with first boot the first time, and waits until it has taken charge.
    ///
    /// The supervisor inherits the lock, so that a launcher that dies just after this leaves no doubt that it runs, and
    /// the reservation of the address, which a launch has already and anyone else takes here.
    func start(_ record: LocalRecord, reservation: OwnedDescriptor? = nil) throws(LocalProblem) {
        try onStorage { () throws(SystemFailure) in try DurableFile.createFolder(folder.run) }
        if isAlive { return }
        guard let lock = try takeLock() else { return }
        try endProcesses()
        guard let reservation = reservation ?? LoopbackAddress.reserve(record.address) else {
            throw LocalProblem(
                .capacity,
                "the address \(record.address) of \(record.id) has gone to another instance on this machine, "
                    + "of another root folder, while this one was stopped; stop that one first")
        }
        try onStorage { () throws(SystemFailure) in
            try DurableFile.remove(folder.process)
            let input = try OwnedDescriptor.open("/dev/null", O_RDONLY)
            let console = try OwnedDescriptor.open(folder.console, O_WRONLY | O_CREAT | O_APPEND)
            _ = try request(record, descriptors: [input, console, console, lock.carrier, reservation]).get().spawn()
        }
        let isRunning = wait(Self.startMilliseconds) { access(folder.process, F_OK) == 0 }
        guard isRunning else {
            throw LocalProblem(.unavailable, "the supervisor of \(record.id) does not start; see \(folder.console)")
        }
    }

    /// The supervisor's lock; `nil` when a supervisor runs after all, such as one whose launcher died just now.
    private func takeLock() throws(LocalProblem) -> FileLock? {
        let attempt = { () throws(SystemFailure) in try FileLock.attempt(folder.supervisorLock) }
        if let lock = try onStorage(attempt) { return lock }
        if wait(2_000, until: { isAlive }) { return nil }
        try endProcesses()
        if let lock = try onStorage(attempt) { return lock }
        throw LocalProblem(.unavailable, "another process holds \(folder.supervisorLock); end it")
    }

    /// Ends all processes of the instance: SIGTERM, then SIGKILL; returns when none is left.
    func end() throws(LocalProblem) {
        if let text = ProcessTable.read(folder.process), let leader = ProcessIdentity(text: text), leader.isAlive {
            kill(-leader.process, SIGTERM)
            // Asked of the process table and not of the group, in which the dead count until somebody collects them.
            _ = wait(stopMilliseconds) {
                !leader.isAlive && ProcessTable.processes(with: Self.folderVariable, folder.path).isEmpty
            }
            if leader.isAlive { kill(-leader.process, SIGKILL) }
            _ = wait(Self.killMilliseconds) { !leader.isAlive }
        }
        try endProcesses()
        try onStorage { () throws(SystemFailure) in try DurableFile.remove(folder.process) }
    }

    /// Ends what a killed supervisor left behind, found by the instance's variable in its environment.
    private func endProcesses() throws(LocalProblem) {
        var left: [pid_t] = []
        func signalAll(_ signal: Int32) -> Bool {
            left = ProcessTable.processes(with: Self.folderVariable, folder.path)
            left.forEach { kill($0, signal) }
            return left.isEmpty
        }
        if signalAll(SIGTERM) { return }
        if wait(1_000, until: { signalAll(0) }) { return }
        guard wait(Self.killMilliseconds, until: { signalAll(SIGKILL) }) else {
            throw LocalProblem(.unavailable, "processes \(left) of \(folder.path) do not end, even by SIGKILL")
        }
    }

    private func request(
        _ record: LocalRecord, descriptors: [OwnedDescriptor]
    ) -> Result<SpawnRequest, SystemFailure> {
        do {
            var service = record.service
            if let program = service.first, program.contains("/"), !program.hasPrefix("/") {
                service[0] = "\(folder.disk)/\(program)"
            }
            let firstBoot = hasBooted ? "" : "\(folder.disk)/\(record.firstBoot)"
            return .success(
                SpawnRequest(
                    program: "/bin/sh", arguments: ["/bin/sh", folder.supervisor, firstBoot] + service,
                    environment: try Self.environment(of: record, in: folder), folder: folder.root,
                    descriptors: descriptors, startsSession: true))
        } catch {
            return .failure(SystemFailure(doing: "start \(record.id): \(error.detail)", number: EINVAL))
        }
    }

    private func lastConsoleLine() throws(LocalProblem) -> String {
        let tail = try onStorage { () throws(SystemFailure) in try DurableFile.tail(folder.console, limit: 4096) }
        return tail.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
    }

    /// Looks every 10 ms, for at most `milliseconds`, whether `condition` holds; blocks.
    private func wait(_ milliseconds: Int64, until condition: () -> Bool) -> Bool {
        for _ in 0..<max(1, milliseconds / 10) {
            if condition() { return true }
            poll(nil, 0, 10)
        }
        return condition()
    }
}
