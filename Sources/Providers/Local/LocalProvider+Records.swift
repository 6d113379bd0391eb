import Foundation
import Glibc
import Workflow

/// Reading and writing of the instances' records. All of it blocks.
extension LocalProvider {
    /// The supervisor of an instance.
    func supervisor(of record: LocalRecord) -> LocalSupervisor {
        LocalSupervisor(folder: layout.folder(of: record.id), stopMilliseconds: stopMilliseconds)
    }

    /// The state that follows from the record and from the processes that really run.
    func state(of record: LocalRecord) -> InstanceState {
        let supervisor = supervisor(of: record)
        switch record.intention {
        case .terminated: return record.terminatedAt == nil ? .terminating : .terminated
        case .stopped: return supervisor.isAlive ? .stopping : .stopped
        case .running:
            if supervisor.isAlive { return .running }
            return supervisor.hasBooted ? .stopped : .pending
        }
    }

    /// All records that are still listed, ordered by id; throws when one cannot be read.
    func records() throws(LocalProblem) -> [LocalRecord] {
        var listed: [LocalRecord] = []
        for name in try folderNames().sorted() where !name.hasPrefix(".") {
            if let record = try record(name) { listed.append(record) }
        }
        return listed
    }

    /// One record; `nil` when there is none, or it was terminated long ago.
    func record(_ id: String) throws(LocalProblem) -> LocalRecord? {
        guard LocalProperty.isPlainName(id), let record = try read(layout.folder(of: id)) else { return nil }
        guard record.id == id else {
            throw LocalProblem(
                .malformedAnswer, "\(layout.folder(of: id).record) describes another instance, \(record.id)")
        }
        return isForgotten(record) ? nil : record
    }

    /// One record; throws when there is none.
    func existingRecord(_ id: InstanceID) throws(LocalProblem) -> LocalRecord {
        guard let record = try record(id.rawValue) else {
            throw LocalProblem(.instanceNotFound, "no instance \(id) in \(layout.instances)")
        }
        return record
    }

    /// Addresses that instances, and launches under way, hold.
    func usedAddresses() throws(LocalProblem) -> Set<String> {
        var used: Set<String> = []
        for name in try folderNames() {
            guard let record = try read(LocalFolder(path: "\(layout.instances)/\(name)")) else { continue }
            if record.terminatedAt == nil { used.insert(record.address) }
        }
        return used
    }

    /// Writes a record durably.
    func write(_ record: LocalRecord, in folder: LocalFolder) throws(LocalProblem) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(record) else {
            throw LocalProblem(.invalidRequest, "the record of \(record.id) cannot be written as JSON")
        }
        try onStorage { () throws(SystemFailure) in try DurableFile.write(data, to: folder.record) }
    }

    /// Removes what is left of instances that were terminated long ago, and of launches that nobody finished.
    func sweep() throws(LocalProblem) {
        for name in try folderNames() {
            let folder = LocalFolder(path: "\(layout.instances)/\(name)")
            guard let record = try? read(folder), isForgotten(record) || isAbandoned(record, draft: name) else {
                continue
            }
            let lock = try onStorage { () throws(SystemFailure) in try FileLock.attempt(layout.lock(of: record.id)) }
            guard lock != nil else { continue }
            try onStorage { () throws(SystemFailure) in try DurableFile.remove(folder.path) }
        }
    }

    /// Runs `work` while holding the instance's lock, which all processes that use this root respect.
    func locked<Value>(_ id: String, _ work: (FileLock) throws(LocalProblem) -> Value) throws(LocalProblem) -> Value {
        let lock = try onStorage { () throws(SystemFailure) in try FileLock.acquire(layout.lock(of: id)) }
        defer { withExtendedLifetime(lock) {} }
        return try work(lock)
    }

    private func isForgotten(_ record: LocalRecord) -> Bool {
        guard let time = record.terminatedAt else { return false }
        return clock.wallTime().since(time) >= Self.tombstoneLife
    }

    private func isAbandoned(_ record: LocalRecord, draft name: String) -> Bool {
        name.hasPrefix(".") && clock.wallTime().since(record.launchedAt) >= Self.tombstoneLife
    }

    private func folderNames() throws(LocalProblem) -> [String] {
        var information = stat()
        guard stat(layout.instances, &information) == 0 else {
            if errno == ENOENT { return [] }
            throw LocalProblem(SystemFailure(doing: "read \(layout.instances)"))
        }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: layout.instances)
        } catch {
            throw LocalProblem(.storage, "cannot list \(layout.instances): \(error.localizedDescription)")
        }
    }

    private func read(_ folder: LocalFolder) throws(LocalProblem) -> LocalRecord? {
        guard access(folder.record, F_OK) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw LocalProblem(SystemFailure(doing: "read \(folder.record)"))
        }
        guard let data = FileManager.default.contents(atPath: folder.record) else {
            if access(folder.record, F_OK) != 0 { return nil }
            throw LocalProblem(.storage, "cannot read \(folder.record); check its permissions")
        }
        do {
            return try JSONDecoder().decode(LocalRecord.self, from: data)
        } catch {
            throw LocalProblem(.malformedAnswer, "\(folder.record) is not a valid record: \(error)")
        }
    }
}
