import Foundation

/// Where the local provider keeps things in its root folder.
struct LocalLayout: Sendable {
    /// The provider's root folder, absolute and without symbolic links in its existing part.
    let root: String
    /// The folder of images.
    let images: String

    /// Creates the layout; `images` is by default the folder `images` in the root.
    init(root: String, images: String?) {
        let full = URL(fileURLWithPath: root).standardizedFileURL.resolvingSymlinksInPath().path
        self.root = full
        self.images = images.map { URL(fileURLWithPath: $0).standardizedFileURL.path } ?? "\(full)/images"
    }

    /// The folder of instances.
    var instances: String { "\(root)/instances" }
    /// The folder of lock files.
    var locks: String { "\(root)/locks" }
    /// The lock that guards the choice of addresses.
    var addressLock: String { "\(locks)/addresses" }

    /// The lock that guards one instance's changes: one of 256, so that their number is bounded.
    func lock(of id: String) -> String { "\(locks)/instance-\(Self.fingerprint(id) % 256)" }
    /// One instance's folder.
    func folder(of id: String) -> LocalFolder { LocalFolder(path: "\(instances)/\(id)") }
    /// Where an instance is prepared before it appears under its id.
    func draft(of id: String) -> LocalFolder { LocalFolder(path: "\(instances)/.launching-\(id)") }
    /// One image's folder.
    func image(_ name: String) -> String { "\(images)/\(name)" }

    /// The id that follows from a launch token: a launch is idempotent because its folder's name is.
    static func id(of token: String) -> String {
        let text = String(fingerprint(token), radix: 16)
        return "i-" + String((String(repeating: "0", count: 16) + text).suffix(12))
    }

    /// The FNV-1a hash of a text: spreads names, guards nothing.
    static func fingerprint(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

/// Where one local instance keeps things in its folder.
struct LocalFolder: Sendable {
    /// The instance's folder.
    let path: String

    /// Its record.
    var record: String { "\(path)/instance.json" }
    /// Its disk: what was copied from the image.
    var disk: String { "\(path)/disk" }
    /// Its dpkg root, the machine's `/`.
    var root: String { "\(path)/disk/root" }
    /// Its snapshots: copies of its disk by their names.
    var snapshots: String { "\(path)/snapshots" }
    /// One snapshot, complete as soon as it is there.
    func snapshot(_ name: String) -> String { "\(snapshots)/\(name)" }
    /// Where a snapshot is copied to before it is complete.
    func draft(ofSnapshot name: String) -> String { "\(snapshots)/.taking-\(name)" }
    /// Where a disk is prepared that takes the present one's place.
    var nextDisk: String { "\(path)/disk.next" }
    /// Where a disk goes whose place another one takes.
    var formerDisk: String { "\(path)/disk.former" }
    /// All that holds a disk or a copy of one.
    var disks: [String] { [disk, nextDisk, formerDisk, snapshots] }
    /// Its console output.
    var console: String { "\(path)/console.log" }
    /// Its supervisor script.
    var supervisor: String { "\(path)/supervisor" }
    /// What its supervisor says of itself while it runs.
    var run: String { "\(path)/run" }
    /// The supervisor's process id and start time.
    var process: String { "\(path)/run/supervisor" }
    /// How far first boot has come.
    var firstBoot: String { "\(path)/run/first-boot" }
    /// Held for as long as the supervisor lives.
    var supervisorLock: String { "\(path)/run/lock" }
    /// Where apt is told about the root.
    var aptConfiguration: String { "\(path)/disk/root/etc/apt/changeover.conf" }
}
