import GRDB
import Workflow

/// A swap's row in `leases`.
struct LeaseRow {
    var epoch: Int
    /// Who holds it; `nil` when it was given up.
    var holder: LeaseHolder?
    var expiresMonotonic: Int64
    var expiresWall: Int64

    static let columns = "host, boot_id, process_id, process_start, expires_monotonic, expires_wall, epoch"

    init(_ row: Row) {
        epoch = row["epoch"]
        expiresMonotonic = row["expires_monotonic"]
        expiresWall = row["expires_wall"]
        if let host = row["host"] as String?, let bootID = row["boot_id"] as String?,
            let processID = row["process_id"] as Int32?, let start = row["process_start"] as Int64?
        {
            holder = LeaseHolder(
                host: host, bootID: bootID, processID: processID, processStart: UInt64(bitPattern: start))
        }
    }

    static func read(_ db: Database, swap number: Int64) throws -> LeaseRow? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT \(columns) FROM leases WHERE swap = ?"), arguments: [number]
        ).map(LeaseRow.init)
    }

    /// Whether the lease is the one that stands in the store.
    func matches(_ lease: Lease) -> Bool {
        epoch == lease.epoch && holder == lease.holder
    }
}

/// Decides whether a lease still binds, as seen from one machine at one moment.
struct LeaseJudge {
    /// This process; `nil` when it cannot tell who it is, and then nobody is provably gone.
    let observer: LeaseHolder?
    let nowMonotonic: Int64
    let nowWall: Int64

    init(observer: LeaseHolder?, clock: any WorkflowClock) {
        self.observer = observer
        nowMonotonic = clock.monotonicMilliseconds()
        nowWall = clock.wallTime().milliseconds
    }

    /// Who holds the lease now; `nil` when nobody does, when it has expired, or when its holder is provably gone.
    ///
    /// The monotonic clock means something only within one boot of one machine: a machine that has booted since has
    /// lost its processes, and of another machine only the wall clock tells anything.
    func bindingHolder(of lease: LeaseRow) -> LeaseHolder? {
        guard let holder = lease.holder else { return nil }
        guard let observer, holder.bootID == observer.bootID else {
            if let observer, holder.host == observer.host { return nil }
            return nowWall >= lease.expiresWall ? nil : holder
        }
        if nowMonotonic >= lease.expiresMonotonic { return nil }
        return holder.host == observer.host && ProcessTable.isGone(holder) ? nil : holder
    }
}
