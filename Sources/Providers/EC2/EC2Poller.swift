import AWSClient
import Workflow

/// Joins the reads of all swaps of a process into as few DescribeInstances as possible.
///
/// One round is under way at a time. Who asks meanwhile gets the answer of the next round, so that an answer is always
/// of a request that began after it was asked for; the one exception is an answer that is at most `freshness` old.
/// Rounds are made in the task of who asked first, whose task-local values they inherit; when that task is cancelled,
/// the round passes to another one that waits for it.
final class EC2Poller: Sendable {
    /// For how long after a read began its answer is given again.
    static let freshness = Span.seconds(1)
    /// For how long an instance that was asked for takes part in the rounds of others.
    private static let interest = Span.seconds(5)
    /// For how long the first who asks waits for others to join.
    private static let gathering = Span.milliseconds(20)
    /// How many values a filter may have (EC2 API Reference, DescribeInstances).
    private static let idsPerRequest = 200
    /// For how long what was read is kept at all.
    private static let memory = Span.minutes(1)

    typealias Answers = [InstanceID: EC2Observation]
    /// Reads the instances of these ids; absent ids are absent from the answer.
    typealias Read = @Sendable ([InstanceID]) async throws(AWSError) -> Answers

    /// How a wait for a round ends.
    private enum End: Sendable {
        case answered(Result<Answers, AWSError>)
        case takesLead
        case cancelled
    }

    private struct Round {
        var number: Int
        var ids: Set<InstanceID>
        var followers: [OneShot<End>] = []
    }

    private struct Entry {
        /// `nil` for an instance that a complete read did not know.
        var observation: EC2Observation?
        var order: Int
        var begunAt: Int64
    }

    private struct State {
        /// Counts reads that begin and changes that end, in the order in which they do.
        var order = 0
        var entries: [InstanceID: Entry] = [:]
        /// Reads that began before this do not show the last change of an instance.
        var barriers: [InstanceID: (order: Int, at: Int64)] = [:]
        var interests: [InstanceID: Int64] = [:]
        var lastList: (order: Int, begunAt: Int64)?
        var current: Round?
        var next: Round?
        /// Who leads the next round and waits for the present one to end.
        var nextLeader: OneShot<Bool>?
    }

    private let state = LockedValue(State())
    private let clock: any WorkflowClock
    private let read: Read

    init(clock: any WorkflowClock, read: @escaping Read) {
        self.clock = clock
        self.read = read
    }

    /// Reads one instance, together with whatever others ask for; `nil` when a complete read does not know it.
    func observation(
        of id: InstanceID, maximumAge: Span = EC2Poller.freshness
    ) async throws(AWSError) -> EC2Observation? {
        var leads = false
        while true {
            switch leads ? .lead : place(for: id, maximumAge: maximumAge) {
            case .known(let observation): return observation
            case .follow(let ticket):
                switch await ticket.value(whenCancelled: .cancelled) {
                case .answered(let result): return try result.get()[id]
                case .takesLead: leads = true
                case .cancelled: throw Self.cancellation
                }
            case .lead: return try await lead()[id]
            }
        }
    }

    /// Forgets what is known of an instance, because it was or is about to be changed.
    func invalidate(_ id: InstanceID) {
        let now = clock.monotonicMilliseconds()
        state.withLock { state in
            state.order += 1
            state.entries[id] = nil
            state.barriers[id] = (state.order, now)
        }
    }

    /// Puts a successful change of tags into what is known of an instance; a `nil` value removes the tag.
    func apply(_ tags: [String: String?], to id: InstanceID) {
        let now = clock.monotonicMilliseconds()
        state.withLock { state in
            state.order += 1
            state.barriers[id] = (state.order, now)
            guard var observation = state.entries[id]?.observation else {
                state.entries[id] = nil
                return
            }
            for (name, value) in tags { observation.instance.tags[name] = value }
            observation.instance.name =
                observation.instance.tags["Name"].flatMap { $0.isEmpty ? nil : $0 } ?? id.rawValue
            state.entries[id]?.observation = observation
            state.entries[id]?.order = state.order
        }
    }

    /// Marks the beginning of a list of all instances; give it to `learn(all:since:)`.
    func beginList() -> Mark {
        let now = clock.monotonicMilliseconds()
        return state.withLock { state in
            state.order += 1
            return Mark(order: state.order, begunAt: now)
        }
    }

    /// When a read began.
    struct Mark: Sendable {
        fileprivate var order: Int
        fileprivate var begunAt: Int64
    }

    /// Keeps a complete list.
    func learn(all observations: [EC2Observation], since mark: Mark) {
        let answers = observations.reduce(into: Answers()) { $0[$1.instance.id] = $1 }
        state.withLock { state in
            Self.keep(answers, of: Array(answers.keys), order: mark.order, begunAt: mark.begunAt, in: &state)
            if mark.order > (state.lastList?.order ?? 0) { state.lastList = (mark.order, mark.begunAt) }
        }
    }

    private static let cancellation = AWSError(
        .cancelled, action: "DescribeInstances", detail: "the read was cancelled", isRetryable: false)

    private enum Place {
        case known(EC2Observation?)
        case follow(OneShot<End>)
        case lead
    }

