import Foundation
import Glibc
public import Workflow

/// Snapshots: copies of an instance's disk in its folder, which go with it.
///
/// A copy is made under a provisional name and gets its own once it is complete and durable, so that whatever bears the
/// name of a snapshot is a whole one.
extension LocalProvider: SnapshotProvider {
    /// Takes snapshots, by copying disks.
    public var snapshots: (any SnapshotProvider)? { self }

    /// Finds nothing: all that an instance has is in its folder.
    public func snapshotFindings(for instance: Instance) async throws(ProviderError) -> [PreflightFinding] { [] }

    /// Copies an instance's disk as it is; what its service writes meanwhile may be in the copy or not.
    public func snapshot(_ id: InstanceID, named name: String) async throws(ProviderError) {
        try await perform("take the snapshot \(name) of \(id)") { () throws(LocalProblem) in
            try changeSnapshots(of: id, name) { record, folder, lock throws(LocalProblem) in
                guard !Self.exists(folder.snapshot(name)) else { return }
                try requireLife(record)
                let copy = FolderCopy(from: folder.disk, to: folder.draft(ofSnapshot: name), what: "the disk")
                try onStorage { () throws(SystemFailure) in try DurableFile.createFolder(folder.snapshots) }
                try replace(copy, holding: lock)
                try move(copy.to, to: folder.snapshot(name), in: folder.snapshots)
            }
        }
    }

    /// Ends an instance's processes, puts a copy of a snapshot in its disk's place and starts it.
    public func restore(_ id: InstanceID, to name: String) async throws(ProviderError) {
        try await perform("restore \(id) to the snapshot \(name)") { () throws(LocalProblem) in
            try changeSnapshots(of: id, name) { record, folder, lock throws(LocalProblem) in
                guard Self.exists(folder.snapshot(name)) else {
                    throw LocalProblem(.invalidRequest, "\(id) has no snapshot \(name)")
                }
                try requireLife(record)
                let copy = FolderCopy(from: folder.snapshot(name), to: folder.nextDisk, what: "the snapshot")
                try replace(copy, holding: lock)
                try supervisor(of: record).end()
                try onStorage { () throws(SystemFailure) in try DurableFile.remove(folder.formerDisk) }
                // An earlier call may have been broken off between the two renames.
                if Self.exists(folder.disk) { try move(folder.disk, to: folder.formerDisk, in: folder.path) }
                try move(folder.nextDisk, to: folder.disk, in: folder.path)
                try onStorage { () throws(SystemFailure) in try DurableFile.remove(folder.formerDisk) }
                var record = record
                record.intention = .running
                try write(record, in: folder)
                try supervisor(of: record).start(record)
            }
        }
    }

    /// Removes a snapshot, complete or not.
    public func deleteSnapshot(_ id: InstanceID, named name: String) async throws(ProviderError) {
        try await perform("delete the snapshot \(name) of \(id)") { () throws(LocalProblem) in
            try changeSnapshots(of: id, name) { _, folder, _ throws(LocalProblem) in
                // Renamed first, so that a removal that is broken off leaves nothing that looks like a snapshot.
                let draft = folder.draft(ofSnapshot: name)
                try onStorage { () throws(SystemFailure) in try DurableFile.remove(draft) }
                guard Self.exists(folder.snapshot(name)) else { return }
                try move(folder.snapshot(name), to: draft, in: folder.snapshots)
                try onStorage { () throws(SystemFailure) in try DurableFile.remove(draft) }
            }
        }
    }

    private func changeSnapshots(
        of id: InstanceID, _ name: String,
        _ work: (LocalRecord, LocalFolder, FileLock) throws(LocalProblem) -> Void
    ) throws(LocalProblem) {
        guard LocalProperty.isPlainName(name) else {
            throw LocalProblem(
                .invalidRequest,
                "`\(name)` cannot name a snapshot; names are of letters, digits, `.`, `_` and `-`")
        }
        try requireRecord(id)
        try locked(id.rawValue) { lock throws(LocalProblem) in
            let record = try existingRecord(id)
            try work(record, layout.folder(of: record.id), lock)
        }
    }

    private func requireLife(_ record: LocalRecord) throws(LocalProblem) {
        guard record.intention == .terminated else { return }
        throw LocalProblem(.invalidState, "\(record.id) is terminated, for good")
    }

    /// Makes a durable copy in the place of what a call that was broken off left there.
    ///
    /// A file that vanished while it was copied is no reason to give up, so that such a failure may be tried again.
    private func replace(_ copy: FolderCopy, holding lock: FileLock) throws(LocalProblem) {
        try onStorage { () throws(SystemFailure) in try DurableFile.remove(copy.to) }
        do throws(LocalProblem) {
            try copy.make(holding: lock)
            try copy.sync(holding: lock)
        } catch {
            try? DurableFile.remove(copy.to)
            throw LocalProblem(error.code, error.detail, isRetryable: true)
        }
    }

    private func move(_ from: String, to: String, in folder: String) throws(LocalProblem) {
        try onStorage { () throws(SystemFailure) in
            guard rename(from, to) == 0 else { throw SystemFailure(doing: "rename \(from)") }
            try DurableFile.syncFolder(folder)
        }
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
