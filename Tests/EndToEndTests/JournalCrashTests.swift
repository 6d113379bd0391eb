import Foundation
import Testing

/// The journal's writes, each disturbed in a real process, and the swap brought to its end all the same.
@Suite(.serialized, .enabled(if: Tools.areInstalled, "missing: \(Tools.missing)"))
struct JournalCrashTests {
    private static let isFull = ProcessInfo.processInfo.environment["CHANGEOVER_CRASH_MATRIX"] == "full"

    /// SIGKILL before and after each write of each path; with `CHANGEOVER_CRASH_MATRIX=full` also within it.
    @Test func killedAtEveryWrite() async throws {
        let series: [[StoreFault.Kind]] =
            Self.isFull ? [[.before], [.torn], [.unsynced], [.after]] : [[.before], [.after]]
        let matrix = CrashMatrix("killed at every journal write", series: series)
        await CrashLanes.travel(matrix)
        await matrix.conclude()
    }

    /// From each write on the store cannot be written or synced, or its disk is full, in turn and with
    /// `CHANGEOVER_CRASH_MATRIX=full` each of them; then it is healed.
    @Test func storeFailsFromEveryWriteOn() async throws {
        let series: [[StoreFault.Kind]] =
            Self.isFull ? [[.writeError], [.fullDisk], [.syncError]] : [[.writeError, .fullDisk, .syncError]]
        let matrix = CrashMatrix("the store fails from every journal write on", series: series)
        await CrashLanes.travel(matrix)
        await matrix.conclude()
    }

    /// Two kills, one of them in the recovery, with `CHANGEOVER_CRASH_PAIRS=1` at all pairs of writes and with
    /// `CHANGEOVER_CRASH_PAIRS=LIMIT/SEED` at so many that the seed chooses.
    @Test func killedAgainInTheRecovery() async throws {
        guard let pairs = try await CrashPairs.wanted() else {
            return print("killed at pairs of journal writes: only with CHANGEOVER_CRASH_PAIRS=1 or =LIMIT/SEED")
        }
        let matrix = CrashMatrix("killed at pairs of journal writes", series: [[.before], [.after]])
        await CrashLanes.travel(matrix, pairs: pairs)
        await matrix.conclude(pairs: true)
    }
}
