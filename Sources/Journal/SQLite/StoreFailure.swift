import Foundation
import GRDB
import Workflow

/// Turns what SQLite and Foundation report into errors that say what failed, where, why and what to do.
///
/// Only result codes decide; no error text is matched.
struct StoreFailure {
    /// The store's file.
    let path: String
    /// What was being done, such as `append to swap-1`.
    let doing: String

    func error(from cause: any Error) -> JournalError {
        switch cause {
        case let error as JournalError:
            error
        case let error as DatabaseError:
            self.error(from: error)
        case is DecodingError:
            JournalError(
                .corrupt,
                detail: "cannot \(doing): the store \(path) holds a value that this program cannot read; "
                    + "use the version of changeover that wrote it, or restore the file from a backup")
        default:
            JournalError(.storage, detail: "cannot \(doing): the store \(path) failed: \(cause)")
        }
    }

    private func error(from cause: DatabaseError) -> JournalError {
        let (code, why) = Self.reading(of: cause)
        let text = cause.message ?? "no message"
        return JournalError(
            code, detail: "cannot \(doing): \(why) (\(path): \(text), code \(cause.extendedResultCode.rawValue))")
    }

    private static func reading(of cause: DatabaseError) -> (JournalError.Code, String) {
        switch cause.extendedResultCode {
        case .SQLITE_IOERR_SHMSIZE, .SQLITE_IOERR_SHMMAP:
            return (.diskFull, "the disk is full; free some space and resume")
        default:
            break
        }
        switch cause.resultCode {
        case .SQLITE_FULL:
            return (.diskFull, "the disk is full; free some space and resume")
        case .SQLITE_READONLY, .SQLITE_PERM:
            return (.readOnly, "the store may not be written; give this user write access to the file and its folder")
        case .SQLITE_CANTOPEN:
            return (.cannotOpen, "the store cannot be opened; check that its folder exists and is writable")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return (.corrupt, "the store is damaged or no store at all; restore it from a backup, or name another file")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return (.storage, "another process has kept the store locked for too long; find it and try again")
        default:
            return (.storage, "the store could not be read or written")
        }
    }

    /// The error of a system call by its number.
    func error(errno number: Int32) -> JournalError {
        let reason = String(cString: strerror(number))
        switch number {
        case EACCES, EPERM, EROFS:
            return JournalError(
                .readOnly,
                detail: "cannot \(doing): \(path): \(reason); give this user write access to the file and its folder, "
                    + "or set another store")
        case ENOSPC, EDQUOT:
            return JournalError(.diskFull, detail: "cannot \(doing): \(path): \(reason); free some space")
        default:
            return JournalError(
                .cannotOpen, detail: "cannot \(doing): \(path): \(reason); set a store in a folder on a local disk")
        }
    }
}
