import Providers
import Testing
import Workflow

@testable import Simulation

/// Collects what happens on the one thread of a simulation.
private final class Notes: @unchecked Sendable {
    private(set) var lines: [String] = []

    func add(_ line: String) { lines.append(line) }
}

@Suite("Virtual time and the one thread")
struct VirtualTimeTests {
    private let clock = VirtualClock()
    private let executor = SimulationExecutor()
    private let notes = Notes()

    /// Lets everything happen that is due some time.
    private func runToEnd() {
        repeat { executor.drain() } while clock.advance()
    }

    private func sleeper(_ name: String, _ span: Span, owner: Int = 1) -> Task<Void, Never> {
        Task(executorPreference: executor) { [clock, notes] in
            do {
                try await clock.sleep(for: span, owner: owner)
                notes.add("\(name) at \(clock.now)")
            } catch { notes.add("\(name) ended at \(clock.now)") }
        }
    }

    @Test("Time moves to what is due next, and only when it is told to")
    func order() {
        for (name, span) in [("c", Span.seconds(3)), ("a", .seconds(1)), ("b", .seconds(2))] { _ = sleeper(name, span) }
        executor.drain()
        #expect(clock.now == 0)
        #expect(notes.lines.isEmpty)
        runToEnd()
        #expect(notes.lines == ["a at 1000", "b at 2000", "c at 3000"])
        #expect(!clock.advance())
    }

    @Test("What is due at the same moment happens in the order in which it was asked for")
    func ties() {
        clock.schedule(after: .seconds(5)) { [notes] in notes.add("first") }
        let names = (0..<20).map { "sleeper \($0)" }
        for name in names { _ = sleeper(name, .seconds(5)) }
        runToEnd()
        #expect(notes.lines == ["first"] + names.map { "\($0) at 5000" })
    }

    @Test("A cancelled sleep ends at once")
    func cancelling() {
        let task = sleeper("sleeper", .hours(1))
        clock.schedule(after: .seconds(1)) { task.cancel() }
        runToEnd()
        #expect(notes.lines == ["sleeper ended at 1000"])
        #expect(clock.now == 1000)
    }

    @Test("A process that dies wakes its own sleepers only, and starts no new sleep")
    func death() {
        let process = SimulatedProcess(
            number: 7, holder: LeaseHolder(host: "a", bootID: "b", processID: 7, processStart: 7), clock: clock)
        _ = sleeper("own", .seconds(10), owner: 7)
        _ = sleeper("other", .seconds(10), owner: 8)
        clock.schedule(after: .seconds(2)) { process.die() }
        Task(executorPreference: executor) { [clock, notes] in
            try? await clock.sleep(for: .seconds(3), owner: 8)
            do { try await process.sleep(for: .seconds(1)) } catch { notes.add("no sleep at \(clock.now)") }
        }
        runToEnd()
        #expect(notes.lines == ["own ended at 2000", "no sleep at 3000", "other at 10000"])
    }

    @Test("A process that stands still wakes up late")
    func stall() {
        let process = SimulatedProcess(
            number: 7, holder: LeaseHolder(host: "a", bootID: "b", processID: 7, processStart: 7), clock: clock)
        _ = sleeper("own", .seconds(10), owner: 7)
        _ = sleeper("own and long", .seconds(90), owner: 7)
        _ = sleeper("other", .seconds(10), owner: 8)
        clock.schedule(after: .seconds(2)) { process.stall(until: 60_000) }
        runToEnd()
        #expect(notes.lines == ["other at 10000", "own at 60000", "own and long at 90000"])
    }

    @Test("The wall clock jumps, and what sleeps does not notice")
    func jumps() {
        let before = clock.wallTime
        _ = sleeper("sleeper", .seconds(10))
        clock.jump(by: .hours(2))
        #expect(clock.wallTime == before + .hours(2))
        runToEnd()
        #expect(notes.lines == ["sleeper at 10000"])
        #expect(clock.wallTime == before + .hours(2) + .seconds(10))
    }

    @Test("Tasks run on the thread that drains, in the order in which they became ready")
    func oneThread() {
        for name in ["a", "b", "c"] {
            Task(executorPreference: executor) { [notes] in
                notes.add("\(name)1")
                await Task.yield()
                notes.add("\(name)2")
            }
        }
        #expect(notes.lines.isEmpty)
        executor.drain()
        #expect(notes.lines == ["a1", "b1", "c1", "a2", "b2", "c2"])
    }
}
