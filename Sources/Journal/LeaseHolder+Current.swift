import Foundation
public import Workflow

extension LeaseHolder {
    /// Describes this process as a lease holder, read from `/proc`.
    ///
    /// In a process namespace of its own (a container that borrows the machine's name) the host's name is followed by
    /// that namespace, because process ids mean nothing across namespaces. Throws `cannotOpen` when `/proc` is absent.
    public static func current() throws(JournalError) -> LeaseHolder {
        let processID = getpid()
        guard let boot = ProcessTable.text(of: "/proc/sys/kernel/random/boot_id"),
            let start = ProcessTable.entry(of: processID)?.start
        else {
            throw JournalError(
                .cannotOpen, detail: "cannot tell who this process is: /proc cannot be read; mount it and try again")
        }
        return LeaseHolder(
            host: ProcessTable.hostName(), bootID: boot.trimmingCharacters(in: .whitespacesAndNewlines),
            processID: processID, processStart: start)
    }
}
