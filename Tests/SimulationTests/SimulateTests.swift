import Foundation
import Testing

@Suite("The simulator on the command line")
struct SimulateTests {
    @Test(
        "Hundreds of seeds are green: always the same ones, and some that nobody has run yet",
        arguments: [
            ["--seeds", "200"], ["--seeds", "100", "--fresh"],
        ])
    func seeds(arguments: [String]) async throws {
        let ending = try await Simulator(arguments).end()
        #expect(ending.code == 0, "\(ending.text)")
        #expect(ending.output.contains("All 16 invariants held."))
        #expect(ending.output.contains("\(arguments[1]) seeds from "))
        #expect(arguments.contains("--fresh") == ending.errors.contains("A fresh range of seeds: --seeds 100 --seed "))
    }

    @Test("Workers together do what one does")
    func jobs() async throws {
        func counts(_ jobs: String) async throws -> [String: Any] {
            let ending = try await Simulator.run("--seeds", "30", "--seed", "7", "--jobs", jobs, "--output", "json")
            #expect(ending.code == 0, "\(ending.text)")
            let object = try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any]
            var counts = try #require(object)
            #expect(counts.removeValue(forKey: "wallSeconds") as? Double ?? 0 > 0)
            #expect(counts.removeValue(forKey: "workers") as? Int == Int(jobs))
            return counts
        }
        let alone = try await counts("1")
        #expect(alone["seeds"] as? Int == 30)
        #expect(alone["firstSeed"] as? Int == 7)
        #expect(alone["isGreen"] as? Bool == true)
        #expect((alone["coverage"] as? [String: [String: Int]])?["crash"]?.count == 13)
        let together = try await counts("4")
        #expect(NSDictionary(dictionary: alone) == NSDictionary(dictionary: together))
    }

    @Test("One seed is shown with its faults, commands and transcript")
    func replay() async throws {
        let whole = try await Simulator.run("--seed", "9")
        #expect(whole.code == 0, "\(whole.text)")
        #expect(whole.output.contains("Seed 9, with these faults and commands:\n  1. "))
        #expect(whole.output.contains("record 1 (epoch 1) nothing -> planned"))
        let part = try await Simulator.run("--seed", "9", "--keep", "none")
        #expect(part.code == 0, "\(part.text)")
        #expect(part.output.contains(" (left out)\n  2. "))
        #expect(!part.output.contains("!! "))
        let json = try await Simulator.run("--seed", "9", "--keep", "1", "--output", "json")
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect((object?["faultsAndCommands"] as? [String])?.count == 1)
    }

    @Test("Faults can be stopped early")
    func steps() async throws {
        let ending = try await Simulator.run("--seed", "9", "--steps", "3")
        #expect(ending.code == 0, "\(ending.text)")
        let lines = ending.output.split(separator: "\n")
        let healed = try #require(lines.firstIndex { $0.hasSuffix("faults stop; what can be mended is mended") })
        #expect(lines[..<healed].count { $0.contains("record ") } <= 3)
    }

    @Test("A cell with too few hits is a failure")
    func minimumHits() async throws {
        let ending = try await Simulator.run("--seeds", "5", "--minimum-hits", "2")
        #expect(ending.code == 1, "\(ending.text)")
        #expect(ending.output.contains("Too few hits: crash in baking has "))
    }

    @Test(
        "Wrong usage is refused",
        arguments: [
            ["--seeds", "0"], ["--seeds", "many"], ["--seed", "-1"], ["--fresh", "--seed", "3"], ["--jobs", "0"],
            ["--steps", "0"], ["--seeds", "5", "--keep", "1"], ["--keep", "1"], ["--seed", "1", "--keep", "1,x"],
            ["--seed", "1", "--keep", "1000"], ["--seed", "1", "--keep", "0"], ["--seed", "1", "--minimum-hits", "1"],
            ["--seed", "18446744073709551615", "--seeds", "2"], ["--minimum-hits", "0"], ["--output", "yaml"],
            ["--digests", "--output", "json"], ["somewhere"],
        ])
    func usage(arguments: [String]) async throws {
        let ending = try await Simulator(arguments).end()
        #expect(ending.code == 64, "\(ending.text)")
        #expect(ending.output.isEmpty)
        #expect(ending.errors.hasPrefix("Error: "))
    }

    @Test("A worker that dies is an error, and ends the others")
    func deadWorker() async throws {
        let simulator = try Simulator(["--seeds", "1000000", "--jobs", "2"])
        let workers = try await simulator.workers(2)
        kill(workers[0], SIGKILL)
        let ending = try await simulator.end()
        #expect(ending.code == 70, "\(ending.text)")
        #expect(ending.errors.contains("a worker ended by signal 9 before it was done"))
        #expect(!Simulator.isAlive(workers[1]))
    }

    @Test("A simulator that is told to end leaves no worker behind")
    func ended() async throws {
        let simulator = try Simulator(["--seeds", "1000000", "--jobs", "3"])
        let workers = try await simulator.workers(3)
        kill(simulator.identifier, SIGTERM)
        let ending = try await simulator.end()
        #expect(ending.code == 128 + SIGTERM, "\(ending.text)")
        _ = try await eventually("the workers are gone") { workers.contains(where: Simulator.isAlive) ? nil : true }
    }
}
