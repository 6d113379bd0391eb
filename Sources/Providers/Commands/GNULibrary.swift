import Foundation
import Glibc

/// Functions of the GNU C library that its headers hide from Swift (they need `_GNU_SOURCE`), looked up by name.
///
/// Each is `nil` on a C library without it; glibc 2.34 (Debian 12, Ubuntu 22.04) has them all.
enum GNULibrary {
    /// Opens a descriptor that becomes readable when the process ends; see pidfd_open(2), Linux 5.3.
    ///
    /// By number, the same on every architecture, because glibc has a function for it only from 2.36 on.
    static func pidfdOpen(_ process: pid_t) -> Int32? {
        systemCall.map { Int32(truncatingIfNeeded: $0(434, Int(process), 0)) }
    }

    private static let systemCall = find(
        "syscall", as: (@convention(c) @Sendable (Int, Int, Int) -> Int).self)

    /// Creates a nameless file in memory; see memfd_create(2).
    static let memfdCreate = find(
        "memfd_create", as: (@convention(c) @Sendable (UnsafePointer<CChar>, UInt32) -> Int32).self)

    /// Creates a pipe with flags; see pipe2(2).
    static let pipe2 = find(
        "pipe2", as: (@convention(c) @Sendable (UnsafeMutablePointer<Int32>, Int32) -> Int32).self)

    /// Closes all descriptors from a number on in the child; glibc 2.34.
    static let spawnCloseFrom = find(
        "posix_spawn_file_actions_addclosefrom_np",
        as: (@convention(c) @Sendable (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32).self)

    /// Changes the child's working folder; glibc 2.29.
    static let spawnChangeFolder = find(
        "posix_spawn_file_actions_addchdir_np",
        as: (@convention(c) @Sendable (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>)
            -> Int32).self)

    private static func find<Function>(_ name: String, as type: Function.Type) -> Function? {
        guard let address = dlsym(nil, name) else { return nil }
        return unsafeBitCast(address, to: type)
    }
}
