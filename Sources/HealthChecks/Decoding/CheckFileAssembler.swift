internal import Documents
internal import Workflow

/// Puts a check file together with the files that it extends: later files and the file itself win, key by key in
/// `defaults` and check by check, by their ids; the merged defaults hold for all checks.
struct CheckFileAssembler {
    /// How many files may extend one another in a row.
    static let maximumDepth = 8
    /// How many files are put together at most, those that occur several times counted each time.
    static let maximumFiles = 64

    /// The content of the file at a path that counts from where the first file's path does; `nil` when unreadable.
    let read: (String) -> [UInt8]?
    private(set) var errors: [DocumentError] = []
    /// The extended files, each once.
    private(set) var documents: [CheckDocument] = []
    private var drafts: [String: CheckFileDraft?] = [:]
    private var count = 0

    init(read: @escaping (String) -> [UInt8]?) {
        self.read = read
    }

    /// Puts a file together; `nil` with at least one error.
    mutating func assemble(_ document: Document) -> CheckFile? {
        let draft: CheckFileDraft
        do throws(DocumentErrors) {
            draft = try CheckFileFormat.file.decode(document)
        } catch {
            errors += error.errors
            return nil
        }
        let merged = merge(draft, chain: [Self.normalized(draft.path)])
        let checks = merged.checks.map { $0.check(defaults: merged.defaults) }
        let comparisons = CompareRules(checks: checks)
        for (check, draft) in zip(checks, merged.checks) {
            if let error = draft.neverPasses(check) { errors.append(error) }
            errors += comparisons.errors(of: check, draft)
        }
        guard errors.isEmpty else { return nil }
        return CheckFile(path: draft.path, name: draft.name, summary: draft.summary, checks: checks)
    }

    private mutating func merge(
        _ draft: CheckFileDraft, chain: [String]
    ) -> (defaults: TimingOverrides, checks: [CheckDraft]) {
        var defaults = TimingOverrides()
        var checks: [CheckDraft] = []
        for base in draft.bases {
            guard let path = place(of: base, in: draft, chain), let found = load(path, base.origin) else { continue }
            let merged = merge(found, chain: chain + [path])
            defaults = merged.defaults.overlaid(on: defaults)
            checks = Self.overlaid(merged.checks, on: checks)
        }
        return (draft.defaults.overlaid(on: defaults), Self.overlaid(draft.checks, on: checks))
    }

    private mutating func place(of base: CheckFileDraft.Base, in draft: CheckFileDraft, _ chain: [String]) -> String? {
        let folder = draft.path.lastIndex(of: "/").map { draft.path[...$0] } ?? ""
        let path = Self.normalized(folder + base.path)
        count += 1
        if chain.contains(path) {
            let circle = (chain + [path]).joined(separator: " → ")
            errors.append(base.origin.error(.invalid, "the file extends itself: \(circle)", suggestion: "remove it"))
            return nil
        }
        guard chain.count < Self.maximumDepth, count <= Self.maximumFiles else {
            let limits = "\(Self.maximumDepth) in a row and \(Self.maximumFiles) together"
            errors.append(base.origin.error(.nesting, "too many files extend one another; the limits are \(limits)"))
            return nil
        }
        return path
    }

    private mutating func load(_ path: String, _ origin: CheckOrigin) -> CheckFileDraft? {
        if let known = drafts[path] { return known }
        drafts[path] = .some(nil)
        guard let bytes = read(path) else {
            errors.append(
                origin.error(
                    .invalid, "the file \(path) does not exist or cannot be read",
                    suggestion: "write a path relative to this file"))
            return nil
        }
        do throws(DocumentErrors) {
            let draft = try CheckFileFormat.file.decode(DocumentParser.parse(bytes: bytes, path: path))
            drafts[path] = draft
            documents.append(CheckDocument(path: path, text: String(decoding: bytes, as: UTF8.self)))
            return draft
        } catch {
            errors += error.errors
            return nil
        }
    }

    private static func overlaid(_ checks: [CheckDraft], on base: [CheckDraft]) -> [CheckDraft] {
        var result = base
        for check in checks {
            if let index = result.firstIndex(where: { $0.id == check.id }) {
                result[index] = check
            } else {
                result.append(check)
            }
        }
        return result
    }

    /// The path without `.`, and without `..` where a folder stands before it.
    static func normalized(_ path: some StringProtocol) -> String {
        var parts: [Substring] = []
        for part in String(path).split(separator: "/", omittingEmptySubsequences: true) where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else {
                parts.append(part)
            }
        }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
}
