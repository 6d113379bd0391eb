import Engine
import Providers
import Simulation
import Testing
import Workflow

/// Rehearsals as a library: what they make of a playbook, a fault and a seed.
@Suite("Rehearsal") struct RehearsalTests {
    @Test(
        "A fault in every state where it can be let loose comes to an end with every invariant held",
        arguments: SimulatedFault.allCases)
    func everywhere(fault: SimulatedFault) {
        for state in RehearsedFault.states(of: fault) {
            guard let rehearsed = RehearsedFault(fault, in: state) else {
                Issue.record("\(fault.rawValue) is not to be had in \(state)")
                continue
            }
            // Only a swap that goes back comes to the states of going back.
            let isOnTheWayBack = ["rollingBack", "retiringReplacement"].contains(state)
            let cause = isOnTheWayBack ? [RehearsedFault(.failingCheck, in: "baking")].compactMap(\.self) : []
            let deadlines = SwapPolicy.Deadlines(boot: .minutes(2), patch: .minutes(2))
            let report = Rehearsal.sample(
                approval: .ask, deadlines: deadlines, faults: cause + [rehearsed], seed: 11
            ).report()
            #expect(report.violation == nil, "\(state)")
            #expect(!report.isBrokenOff, "\(state)")
            #expect(report.runs.allSatisfy { $0.end != nil }, "\(state)")
            #expect(report.faults.last?.releasedAt != nil, "\(state)")
            #expect(report.swap?.isAtRest == true, "\(state): \(report.swap?.state.name ?? "none")")
        }
    }

    @Test("The same arguments give the same report, another seed another one", arguments: SimulatedFault.allCases)
    func repeats(fault: SimulatedFault) {
        let faults = [RehearsedFault(fault, hasTraffic: true)]
        let first = Rehearsal.sample(faults: faults, seed: 5).report()
        let second = Rehearsal.sample(faults: faults, seed: 5).report()
        #expect(first.fingerprint == second.fingerprint)
        #expect(first.fingerprint != Rehearsal.sample(faults: faults, seed: 6).report().fingerprint)
    }

    @Test("Without a fault it stops where `swap` is done, with the original held")
    func held() throws {
        let report = Rehearsal.sample().report()
        let swap = try #require(report.swap)
        #expect(swap.state.name == "holding")
        #expect(report.machines.map(\.instance.state) == [.stopped, .running])
        #expect(report.machines.map(\.isOriginal) == [true, false])
        #expect(report.machines.map { $0.traffic[RouterName("haproxy:web")] } == [.disabled, .inService])
        guard case .drove(.held)? = report.firstEnding else {
            Issue.record("\(String(describing: report.firstEnding))")
            return
        }
    }

    @Test("Rehearsed to its end, a process takes the swap up when the hold is over and terminates the original")
    func toTheEnd() throws {
        let report = Rehearsal.sample(goesToEnd: true).report()
        #expect(report.swap?.state.name == "succeeded")
        #expect(report.runs.map(\.command) == [.swap, .resumeDue])
        #expect(report.machines.first?.instance.state == .terminated)
        let start = try #require(report.runs.last?.start)
        let held = try #require(report.runs.first?.end?.at)
        #expect(start.milliseconds - held.milliseconds >= Span.hours(24).milliseconds)
    }

    @Test("A fault behind the hold takes the rehearsal there")
    func behindTheHold() {
        #expect(Rehearsal.sample(faults: [RehearsedFault(.protection, hasTraffic: true)]).goesToEnd)
        #expect(!Rehearsal.sample(faults: [RehearsedFault(.crash, hasTraffic: true)]).goesToEnd)
    }

    @Test("An approval that the playbook asks for is given, and shown")
    func approval() {
        let report = Rehearsal.sample(approval: .ask).report()
        #expect(report.answers == [.promote])
        #expect(report.swap?.state.name == "holding")
        #expect(report.runs.count == 1)
    }

    @Test("Left unanswered, the swap stays at its checkpoint with both instances running")
    func noApproval() {
        let report = Rehearsal.sample(approval: .ask, approves: false).report()
        #expect(report.answers.isEmpty)
        #expect(report.swap?.state.name == "awaitingApproval")
        #expect(report.machines.map(\.instance.state) == [.running, .running])
        guard case .drove(.atCheckpoint)? = report.firstEnding else {
            Issue.record("\(String(describing: report.firstEnding))")
            return
        }
    }

