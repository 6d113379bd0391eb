import Foundation
import Glibc
import Patching
import Testing
import Workflow

@testable import Providers

@Suite struct LocalLifecycleTests {
    @Test func patchesAtFirstBootAndServes() async throws {
        try await LocalBench.use { bench in
            let instance = try await bench.launchServing(bench.request(tags: ["role": "web"]))
            #expect(instance.state == .running)
            #expect(instance.address?.hasPrefix("127.42.") == true)
            #expect(instance.tags["role"] == "web")
            #expect(try await bench.get("/", of: instance) == "web demo-web 1.1\n")
            #expect(try await bench.provider.consoleOutput(of: instance.id).contains("Setting up demo-web (1.1)"))
        }
    }

    @Test func leavesPatchesOutOnlyWhenAskedAndNeverForAReplacement() async throws {
        try await LocalBench.use { bench in
            let original = try await bench.launchServing(bench.request(patch: false, properties: ["env.COLOUR": "red"]))
            #expect(try await bench.get("/", of: original) == "web demo-web 1.0\n")
            let inherited = try await bench.provider.inheritedSpecification(
                of: original, choices: LaunchChoices())
            #expect(inherited.properties["firstBootPatch"] == nil)
            #expect(inherited.properties["env.COLOUR"] == "red")
            #expect(!inherited.tags.keys.contains { $0.hasPrefix(OwnershipTag.prefix) })
            #expect(inherited.image == original.image)
        }
    }

    @Test func stopsStartsAndTerminates() async throws {
        try await LocalBench.use { bench in
            let provider = bench.provider
            let instance = try await bench.launchServing(bench.request(patch: false))
            try await provider.stop(instance.id)
            try await provider.stop(instance.id)
            #expect(try await provider.instance(instance.id)?.state == .stopped)
            #expect(bench.processes(of: instance).isEmpty)
            let refused = await #expect(throws: CommandError.self) {
                try await provider.commandRunner(for: instance).run(Command(["true"]))
            }
            #expect(refused?.code == .unreachable)

            try await provider.start(instance.id)
            try await provider.start(instance.id)
            try await eventually("served again") { try await bench.get("/", of: instance) == "web demo-web 1.0\n" }
            #expect(try await provider.firstBoot(of: instance.id) == .finished)

            try await provider.terminate(instance.id)
            try await provider.terminate(instance.id)
            #expect(try await provider.instances().map(\.state) == [.terminated])
            #expect(bench.processes(of: instance).isEmpty)
            #expect(access(provider.layout.folder(of: instance.id.rawValue).disk, F_OK) != 0)
            let dead = await #expect(throws: ProviderError.self) { try await provider.start(instance.id) }
            #expect(dead?.code == .invalidState)

            bench.clock.advance(by: .hours(2))
            #expect(try await provider.instances().isEmpty)
            #expect(try await provider.instance(instance.id) == nil)
        }
    }

    @Test func finishesRequestsInFlightWhenStopped() async throws {
        try await LocalBench.use { bench in
            let instance = try await bench.launchServing(bench.request(patch: false))
            async let slow = bench.get("/slow?milliseconds=1500", of: instance)
            try await eventually("the request has begun") {
                try await bench.provider.consoleOutput(of: instance.id).contains("a slow request has begun")
            }
            try await bench.provider.stop(instance.id)
            #expect(try await slow == "web demo-web 1.0\n")
        }
    }

    @Test func restartsAServiceThatDies() async throws {
        try await LocalBench.use { bench in
            let instance = try await bench.launchServing(bench.request(patch: false))
            let file = "\(bench.provider.layout.folder(of: instance.id.rawValue).root)/run/service.pid"
            let text = try #require(ProcessTable.read(file))
            let first = try #require(pid_t(text.dropLast()))
            kill(first, SIGKILL)
            try await eventually("another process serves") {
                guard let text = ProcessTable.read(file), pid_t(text.dropLast()) != first else { return false }
                return try await bench.get("/health", of: instance) != nil
            }
            #expect(try await bench.provider.consoleOutput(of: instance.id).contains("the service ended with code 137"))
        }
    }

    @Test func isDetachedFromItsLauncher() async throws {
        try await LocalBench.use { bench in
            let instance = try await bench.launchServing(bench.request(patch: false))
            let supervisor = try bench.supervisor(of: instance)
            #expect(getsid(supervisor) == supervisor)
            #expect(getpgid(supervisor) == supervisor)
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(supervisor)/fd")
            // 0 to 2, the lock, the address's reservation, and dash's own copy of its script.
            #expect(Set(descriptors).isSubset(of: ["0", "1", "2", "3", "4", "10"]))
        }
    }

    @Test func seesThatAKilledInstanceIsDownAndStartsItCleanly() async throws {
        try await LocalBench.use { bench in
            let instance = try await bench.launchServing(bench.request(patch: false))
            kill(try bench.supervisor(of: instance), SIGKILL)
            try await eventually("seen as stopped") {
                try await bench.provider.instance(instance.id)?.state == .stopped
            }
            let orphans = Set(bench.processes(of: instance))
            #expect(!orphans.isEmpty)
            try await bench.provider.start(instance.id)
            try await eventually("served again") { try await bench.get("/", of: instance) != nil }
            #expect(orphans.isDisjoint(with: bench.processes(of: instance)))
        }
    }

    @Test func respectsTerminationProtection() async throws {
        try await LocalBench.use { bench in
            let provider = bench.provider
            let instance = try await bench.launchServing(bench.request(patch: false, tags: ["protected": "yes"]))
            #expect(instance.isTerminationProtected)
            let error = await #expect(throws: ProviderError.self) { try await provider.terminate(instance.id) }
            #expect(error?.code == .terminationProtected)
            #expect(try await provider.instance(instance.id)?.state == .running)
            try await provider.tag(instance.id, with: ["protected": nil, "colour": "blue"])
            let tagged = try #require(try await provider.instance(instance.id))
            #expect(tagged.tags["colour"] == "blue" && !tagged.isTerminationProtected)
            try await provider.terminate(instance.id)
        }
    }

    @Test func reportsAFirstBootThatFails() async throws {
        try await LocalBench.use { bench in
            let instance = try await bench.provider.launch(
                bench.request(properties: ["repository": "\(bench.folder)/nowhere"]))
            try await eventually("first boot failed") {
                if case .failed(let reason) = try await bench.provider.firstBoot(of: instance.id) {
                    return reason.contains("exit code 100")
                }
                return false
            }
        }
    }

    @Test func aBrokenPatchShowsInTheService() async throws {
        try await LocalBench.use { bench in
            try await bench.script(["publish", bench.folder, "--version", "2.0", "--broken"])
            let instance = try await bench.provider.launch(bench.request())
            try await eventually("first boot") { try await bench.provider.firstBoot(of: instance.id) == .finished }
            let address = try #require(instance.address)
            try await eventually("answers 500") {
                let result = try await ControllerCommandRunner().run(
                    Command(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://\(address):8080/health"]))
                return result.output == "500"
            }
        }
    }
}
