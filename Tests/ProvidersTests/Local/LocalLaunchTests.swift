import Foundation
import Glibc
import Testing
import Workflow

@testable import Providers

@Suite struct LocalLaunchTests {
    @Test func oneTokenLaunchesOneInstanceEvenAtTheSameTime() async throws {
        try await LocalBench.use { bench in
            let request = bench.request("token-1", patch: false)
            let another = LocalProvider(
                name: bench.provider.name, root: bench.provider.layout.root, images: bench.provider.layout.images,
                clock: bench.clock)
            async let first = bench.provider.launch(request)
            async let second = another.launch(request)
            let ids = (try await first.id, try await second.id)
            #expect(ids.0 == ids.1)
            let again = try await bench.provider.launch(request)
            #expect(again.id == ids.0)
            #expect(try await bench.provider.instances().count == 1)
            #expect(try await bench.provider.instance(launchedWith: request.token)?.id == again.id)
            #expect(try await bench.provider.instance(launchedWith: LaunchToken("other")) == nil)
        }
    }

    @Test func concurrentLaunchesGetDifferentAddresses() async throws {
        try await LocalBench.use { bench in
            try await withThrowingTaskGroup(of: Instance.self) { group in
                for number in 0..<8 {
                    group.addTask { try await bench.provider.launch(bench.request("t\(number)", patch: false)) }
                }
                var addresses: Set<String> = []
                for try await instance in group { addresses.insert(instance.address ?? "") }
                #expect(addresses.count == 8)
            }
        }
    }

    @Test func anAddressBelongsToOneInstanceOfAllRoots() throws {
        let root = "/somewhere/\(UUID().uuidString)"
        let first = try LoopbackAddress.choose(root: root, port: 8080, used: [])
        let second = try LoopbackAddress.choose(root: root, port: 8080, used: [])
        #expect(first.address != second.address)
        #expect(LoopbackAddress.reserve(first.address) == nil)
        withExtendedLifetime((first.reservation, second.reservation)) {}
    }

    @Test func finishesALaunchThatDiedWhileItWasPrepared() async throws {
        try await LocalBench.use { bench in
            let request = bench.request("token-2", patch: false)
            let layout = bench.provider.layout
            let draft = layout.draft(of: LocalLayout.id(of: "token-2"))
            try DurableFile.createFolder("\(draft.disk)/half")
            try DurableFile.write(Data("{".utf8), to: "\(draft.path)/half-written")
            #expect(try await bench.provider.instances().isEmpty)
            let instance = try await bench.launchServing(request)
            #expect(access(draft.path, F_OK) != 0)
            #expect(access("\(layout.folder(of: instance.id.rawValue).disk)/half", F_OK) != 0)
        }
    }

    @Test func finishesALaunchThatDiedBeforeItsStart() async throws {
        try await LocalBench.use { bench in
            let request = bench.request("token-3")
            let instance = try await bench.launchServing(request)
            let folder = bench.provider.layout.folder(of: instance.id.rawValue)
            try bench.provider.supervisor(of: try bench.provider.existingRecord(instance.id)).end()
            try DurableFile.remove(folder.run)
            #expect(try await bench.provider.instance(instance.id)?.state == .pending)
            #expect(try await bench.launchServing(request).id == instance.id)
        }
    }

    @Test func aRepeatedLaunchDoesNotReviveWhatWasStoppedOrTerminated() async throws {
        try await LocalBench.use { bench in
            let request = bench.request("token-4", patch: false)
            let instance = try await bench.launchServing(request)
            try await bench.provider.stop(instance.id)
            #expect(try await bench.provider.launch(request).state == .stopped)
            try await bench.provider.terminate(instance.id)
            #expect(try await bench.provider.launch(request).state == .terminated)
        }
    }

    @Test(arguments: ["../demo", ".", "..", "a/b", "", "demo\n", "missing"])
    func refusesImagesThatAreNone(image: String) async throws {
        try await LocalBench.use { bench in
            let error = await #expect(throws: ProviderError.self) {
                try await bench.provider.launch(bench.request(image: image))
            }
            #expect(error?.code == .imageNotFound)
            let findings = try await bench.provider.launchFindings(
                for: bench.request(image: image).specification)
            #expect(findings.contains { $0.severity == .obstacle && $0.code == "image" })
        }
    }

    @Test(arguments: ["../x", "..", ".launching-i-1", "a/../b", "", "x\0y"])
    func knowsNoInstanceByAPathTrick(id: String) async throws {
        try await LocalBench.use { bench in
            let found = try await bench.provider.instance(InstanceID(id))
            #expect(found == nil)
            let error = await #expect(throws: ProviderError.self) { try await bench.provider.terminate(InstanceID(id)) }
            #expect(error?.code == .instanceNotFound)
        }
    }

    @Test(arguments: [["port": "80"], ["port": "x"], ["env.PATH": "/x"], ["env.A B": "1"], ["env.LD_PRELOAD": "x"]])
    func refusesWrongProperties(properties: [String: String]) async throws {
        try await LocalBench.use { bench in
            let request = bench.request(properties: properties)
            let error = await #expect(throws: ProviderError.self) { try await bench.provider.launch(request) }
            #expect(error?.code == .invalidRequest)
            let findings = try await bench.provider.launchFindings(for: request.specification)
            #expect(findings.contains { $0.severity == .obstacle && $0.code == "property" })
        }
    }

    @Test func findsAMissingRepository() async throws {
        try await LocalBench.use { bench in
            let good = try await bench.provider.launchFindings(for: bench.request().specification)
            #expect(good.isEmpty)
            let bad = bench.request(properties: ["repository": "/no/where"]).specification
            #expect(try await bench.provider.launchFindings(for: bad).map(\.code) == ["repository"])
        }
    }

    @Test func aRootThatCannotBeWrittenIsAStorageError() async throws {
        let provider = LocalProvider(
            name: ProviderName("local"), root: "/proc/changeover-test", clock: SystemTestClock())
        let request = LaunchRequest(
            token: LaunchToken("t"),
            specification: LaunchSpecification(
                image: ImageID("demo"), name: "x", tags: [:], properties: [:], patch: PatchPolicy()),
            ownershipTags: [:])
        let error = await #expect(throws: ProviderError.self) { try await provider.launch(request) }
        #expect(error?.code == .storage)
        #expect(try await provider.instances().isEmpty)
    }
}
