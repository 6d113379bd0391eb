import Foundation
import Glibc
import Workflow

/// The files of host keys that Changeover itself keeps, which only this user may read.
///
/// There is one for each instance whose console was read, and one for each authority.
struct SSHKeyStore: Sendable {
    /// The folder of the files; made when something is first written.
    let folder: String

    /// The file of an instance's pinned keys, whether it exists or not.
    func pinFile(of instance: InstanceID, provider: ProviderName) -> String {
        "\(folder)/\(Self.plain(provider.rawValue))-\(Self.plain(instance.rawValue)).known_hosts"
    }

    /// Writes an instance's keys unless it has some already, which then stay.
    func pin(_ keys: [SSHPublicKey], as name: String, in file: String) throws(SystemFailure) {
        let text = keys.map { "\(name) \($0.type) \($0.base64)\n" }.joined()
        let draft = try write(text)
        defer { unlink(draft) }
        // Unlike a rename, a link never replaces anything.
        if link(draft, file) != 0 && errno != EEXIST { throw SystemFailure(doing: "write \(file)") }
    }

    /// The file that has hosts believed whose keys these authorities have signed.
    func authorityFile(for keys: [SSHPublicKey]) throws(SystemFailure) -> String {
        let text = keys.map { "@cert-authority * \($0.type) \($0.base64)\n" }.joined()
        let file = "\(folder)/authority-\(StableHash.text(of: text)).known_hosts"
        if FileManager.default.contents(atPath: file) == Data(text.utf8) { return file }
        let draft = try write(text)
        guard rename(draft, file) == 0 else {
            let failure = SystemFailure(doing: "write \(file)")
            unlink(draft)
            throw failure
        }
        return file
    }

    /// A new file that nobody else knows.
    func draft() throws(SystemFailure) -> String { try write("") }

    private func write(_ text: String) throws(SystemFailure) -> String {
        try PrivateFolder.make(folder)
        let path = "\(folder)/.draft-\(UUID().uuidString)"
        try OwnedDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600).write(Array(text.utf8))
        return path
    }

    /// A name as part of a file's name: itself where it is harmless, else its hash.
    private static func plain(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
                || byte == 95 || byte == 46
        }
        return isPlain && name.utf8.count < 80 ? name : "x-" + StableHash.text(of: name)
    }
}

/// A folder that only this user can look into.
enum PrivateFolder {
    /// Makes it, with all above it, or sees to it that it is private; throws when it belongs to somebody else.
    static func make(_ path: String) throws(SystemFailure) {
        let above = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try? FileManager.default.createDirectory(atPath: above, withIntermediateDirectories: true)
        if mkdir(path, 0o700) == 0 { return }
        guard errno == EEXIST else { throw SystemFailure(doing: "make the folder \(path)") }
        var facts = stat()
        guard lstat(path, &facts) == 0 else { throw SystemFailure(doing: "look at \(path)") }
        guard facts.st_mode & S_IFMT == S_IFDIR, facts.st_uid == geteuid() else {
            throw SystemFailure(doing: "use \(path), which is not this user's own folder", number: EPERM)
        }
        if facts.st_mode & 0o077 != 0, chmod(path, 0o700) != 0 { throw SystemFailure(doing: "make \(path) private") }
    }
}

/// A short name for a text, the same on every machine; not for secrets.
enum StableHash {
    /// FNV-1a with 64 bits, in at most 13 letters and digits.
    static func text(of text: String) -> String {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 36)
    }
}
