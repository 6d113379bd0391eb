import Foundation
import Glibc
import Workflow

/// One launch: prepared under a draft name, renamed at once to the id that follows from the token, then started.
///
/// Whatever moment a launcher is killed at, repeating the launch ends with exactly one instance: before the rename the
/// draft is thrown away and made anew, after it only the start is left to do.
struct LocalLaunch {
    let provider: LocalProvider
    let request: LaunchRequest

    private var layout: LocalLayout { provider.layout }
    private var specification: LaunchSpecification { request.specification }

    /// Performs the launch; blocks.
    func perform() throws(LocalProblem) -> Instance {
        try check()
        let id = LocalLayout.id(of: request.token.rawValue)
        try onStorage { () throws(SystemFailure) in
            for folder in [layout.instances, layout.locks] { try DurableFile.createFolder(folder) }
        }
        let instance = try provider.locked(id) { lock throws(LocalProblem) in
            if let record = try provider.record(id) { return try finish(record) }
            return try create(id, holding: lock)
        }
        try? provider.sweep()
        return instance
    }

    private func check() throws(LocalProblem) {
        let token = request.token.rawValue
        guard !token.isEmpty, token.utf8.count <= 64, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw LocalProblem(.invalidRequest, "the launch token must be 1 to 64 printable ASCII characters")
        }
        guard LocalProperty.isPlainName(specification.image.rawValue) else {
            throw LocalProblem(
                .imageNotFound,
                "`\(specification.image)` cannot name an image: images are folders of \(layout.images), "
                    + "named with letters, digits, `.`, `_` and `-`")
        }
        guard !specification.name.utf8.contains(0) else {
            throw LocalProblem(.invalidRequest, "the instance's name has a NUL byte")
        }
        _ = try LocalProperty.port(in: specification.properties)
        _ = try LocalProperty.environment(in: specification.properties)
    }

    /// Returns the instance that this token created, after starting it when its launcher died before that.
    private func finish(_ record: LocalRecord) throws(LocalProblem) -> Instance {
        guard record.token == request.token.rawValue else {
            throw LocalProblem(.invalidRequest, "the id \(record.id) belongs to another launch token; use a new token")
        }
        let supervisor = provider.supervisor(of: record)
        if record.intention == .running, !supervisor.hasBooted { try supervisor.start(record) }
        return record.instance(state: provider.state(of: record))
    }

    private func create(_ id: String, holding lock: FileLock) throws(LocalProblem) -> Instance {
        let image = try LocalImage.read(folder: layout.image(specification.image.rawValue))
        let draft = layout.draft(of: id)
        let folder = layout.folder(of: id)
        try onStorage { () throws(SystemFailure) in
            for path in [draft.path, folder.path] { try DurableFile.remove(path) }
        }
        do throws(LocalProblem) {
            let (record, reservation) = try reserve(id, image: image, draft: draft)
            try fill(draft, as: folder, image: image, holding: lock)
            try onStorage { () throws(SystemFailure) in
                guard rename(draft.path, folder.path) == 0 else { throw SystemFailure(doing: "create \(folder.path)") }
                try DurableFile.syncFolder(layout.instances)
            }
            try provider.supervisor(of: record).start(record, reservation: reservation)
            return record.instance(state: provider.state(of: record))
        } catch {
            try? DurableFile.remove(draft.path)
            throw error
        }
    }

    /// Chooses the address and writes the draft's record, which is what reserves it, under one lock.
    private func reserve(
        _ id: String, image: LocalImage, draft: LocalFolder
    ) throws(LocalProblem) -> (LocalRecord, OwnedDescriptor) {
        let lock = try onStorage { () throws(SystemFailure) in try FileLock.acquire(layout.addressLock) }
        defer { withExtendedLifetime(lock) {} }
        let port = try LocalProperty.port(in: specification.properties)
        let (address, reservation) = try LoopbackAddress.choose(
            root: layout.root, port: port, used: provider.usedAddresses())
        let isPatched =
            specification.patch.scope != .none && specification.properties[LocalProperty.firstBootPatch] != "no"
        let record = LocalRecord(
            id: id, token: request.token.rawValue, name: specification.name, image: specification.image.rawValue,
            address: address, port: port, tags: specification.tags.merging(request.ownershipTags) { _, owned in owned },
            properties: specification.properties, patch: isPatched ? specification.patch.scope.rawValue : "no",
            gems: specification.patch.gems, service: image.service, firstBoot: image.firstBoot,
            launchedAt: provider.clock.wallTime())
        try onStorage { () throws(SystemFailure) in try DurableFile.createFolder(draft.path) }
        try provider.write(record, in: draft)
        return (record, reservation)
    }

    /// Copies the image and writes the files that name the folder's final path.
    private func fill(_ draft: LocalFolder, as folder: LocalFolder, image: LocalImage, holding lock: FileLock)
        throws(LocalProblem)
    {
        try FolderCopy(from: layout.image(specification.image.rawValue), to: draft.disk, what: "the image")
            .make(holding: lock)
        let repository = LocalPreflight.repository(of: specification, image: image, layout: layout)
        let configuration = AptConfiguration(
            root: folder.root, repository: repository, suites: image.suites ?? ["main"],
            components: image.components ?? ["main"])
        try onStorage { () throws(SystemFailure) in
            try configuration.write(root: draft.root, to: draft.aptConfiguration)
            try DurableFile.write(Data(SupervisorScript.text.utf8), to: draft.supervisor, mode: 0o755)
        }
    }
}
