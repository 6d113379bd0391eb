import Foundation
import Glibc

/// An exclusive lock on a file, shared by all processes of the machine; given up by its last holder's end, however.
struct FileLock {
    private let descriptor: OwnedDescriptor

    /// The descriptor that carries the lock; a child that inherits it holds the lock for as long as it lives.
    var carrier: OwnedDescriptor { descriptor }

    /// Waits for the lock; blocks, so never on the cooperative pool.
    static func acquire(_ path: String) throws(SystemFailure) -> FileLock {
        let descriptor = try OwnedDescriptor.open(path, O_RDWR | O_CREAT)
        while flock(descriptor.number, LOCK_EX) != 0 {
            guard errno == EINTR else { throw SystemFailure(doing: "lock \(path)") }
        }
        return FileLock(descriptor: descriptor)
    }

    /// Takes the lock if it is free; `nil` when another holds it.
    static func attempt(_ path: String) throws(SystemFailure) -> FileLock? {
        let descriptor = try OwnedDescriptor.open(path, O_RDWR | O_CREAT)
        if flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 { return FileLock(descriptor: descriptor) }
        guard errno == EWOULDBLOCK else { throw SystemFailure(doing: "lock \(path)") }
        return nil
    }
}
