import GRDB
import Workflow

extension StoreTransaction {
    func acquireLease(of id: SwapID, holder: LeaseHolder, leaseLength: Span) throws -> Lease {
        let number = try queries.knownNumber(of: id)
        guard let row = try LeaseRow.read(db, swap: number) else {
            throw JournalError(.corrupt, detail: "the store holds no lease row for \(id); restore it from a backup")
        }
        if let other = judge.bindingHolder(of: row) {
            throw JournalError(
                .leaseHeld,
                detail: "\(id) is driven by \(other); watch it with `changeover watch \(id)`, or wait until that "
                    + "process has ended",
                holder: other)
        }
        return try grant(id, number: number, epoch: row.epoch + 1, holder: holder, leaseLength: leaseLength)
    }

    func renew(_ lease: Lease, leaseLength: Span) throws -> Lease {
        let number = try queries.knownNumber(of: lease.swap)
        try requireHeld(lease, number: number)
        return try grant(
            lease.swap, number: number, epoch: lease.epoch, holder: lease.holder, leaseLength: leaseLength)
    }

    func release(_ lease: Lease) throws {
        guard let number = try queries.number(of: lease.swap),
            try LeaseRow.read(db, swap: number)?.matches(lease) == true
        else { return }
        try db.execute(
            sql: """
                UPDATE leases SET host = NULL, boot_id = NULL, process_id = NULL, process_start = NULL,
                expires_monotonic = 0, expires_wall = 0 WHERE swap = ?
                """,
            arguments: [number])
    }

    /// Throws `leaseLost` unless the lease is the one that stands in the store.
    ///
    /// An expired lease that nobody has taken over still holds: the epoch is the fence, not the time.
    func requireHeld(_ lease: Lease, number: Int64) throws {
        let row = try LeaseRow.read(db, swap: number)
        guard let row, row.matches(lease) else {
            let now = row?.holder.map { "\($0) drives it now" } ?? "it was given up"
            throw JournalError(
                .leaseLost,
                detail: "nothing was written to \(lease.swap): epoch \(lease.epoch) is over and \(now) (epoch "
                    + "\(row?.epoch ?? 0)); follow it with `changeover watch \(lease.swap)`",
                holder: row?.holder)
        }
    }

    func grant(
        _ id: SwapID, number: Int64, epoch: Int, holder: LeaseHolder, leaseLength: Span
    ) throws -> Lease {
        let expires = judge.nowMonotonic + leaseLength.milliseconds
        try db.execute(
            sql: """
                UPDATE leases SET epoch = ?, host = ?, boot_id = ?, process_id = ?, process_start = ?,
                expires_monotonic = ?, expires_wall = ? WHERE swap = ?
                """,
            arguments: [
                epoch, holder.host, holder.bootID, holder.processID, Int64(bitPattern: holder.processStart), expires,
                judge.nowWall + leaseLength.milliseconds, number,
            ])
        return Lease(swap: id, epoch: epoch, holder: holder, expiresAtMonotonicMilliseconds: expires)
    }
}
