import TestSupport
import Testing
import Workflow

@Suite("Drift between plan and live state")
struct PlanDriftTests {
    private let planned = SampleSwap.original

    @Test("The same instance has none, and ownership tags do not count")
    func none() {
        var live = planned
        live.tags[OwnershipTag.swap] = "s-0"
        #expect(PlanDrift.differences(planned: planned, live: live).isEmpty)
    }

    @Test("An absent original is the only difference")
    func absent() {
        let drift = PlanDrift.differences(planned: planned, live: nil)
        #expect(drift.map(\.description) == ["original: planned i-1, now absent"])
    }

    @Test("Every difference is named with both values")
    func each() {
        var live = planned
        live.state = .stopped
        live.image = ImageID("img-2")
        live.address = nil
        live.name = "web-9"
        live.launchedAt = WallTime(milliseconds: 5)
        live.isTerminationProtected = true
        live.properties = ["size": "large", "disk": "10"]
        live.tags = ["role": "db", "team": "a"]
        let drift = PlanDrift.differences(planned: planned, live: live).map(\.description)
        #expect(
            drift == [
                "original.state: planned running, now stopped", "original.image: planned img-1, now img-2",
                "original.address: planned 10.0.0.1, now none", "original.name: planned web-1, now web-9",
                "original.launchedAt: planned 1700000000000, now 5",
                "original.terminationProtection: planned false, now true", "property disk: planned none, now 10",
                "property size: planned small, now large", "tag role: planned web, now db",
                "tag team: planned none, now a",
            ])
    }

    @Test("A member that moved, changed or vanished is drift; its sessions and other members are not")
    func members() {
        let plan = SampleSwap.plan()
        let name = SampleSwap.web.name
        func drift(_ members: [TrafficMember]) -> [String] {
            PlanDrift.differences(ledger: plan.ledger, router: name, live: members).map(\.description)
        }
        let same = TrafficMember(name: "i-1", address: "10.0.0.1", status: .inService, openSessions: 7)
        let other = TrafficMember(name: "i-7", address: "10.0.0.7", status: .disabled, openSessions: 0)
        #expect(drift([same, other]).isEmpty)
        var moved = same
        moved.address = "10.0.0.9"
        #expect(
            drift([moved]) == ["haproxy:web member i-1: planned 10.0.0.1 inService, now 10.0.0.9 inService"])
        var drained = same
        drained.status = .draining
        #expect(drift([drained]).count == 1)
        #expect(drift([other]) == ["haproxy:web member i-1: planned 10.0.0.1 inService, now absent"])
        let elsewhere = PlanDrift.differences(ledger: plan.ledger, router: RouterName("haproxy:api"), live: [])
        #expect(elsewhere.isEmpty)
    }
}

@Suite("Spans and moments")
struct TimeTests {
    @Test(
        "A whole number and a unit",
        arguments: [
            ("250ms", 250), ("10s", 10_000), ("5m", 300_000), ("24h", 86_400_000), ("7d", 604_800_000), ("0s", 0),
            ("999999999d", 86_399_999_913_600_000), ("007s", 7000),
        ])
    func reads(_ text: String, _ milliseconds: Int64) {
        #expect(Span(text: text)?.milliseconds == milliseconds)
    }

    @Test(
        "Nothing else",
        arguments: [
            "", "s", "10", "-1s", "+1s", "1.5s", " 1s", "1s ", "1 s", "1S", "1w", "1sec", "1000000000s", "1h30m", "٣s",
            "½s",
        ])
    func refuses(_ text: String) {
        #expect(Span(text: text) == nil)
    }

    @Test(
        "Text reads back and is the largest whole unit",
        arguments: [
            (0, "0s"), (1, "1ms"), (999, "999ms"), (1000, "1s"), (90_000, "90s"), (120_000, "2m"), (3_600_000, "1h"),
            (86_400_000, "1d"), (90_000_001, "90000001ms"),
        ])
    func writes(_ milliseconds: Int64, _ text: String) {
        #expect(Span(milliseconds: milliseconds).text == text)
        #expect(Span(text: text)?.milliseconds == milliseconds)
    }

    @Test("Moments add spans, subtract moments and order themselves")
    func moments() {
        let early = WallTime(milliseconds: 1000)
        let late = early + .seconds(2)
        #expect(late.since(early) == .seconds(2))
        #expect(early.since(late) == .seconds(-2))
        #expect(early < late)
        #expect(Span.minutes(1) + .seconds(1) == .milliseconds(61_000))
        #expect(Span.hours(1) > .minutes(59))
    }
}
