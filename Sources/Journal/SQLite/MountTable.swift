/// Which kind of file system lies where, from `/proc/self/mountinfo` (proc(5)).
struct MountTable {
    private struct Mount {
        var point: String
        var kind: String
    }

    private let mounts: [Mount]

    init(_ text: String) {
        mounts = text.split(separator: "\n").compactMap { line in
            // 36 35 98:0 /root /point options optional-fields… - kind source super-options
            let fields = line.split(separator: " ")
            guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else { return nil }
            return Mount(point: Self.unescape(fields[4]), kind: String(fields[dash + 1]))
        }
    }

    /// The kind of file system that holds a folder; `nil` when the table does not tell.
    ///
    /// The longest mount point wins, and of two mounts on one point the later, which hides the earlier.
    func kind(ofFolder folder: String) -> String? {
        var best: Mount?
        for mount in mounts where Self.isWithin(folder, mount.point) {
            if let best, best.point.utf8.count > mount.point.utf8.count { continue }
            best = mount
        }
        return best?.kind
    }

    private static func isWithin(_ folder: String, _ point: String) -> Bool {
        point == "/" || folder == point || folder.hasPrefix(point + "/")
    }

    /// The table writes space, tab, line feed and backslash as three octal digits.
    private static func unescape(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3).map { Int($0) - 48 }
            guard byte == 92, digits.count == 3, digits.allSatisfy((0...7).contains) else {
                bytes.append(byte)
                continue
            }
            bytes.append(UInt8(truncatingIfNeeded: digits[0] * 64 + digits[1] * 8 + digits[2]))
            rest = rest.dropFirst(3)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether another machine may change files of such a file system, or locks and syncs may not hold there.
    ///
    /// FUSE hides what is behind it, so it is refused but for two that are known to be local.
    static func isRemote(_ kind: String) -> Bool {
        if kind == "fuseblk" || kind == "fuse.fuse-overlayfs" { return false }
        return kind == "fuse" || kind.hasPrefix("fuse.") || remoteKinds.contains(kind)
    }

    private static let remoteKinds: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "smb2", "9p", "virtiofs", "vboxsf", "prl_fs", "vmhgfs", "afs", "ceph",
        "lustre", "gfs2", "ocfs2", "gpfs", "beegfs", "glusterfs", "ncpfs", "coda", "orangefs",
    ]
}
