import Foundation

/// Every byte of a folder with names, sizes and times of change; what a service prints on its console is left out.
struct Fingerprint: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        var kind: mode_t
        var seconds: Int
        var nanoseconds: Int
        var content: Data
    }

    private var entries: [String: Entry] = [:]

    init(of folder: String) {
        guard let names = FileManager.default.enumerator(atPath: folder) else { return }
        for case let name as String in names where !name.hasSuffix("console.log") {
            var status = stat()
            guard lstat("\(folder)/\(name)", &status) == 0 else { continue }
            let isFile = status.st_mode & S_IFMT == S_IFREG
            let content = isFile ? FileManager.default.contents(atPath: "\(folder)/\(name)") : nil
            entries[name] = Entry(
                kind: status.st_mode, seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec,
                content: content ?? Data())
        }
    }

    /// How many files and folders there are.
    var count: Int { entries.count }

    /// What has become different since `before`, one line each; empty when nothing has.
    func differences(to before: Fingerprint) -> [String] {
        Set(entries.keys).union(before.entries.keys).sorted().compactMap { name in
            switch (before.entries[name], entries[name]) {
            case (let before?, let after?) where before == after: nil
            case (let before?, let after?): "\(name): \(before.content == after.content ? "touched" : "changed")"
            case (nil, _): "\(name): new"
            case (_, nil): "\(name): gone"
            }
        }
    }
}
