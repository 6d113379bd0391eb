internal import Dispatch
internal import Glibc

/// Runs a `credential_process`: by exec, never through a shell, without input, bounded in time and output.
struct CredentialProcess: Sendable {
    /// Why there is no output; none of them holds what the program printed.
    enum Failure: Error, Equatable {
        case notFound
        case notStarted(Int32)
        case ended(Int32)
        case tooLong
        case tooMuchOutput
    }

    static let maxOutputBytes = 64 * 1024

    var arguments: [String]
    var environment: [String: String]
    var timeout: Duration = .seconds(60)

    /// What the program printed to its standard output.
    func run() async -> Result<[UInt8], Failure> {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                do throws(Failure) {
                    continuation.resume(returning: .success(try runBlocking()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
    }

    private func runBlocking() throws(Failure) -> [UInt8] {
        let deadline = ContinuousClock.now + timeout
        guard let program = program() else { throw .notFound }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .notStarted(errno) }
        _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        defer { close(ends[0]) }
        let started = Result { () throws(Failure) in try spawn(program, output: ends[1]) }
        close(ends[1])
        let process = try started.get()
        do throws(Failure) {
            let output = try read(ends[0], until: deadline)
            let status = try wait(for: process, until: deadline)
            guard status == 0 else { throw .ended(status) }
            return output
        } catch {
            if case .ended = error { throw error }
            kill(-process, SIGKILL)
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            throw error
        }
    }

    /// The program's path: as given when it has a slash, else the first of its name along `PATH`.
    private func program() -> String? {
        guard let name = arguments.first, !name.isEmpty, !arguments.contains(where: { $0.utf8.contains(0) }) else {
            return nil
        }
        if name.contains("/") { return name }
        let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    private func spawn(_ program: String, output: Int32) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        // What it complains about may quote secrets, so nobody reads it.
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        closeOthers(&actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))
        posix_spawnattr_setpgroup(&attributes, 0)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var words = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, program, &actions, &attributes, &words, &variables)
        guard result == 0 else { throw result == ENOENT ? .notFound : .notStarted(result) }
        return process
    }

    /// Closes every other descriptor in the child; glibc 2.34's function, which its header hides from Swift.
    private func closeOthers(_ actions: inout posix_spawn_file_actions_t) {
        typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        guard let address = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return }
        _ = unsafeBitCast(address, to: CloseFrom.self)(&actions, 3)
    }

    private func read(_ descriptor: Int32, until deadline: ContinuousClock.Instant) throws(Failure) -> [UInt8] {
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard ContinuousClock.now < deadline else { throw .tooLong }
            guard poll(&waiting, 1, 50) > 0 else { continue }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return output }
            output += buffer[..<count]
            guard output.count <= Self.maxOutputBytes else { throw .tooMuchOutput }
        }
    }

    /// Waits for the end of a process that has closed its output, and returns its exit status.
    private func wait(for process: pid_t, until deadline: ContinuousClock.Instant) throws(Failure) -> Int32 {
        var status: Int32 = 0
        while true {
            let result = waitpid(process, &status, WNOHANG)
            if result == process { return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F) }
            if result < 0 && errno != EINTR { return 0 }
            guard ContinuousClock.now < deadline else { throw .tooLong }
            // Output is closed as a rule by ending, so this is short.
            _ = poll(nil, 0, 2)
        }
    }
}