    private func place(for id: InstanceID, maximumAge: Span) -> Place {
        let now = clock.monotonicMilliseconds()
        return state.withLock { state in
            state.interests[id] = now
            if let entry = state.entries[id] {
                if now - entry.begunAt <= maximumAge.milliseconds { return .known(entry.observation) }
            } else if let list = state.lastList, now - list.begunAt <= maximumAge.milliseconds,
                list.order > (state.barriers[id]?.order ?? 0)
            {
                return .known(nil)
            }
            guard state.next == nil else {
                let ticket = OneShot<End>()
                state.next?.ids.insert(id)
                state.next?.followers.append(ticket)
                return .follow(ticket)
            }
            state.order += 1
            state.next = Round(number: state.order, ids: [id])
            return .lead
        }
    }

    /// Waits for the present round to end or for others to join, then makes the next round.
    private func lead() async throws(AWSError) -> Answers {
        guard await waitForTurn(), !Task.isCancelled, let (ids, mark) = begin() else {
            handOver(isCurrent: false)
            throw Self.cancellation
        }
        let result: Result<Answers, AWSError>
        do throws(AWSError) { result = .success(try await readAll(ids)) } catch { result = .failure(error) }
        if Task.isCancelled, case .failure = result {
            handOver(isCurrent: true)
            throw Self.cancellation
        }
        finish(result, ids: ids, mark: mark)
        return try result.get()
    }

    /// `false` when the task was cancelled.
    private func waitForTurn() async -> Bool {
        let turn = state.withLock { state -> OneShot<Bool>? in
            guard state.current != nil else { return nil }
            let turn = OneShot<Bool>()
            state.nextLeader = turn
            return turn
        }
        if let turn { return await turn.value(whenCancelled: false) }
        do { try await clock.sleep(for: Self.gathering) } catch { return false }
        return true
    }

    private func begin() -> ([InstanceID], Mark)? {
        let now = clock.monotonicMilliseconds()
        return state.withLock { state in
            guard state.current == nil, let round = state.next else { return nil }
            state.order += 1
            state.current = round
            state.next = nil
            state.nextLeader = nil
            state.interests = state.interests.filter { now - $0.value <= Self.interest.milliseconds }
            let wanted = round.ids.sorted()
            // Whoever asked lately will ask again soon: one request serves them too, as long as it stays one.
            let room = max(0, Self.idsPerRequest - wanted.count)
            let others = state.interests.keys.filter { !round.ids.contains($0) }.sorted().prefix(room)
            return (wanted + others, Mark(order: state.order, begunAt: now))
        }
    }

    private func readAll(_ ids: [InstanceID]) async throws(AWSError) -> Answers {
        var answers: Answers = [:]
        var rest = ids[...]
        while !rest.isEmpty {
            answers.merge(try await read(Array(rest.prefix(Self.idsPerRequest)))) { $1 }
            rest = rest.dropFirst(Self.idsPerRequest)
        }
        return answers
    }

    private func finish(_ result: Result<Answers, AWSError>, ids: [InstanceID], mark: Mark) {
        let (followers, turn) = state.withLock { state -> ([OneShot<End>], OneShot<Bool>?) in
            if case .success(let answers) = result {
                Self.keep(answers, of: ids, order: mark.order, begunAt: mark.begunAt, in: &state)
            }
            let followers = state.current?.followers ?? []
            state.current = nil
            let turn = state.nextLeader
            state.nextLeader = nil
            return (followers, turn)
        }
        turn?.finish(true)
        for follower in followers { follower.finish(.answered(result)) }
    }

    /// Keeps what was read of instances that were not changed since the read began.
    private static func keep(
        _ answers: Answers, of ids: [InstanceID], order: Int, begunAt: Int64, in state: inout State
    ) {
        let oldest = begunAt - memory.milliseconds
        state.entries = state.entries.filter { $0.value.begunAt >= oldest }
        // A read that takes longer than this has failed long before.
        state.barriers = state.barriers.filter { $0.value.at >= oldest - memory.milliseconds * 9 }
        for id in ids
        where order > (state.barriers[id]?.order ?? 0) && order > (state.entries[id]?.order ?? 0) {
            state.entries[id] = Entry(observation: answers[id], order: order, begunAt: begunAt)
        }
    }

    /// Passes the round of a leader that was cancelled to one of those who wait for it; without any, it ends.
    private func handOver(isCurrent: Bool) {
        while true {
            let (follower, turn) = state.withLock { state -> (OneShot<End>?, OneShot<Bool>?) in
                var round = isCurrent ? state.current : state.next
                let follower = round?.followers.popLast()
                if isCurrent {
                    return Self.handOverCurrent(round, to: follower, in: &state)
                }
                state.nextLeader = nil
                if follower == nil { round = nil }
                state.next = round
                return (follower, nil)
            }
            turn?.finish(true)
            guard let follower else { return }
            if follower.finish(.takesLead) { return }
            if isCurrent { return handOver(isCurrent: false) }
        }
    }

    /// Ends the present round and puts those who waited for it into the next one.
    private static func handOverCurrent(
        _ round: Round?, to follower: OneShot<End>?, in state: inout State
    ) -> (OneShot<End>?, OneShot<Bool>?) {
        state.current = nil
        if var next = state.next {
            // The next round has a leader already, who waits for this one to end.
            next.ids.formUnion(round?.ids ?? [])
            next.followers += (round?.followers ?? []) + (follower.map { [$0] } ?? [])
            state.next = next
            let turn = state.nextLeader
            state.nextLeader = nil
            return (nil, turn)
        }
        if let round, follower != nil { state.next = round }
        return (follower, nil)
    }
}
