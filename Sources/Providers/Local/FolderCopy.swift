import Workflow

/// A copy of a whole folder, made by cp(1).
struct FolderCopy {
    /// What is copied.
    var from: String
    /// Where it is copied to; must not be there yet.
    var to: String
    /// What it is, for people.
    var what: String

    private static let timeoutMilliseconds: Int64 = 600_000

    /// Copies; the copying program holds the lock too, so that, when this process is killed meanwhile, the next one
    /// waits until nothing writes into the copy any more.
    func make(holding lock: FileLock) throws(LocalProblem) {
        try run(["cp", "-a", "--reflink=auto", "--", from, to], holding: lock)
    }

    /// Makes what was copied durable, with all else that waits to be written on that file system (sync(1)).
    func sync(holding lock: FileLock) throws(LocalProblem) {
        try run(["sync", "-f", "--", to], holding: lock)
    }

    private func run(_ arguments: [String], holding lock: FileLock) throws(LocalProblem) {
        let request = ProcessRequest(
            arguments: arguments, environment: ["PATH": ProgramSearch.standardPath, "LC_ALL": "C"], folder: nil,
            timeoutMilliseconds: Self.timeoutMilliseconds, carried: [lock.carrier])
        do {
            let outcome = try ProcessRunner.runBlocking(request)
            guard outcome.end == .exited(0) else {
                let line = outcome.errorOutput.split(separator: "\n").first.map(String.init) ?? "\(outcome.end)"
                throw LocalProblem(.storage, "cannot copy \(what) \(from) to \(to): \(line)")
            }
        } catch let problem as LocalProblem {
            throw problem
        } catch {
            throw LocalProblem(.storage, "cannot copy \(what) \(from): \(error)")
        }
    }
}