    @Test("What was resumed after a death does not ask: it stops, and the approval is typed")
    func approvalAfterDeath() {
        let faults = [RehearsedFault(.crashAfterWrite, hasTraffic: true)]
        let report = Rehearsal.sample(approval: .ask, faults: faults).report()
        #expect(report.runs.map(\.command) == [.swap, .resume, .lever(.approve)])
        #expect(report.swap?.state.name == "holding")
    }

    @Test("What could not be measured is not promoted, unless the original is known to fail")
    func inconclusive() {
        let unmeasured = Rehearsal.sample(faults: [RehearsedFault(.unmeasurableCheck, hasTraffic: true)]).report()
        #expect(unmeasured.answers == [.rollback])
        #expect(unmeasured.swap?.state.name == "rolledBack")
        let sick = Rehearsal.sample(faults: [RehearsedFault(.sickOriginal, hasTraffic: true)]).report()
        #expect(sick.answers.allSatisfy { $0 == .promote })
        #expect(sick.swap?.state.name == "holding")
    }

    @Test("The original is made up so that the playbook's selection fits it")
    func original() {
        let named = Rehearsal.sample(selection: Playbook.Selection(instances: ["db-3", "db-4"])).original
        #expect(named.name == "db-3")
        let tagged = Rehearsal.sample(selection: Playbook.Selection(tags: ["role": "mail", "tier": "a"])).original
        #expect(tagged.name == "mail-1")
        #expect(tagged.tags == ["role": "mail", "tier": "a"])
        #expect(Rehearsal.sample(selection: Playbook.Selection()).original.name == "web-1")
    }

    @Test("The playbook's checks are run in their phases, and one that only watches stays so")
    func checks() throws {
        let report = Rehearsal.sample(checks: [
            SimulatedAssessor.Check(CheckID("a/health"), phases: [.verify, .bake]),
            SimulatedAssessor.Check(CheckID("a/shown"), phases: [.verify], isEnforced: false),
        ]).report()
        let results = report.records.compactMap { record -> [String]? in
            guard case .assessed(_, let result) = record.entry.event else { return nil }
            return result.results.map { "\($0.check)\($0.isEnforced ? "" : " shown")" }
        }
        #expect(results.first == ["a/health", "a/shown shown"])
        #expect(results.dropFirst().first == ["a/health"])
    }

    @Test("Deadlines of seconds leave the simulated cloud enough time, and deadlines of days take no longer")
    func deadlines() {
        let short = SwapPolicy.Deadlines(boot: .seconds(3), patch: .seconds(3), retire: .seconds(6))
        #expect(Rehearsal.sample(deadlines: short).report().swap?.state.name == "holding")
        let long = SwapPolicy.Deadlines(boot: .hours(240), patch: .hours(240), retire: .hours(240), total: .hours(720))
        let report = Rehearsal.sample(deadlines: long).report()
        #expect(report.swap?.state.name == "holding")
        #expect(report.length < .hours(1))
    }

    @Test("Without a router, what usually befalls the promotion befalls the bake")
    func withoutTraffic() {
        #expect(RehearsedFault(.crash, hasTraffic: false).state == "baking")
        #expect(RehearsedFault(.crash, hasTraffic: true).state == "promoting")
        let report = Rehearsal.sample(routes: [], faults: [RehearsedFault(.crash, hasTraffic: false)]).report()
        #expect(report.faults.first?.count == 1)
        #expect(report.runs.map(\.command) == [.swap, .resume])
        #expect(report.swap?.state.name == "holding")
    }

    @Test("A state in which a fault cannot bite is not accepted, and a fault without its state never bites")
    func states() {
        #expect(RehearsedFault(.capacity, in: "baking") == nil)
        #expect(RehearsedFault(.capacity, in: "nowhere") == nil)
        let faults = [RehearsedFault(.crash, in: "rollingBack")].compactMap(\.self)
        let report = Rehearsal.sample(faults: faults).report()
        #expect(report.faults.first?.releasedAt == nil)
        #expect(report.faults.first?.count == 0)
    }

    @Test("Several faults befall one swap")
    func several() {
        let faults = [SimulatedFault.lostAnswer, .crash, .failingCheck].map { RehearsedFault($0, hasTraffic: true) }
        let crashOnTheWayBack = [RehearsedFault(.crash, in: "rollingBack")].compactMap(\.self)
        let failing = [RehearsedFault(.failingCheck, in: "baking")].compactMap(\.self)
        let report = Rehearsal.sample(faults: faults.dropLast() + failing + crashOnTheWayBack).report()
        #expect(report.swap?.state.name == "rolledBack")
        #expect(report.runs.count == 3)
        #expect(report.machines.map(\.instance.state) == [.running, .terminated])
    }
}
