import Foundation

/// What the tests need from the machine, and where it is.
enum Tools {
    /// The checkout that this file is part of.
    static let checkout = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .path

    /// The program under test: `CHANGEOVER_BIN`, else the one that was built beside these tests.
    static let changeover: String = {
        if let named = ProcessInfo.processInfo.environment["CHANGEOVER_BIN"] { return named }
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("changeover").path
    }()

    static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The needed programs that are not here.
    static let missing: [String] = ["haproxy", "python3", "apt-get", "dpkg-deb", "apt-ftparchive", "openssl"].filter {
        tool in
        !path.split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)") }
    }

    static let areInstalled = missing.isEmpty

    /// A C compiler: the Swift toolchain brings one, and cannot link without a system's.
    static let compiler: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let places = folders + path.split(separator: ":").map(String.init)
        return ["clang", "cc", "gcc"].lazy.flatMap { name in places.map { "\($0)/\(name)" } }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }()

    /// Whether file systems can be mounted, for the tests of a full and of a read-only disk.
    static let canMount = geteuid() == 0
}
