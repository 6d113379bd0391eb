import Foundation
import Workflow

/// Changes of existing instances. All of it blocks, and each holds the instance's lock from first read to last write.
extension LocalProvider {
    /// Records what the instance shall be and makes it so.
    func changeIntention(of id: InstanceID, to intention: LocalRecord.Intention) throws(LocalProblem) {
        try requireRecord(id)
        try locked(id.rawValue) { _ throws(LocalProblem) in
            var record = try existingRecord(id)
            guard record.intention != .terminated else {
                throw LocalProblem(.invalidState, "\(id) is terminated, for good")
            }
            record.intention = intention
            try write(record, in: layout.folder(of: record.id))
            switch intention {
            case .running:
                if !supervisor(of: record).isAlive { try supervisor(of: record).start(record) }
            case .stopped, .terminated:
                try supervisor(of: record).end()
            }
        }
    }

    /// Ends all processes of a running instance and starts it again.
    func rebootNow(_ id: InstanceID) throws(LocalProblem) {
        try requireRecord(id)
        try locked(id.rawValue) { _ throws(LocalProblem) in
            let record = try existingRecord(id)
            guard record.intention == .running else {
                throw LocalProblem(.invalidState, "\(id) does not run, so it cannot be rebooted")
            }
            try supervisor(of: record).end()
            try supervisor(of: record).start(record)
        }
    }

    /// Ends the processes, removes the disk, leaves the record and the console output.
    func terminateNow(_ id: InstanceID) throws(LocalProblem) {
        try requireRecord(id)
        try locked(id.rawValue) { _ throws(LocalProblem) in
            var record = try existingRecord(id)
            guard record.terminatedAt == nil else { return }
            guard !record.isProtected else {
                throw LocalProblem(
                    .terminationProtected,
                    "\(id) is protected against termination (its property or tag `protected`); remove the protection first"
                )
            }
            let folder = layout.folder(of: record.id)
            record.intention = .terminated
            try write(record, in: folder)
            try supervisor(of: record).end()
            try onStorage { () throws(SystemFailure) in
                for path in folder.disks + [folder.supervisor] { try DurableFile.remove(path) }
            }
            record.terminatedAt = clock.wallTime()
            try write(record, in: folder)
        }
        try sweep()
    }

    /// Sets tags and removes those whose new value is `nil`.
    func setTags(_ tags: [String: String?], of id: InstanceID) throws(LocalProblem) {
        try requireRecord(id)
        try locked(id.rawValue) { _ throws(LocalProblem) in
            var record = try existingRecord(id)
            for (key, value) in tags { record.tags[key] = value }
            try write(record, in: layout.folder(of: record.id))
        }
    }

    /// Throws for an unknown instance before its lock is taken, so that nothing is written for odd ids.
    func requireRecord(_ id: InstanceID) throws(LocalProblem) {
        _ = try existingRecord(id)
    }
}
