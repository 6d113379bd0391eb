public import Workflow

/// Drives one swap: replays its journal, does what the state asks for, and journals what comes of it.
///
/// Every decision is synced to the journal before anything is done because of it. Cancelling the task that drives
/// stops at the next durable point: a call under way is brought to its recorded outcome first.
public struct SwapDriver: Sendable {
    private let environment: EngineEnvironment
    private let notify: @Sendable (DriverNotice) -> Void

    /// Creates a driver; `notify` hears of each record, measurement and line as it happens.
    public init(environment: EngineEnvironment, notify: @escaping @Sendable (DriverNotice) -> Void) {
        self.environment = environment
        self.notify = notify
    }

    /// Records a new swap and takes its lease, in one transaction.
    ///
    /// Throws `instanceBusy`, naming the swap, when a live swap claims the instance or its place in a router.
    public func create(_ id: SwapID, plan: Plan) async throws(EngineError) -> Lease {
        let creation = SwapCreation(id: id, plan: plan, planHash: plan.digest)
        let now = environment.clock.wallTime()
        let swap = Swap(creation, at: now)
        let entry = JournalEntry(
            at: now, event: .created(creation), intents: [], reasons: ["The plan is recorded."], summary: swap.summary)
        let claims =
            swap.summary.instanceClaims
            + plan.routes.map { route in
                let slot = environment.routers[route.name]?.slot ?? route.name.rawValue
                return "slot:\(slot)/\(plan.original.address ?? "")"
            }
        do {
            return try await environment.journal.create(
                id, claims: claims, first: entry, holder: environment.holder, leaseLength: LeaseKeeper.length)
        } catch { throw EngineError(error) }
    }

    /// Takes the lease of an existing swap; throws `leaseHeld` while another living process drives it.
    public func takeLease(of id: SwapID) async throws(EngineError) -> Lease {
        do {
            return try await environment.journal.acquireLease(
                of: id, holder: environment.holder, leaseLength: LeaseKeeper.length)
        } catch { throw EngineError(error) }
    }

    /// Drives a swap until it ends or one of `options` says to stop, and gives the lease back.
    public func drive(_ lease: Lease, options: DriveOptions) async throws(EngineError) -> DriveEnd {
        let keeper = LeaseKeeper(lease, journal: environment.journal, clock: environment.clock)
        let session: DriveSession
        do throws(JournalError) {
            let records = try await environment.journal.records(of: lease.swap, after: 0)
            guard let swap = Swap.replay(records), let last = records.last else {
                throw JournalError(.corrupt, detail: "the records of \(lease.swap) do not begin with its creation")
            }
            session = DriveSession(
                environment: environment, keeper: keeper, options: options, notify: notify, swap: swap,
                sequence: last.sequence)
        } catch {
            await keeper.release()
            throw EngineError(error)
        }
        let result: Result<DriveEnd, EngineError>
        do throws(EngineError) { result = .success(try await session.run()) } catch { result = .failure(error) }
        await keeper.release()
        return try result.get()
    }
}
