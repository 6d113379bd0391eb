import Foundation
import TestSupport
import Testing
import Workflow

@Suite("What holds in every whole swap")
struct ScenarioInvariantTests {
    @Test("Replaying any prefix of the journal gives the same swap (invariant 12)", arguments: Scenario.all)
    func replay(_ scenario: Scenario) throws {
        let script = scenario.script
        var swap: Swap?
        for record in script.records {
            swap = swap?.decide(record.entry.event, at: record.entry.at).swap ?? Swap.replay([record])
            let replayed = try #require(Swap.replay(Array(script.records.prefix(record.sequence))))
            #expect(replayed == swap)
            #expect(replayed.effects == swap?.effects)
        }
        #expect(swap == script.swap)
    }

    @Test("Effects are a function of the state: they survive coding", arguments: Scenario.all)
    func coding(_ scenario: Scenario) throws {
        for decision in scenario.script.decisions {
            let data = try JSONEncoder().encode(decision.swap)
            let decoded = try JSONDecoder().decode(Swap.self, from: data)
            #expect(decoded == decision.swap)
            #expect(decoded.effects == decision.swap.effects)
        }
    }

    @Test("Events survive coding", arguments: Scenario.all)
    func eventCoding(_ scenario: Scenario) throws {
        let records = scenario.script.records
        let data = try JSONEncoder().encode(records)
        #expect(try JSONDecoder().decode([JournalRecord].self, from: data) == records)
    }

    @Test("Call numbers grow and are never reused", arguments: Scenario.all)
    func callNumbers(_ scenario: Scenario) {
        let numbers = scenario.script.intents.map(\.number)
        #expect(numbers == numbers.sorted())
        #expect(Set(numbers).count == numbers.count)
    }

    @Test("A call is performed only once its intent is journalled, and launches happen once", arguments: Scenario.all)
    func intendedFirst(_ scenario: Scenario) {
        let script = scenario.script
        var intended: Set<Int> = []
        for decision in script.decisions {
            intended.formUnion(decision.intents.map(\.number))
            for case .perform(let call) in decision.swap.effects { #expect(intended.contains(call.number)) }
        }
        let launches = script.intents.filter { if case .launch = $0.request { true } else { false } }
        #expect(launches.count <= 1)
    }

    @Test("One swap never terminates both instances, and never the last healthy member", arguments: Scenario.all)
    func safety(_ scenario: Scenario) {
        let script = scenario.script
        #expect(Traffic.problems(in: script).isEmpty)
    }

    @Test("Every decision gives a reason, and every state an explanation", arguments: Scenario.all)
    func reasons(_ scenario: Scenario) {
        for decision in scenario.script.decisions {
            #expect(!decision.reasons.isEmpty)
            #expect(!decision.swap.explanation.isEmpty)
        }
    }
}
