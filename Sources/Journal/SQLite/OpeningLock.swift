import Foundation
import Workflow

/// Lets one opener at a time prepare a store, within this process and between processes.
///
/// Between processes it is an advisory lock on the folder, so that no file is added. Within the process it also keeps
/// two things apart that POSIX locks mix up: closing any descriptor of a file drops all the process's locks on it, so
/// a connection that SQLite opens without locking (`SettledStore`) may never close while a journal is open on it.
final class OpeningLock: Sendable {
    static let shared = OpeningLock()

    private static let pollMicroseconds: UInt32 = 2000
    private static let limitPolls = 5000

    private let process = NSLock()

    /// Runs the body while no other thread of this process opens or closes a store.
    func withProcess<Result>(_ body: () throws -> Result) rethrows -> Result {
        process.lock()
        defer { process.unlock() }
        return try body()
    }

    /// Runs the body while no other thread or process opens a store in this folder; waits at most 10 s.
    func withFolder<Result>(of location: StoreLocation, _ body: () throws -> Result) throws -> Result {
        try withProcess {
            let failure = StoreFailure(path: location.folder, doing: "open the store")
            let folder = open(location.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard folder >= 0 else { throw failure.error(errno: errno) }
            defer { close(folder) }
            var polls = 0
            while flock(folder, LOCK_EX | LOCK_NB) != 0 {
                guard errno == EWOULDBLOCK || errno == EINTR else { throw failure.error(errno: errno) }
                polls += 1
                guard polls < Self.limitPolls else {
                    throw JournalError(
                        .storage,
                        detail: "cannot open the store: another process has kept the folder \(location.folder) locked "
                            + "for 10 s; find it (for example with lslocks) and try again")
                }
                // This thread is the opener's own, never one of the cooperative pool.
                usleep(Self.pollMicroseconds)
            }
            return try body()
        }
    }
}
