import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Providers

@Suite("LXD launches", .timeLimit(.minutes(5)))
struct LXDLaunchTests {
    private let name = LXDInstanceName.name(for: LaunchToken("t1"), called: "web-1")
    private var mark: String { "user." + LXDProperty.firstBootTag }

    private func expectWhole(_ fake: FakeLXD, _ comment: String) {
        let machine = fake.machine(name)
        let comment = Comment(rawValue: comment)
        #expect(machine?.status == "Running" && machine?.isUnpacked == true, comment)
        #expect(machine?.config[mark] == "unit", comment)
        #expect(machine?.config["user.changeover:token"] == "t1" && machine?.config["user.name"] == "web-1", comment)
        #expect(machine?.files[LXDFirstBootUnit.scriptPath]?.isEmpty == false, comment)
        let wants = machine?.files["/etc/systemd/system/multi-user.target.d/changeover.conf"] ?? []
        #expect(String(decoding: wants, as: UTF8.self).contains("Wants=changeover-first-boot.service"), comment)
        #expect(fake.world.withLock { $0.machines.count } == 2, comment)
    }

    @Test("Created, marked, prepared and started, in this order")
    func order() async throws {
        let fake = FakeLXD()
        let launched = try await provider(fake).launch(lxdLaunch())
        #expect(launched.id.rawValue == name && launched.name == "web-1" && launched.state == .running)
        #expect(launched.tags[OwnershipTag.swap] == "s1" && launched.tags["role"] == "web")
        expectWhole(fake, "")
        #expect(
            fake.log == ["POST instances", "PATCH instances/\(name)"]
                + LXDFirstBootUnit.files(patch: PatchPolicy()).map { "write \($0.path)" }
                + ["PUT instances/\(name)/state start"])
        // Made again it changes nothing.
        let count = fake.log.count
        #expect(try await provider(fake).launch(lxdLaunch()) == launched)
        #expect(fake.log.count == count)
        #expect(try await provider(fake).instance(launchedWith: LaunchToken("t1")) == launched)
        #expect(try await provider(fake).instance(launchedWith: LaunchToken("t2")) == nil)
    }

    @Test(
        "Broken off at any call, before or after its effect, with its operation going on, ended or forgotten",
        arguments: FakeLXD.Fault.allCases, FakeLXD.Aftermath.allCases)
    func brokenOff(_ fault: FakeLXD.Fault, _ aftermath: FakeLXD.Aftermath) async throws {
        var number = 1
        while true {
            let fake = FakeLXD { world in
                world.breakAt = number
                world.fault = fault
            }
            var error: ProviderError?
            do throws(ProviderError) { _ = try await provider(fake).launch(lxdLaunch()) } catch let thrown {
                error = thrown
            }
            let wasReached = fake.world.withLock { $0.callCount >= number }
            // A start whose answer is lost is seen to have worked.
            #expect(error?.isRetryable ?? true, "call \(number): \(String(describing: error))")
            fake.world.withLock {
                $0.breakAt = nil
                $0.leave(aftermath)
            }
            let found = try await provider(fake).instance(launchedWith: LaunchToken("t1"))
            if error != nil, let found, fake.machine(name)?.status == "Stopped" { #expect(found.state == .pending) }
            let launched = try await provider(fake).launch(lxdLaunch())
            #expect(launched.state == .running)
            expectWhole(fake, "call \(number), \(fault), \(aftermath)")
            guard wasReached else { break }
            number += 1
        }
        #expect(number > 10)
    }

    @Test("What takes long to unpack is worth another call, which goes on")
    func slow() async throws {
        let fake = FakeLXD { $0.isSlow = true }
        for _ in 0..<3 {
            let error = await #expect(throws: ProviderError.self) { try await provider(fake).launch(lxdLaunch()) }
            #expect(error?.code == .unavailable && error?.isRetryable == true)
        }
        #expect(fake.log == ["POST instances"])
        fake.world.withLock { $0.isSlow = false }
        _ = try await provider(fake).launch(lxdLaunch())
        expectWhole(fake, "")
        #expect(fake.log.filter { $0 == "POST instances" }.count == 1)
    }

    @Test("An instance of another launch is left alone")
    func other() async throws {
        var foreign = FakeMachine.original(name)
        foreign.status = "Stopped"
        foreign.config["user.changeover:token"] = "t9"
        let fake = FakeLXD([foreign])
        let error = await #expect(throws: ProviderError.self) { try await provider(fake).launch(lxdLaunch()) }
        #expect(error?.code == .invalidRequest && error?.detail.contains("did not create") == true)
        #expect(fake.log.isEmpty)
    }

    @Test("After an error that may not be repeated nothing is left")
    func refused() async throws {
        let creation = FakeLXD { $0.operationFailures["create"] = "no space left on device" }
        let first = await #expect(throws: ProviderError.self) { try await provider(creation).launch(lxdLaunch()) }
        #expect(first?.code == .invalidRequest && first?.detail.contains("no space left") == true)
        #expect(creation.machine(name) == nil)
        let start = FakeLXD { world in
            world.operationFailures["start"] = "exit status 1"
            world.texts["instances/\(name)/logs/lxc.log"] = "lxc a DEBUG x\nlxc b ERROR no such bridge\nlxc c WARN y\n"
        }
        let second = await #expect(throws: ProviderError.self) { try await provider(start).launch(lxdLaunch()) }
        #expect(second?.code == .invalidRequest && second?.isRetryable == false)
        #expect(second?.detail.contains("exit status 1; its log says: lxc b ERROR no such bridge") == true)
        #expect(start.machine(name) == nil)
        let bare = FakeLXD { $0.imageFiles = [:] }
        let third = await #expect(throws: ProviderError.self) { try await provider(bare).launch(lxdLaunch()) }
        #expect(third?.detail.contains("neither cloud-init nor systemd") == true)
        #expect(bare.machine(name) == nil)
    }

    @Test(
        "An instance that went down before its launch was recorded is started again, and never deleted once it is used")
    func again() async throws {
        let fake = FakeLXD()
        _ = try await provider(fake).launch(lxdLaunch())
        fake.world.withLock { $0.machines[name]?.status = "Stopped" }
        #expect(try await provider(fake).launch(lxdLaunch()).state == .running)
        #expect(fake.log.filter { $0 == "POST instances" }.count == 1)
        fake.world.withLock { world in
            world.machines[name]?.status = "Stopped"
            world.machines[name]?.config["user." + OwnershipTag.role] = "original"
            world.operationFailures["start"] = "exit status 1"
        }
        let error = await #expect(throws: ProviderError.self) { try await provider(fake).launch(lxdLaunch()) }
        #expect(error?.isRetryable == true && fake.machine(name) != nil)
    }

    @Test("What cannot be deleted after a refusal keeps the launch open")
    func undeletable() async throws {
        let fake = FakeLXD { world in
            world.operationFailures["start"] = "exit status 1"
            world.failures["DELETE instances/\(name)"] = LXDError(.forbidden, request: "DELETE", detail: "not allowed")
        }
        let error = await #expect(throws: ProviderError.self) { try await provider(fake).launch(lxdLaunch()) }
        #expect(error?.code == .unavailable && error?.isRetryable == true)
        #expect(error?.detail.contains("exit status 1") == true && error?.detail.contains("cannot be deleted") == true)
        #expect(fake.machine(name) != nil)
    }

    @Test("Where there is no room the next member of the cluster is asked")
    func alternatives() async throws {
        let request = lxdLaunch(properties: ["target": "one"], alternatives: [["target": "two"], ["target": "three"]])
        let full = LXDError(.capacity, request: "POST", detail: "no room")
        let fake = FakeLXD { $0.failures["POST instances"] = full }
        #expect(try await provider(fake).launch(request).properties[LXDProperty.location] == "two")
        let alone = FakeLXD { $0.failures["POST instances"] = full }
        let error = await #expect(throws: ProviderError.self) { try await provider(alone).launch(lxdLaunch()) }
        #expect(error?.code == .capacity)
    }

    @Test("With cloud-init the script joins the user data, by the key that the server knows", arguments: [true, false])
    func cloudInit(_ isNew: Bool) async throws {
        var original = FakeMachine.original()
        original.config["user.user-data"] = "#cloud-config\npackages: [x]\n"
        let fake = FakeLXD([original]) { world in
            world.imageFiles["/usr/bin/cloud-init"] = [1]
            if !isNew { world.extensions.remove("cloud_init") }
        }
        let cloud = provider(fake)
        let seen = try #require(try await cloud.instance(InstanceID("web-1")))
        let specification = try await cloud.inheritedSpecification(of: seen, choices: LaunchChoices())
        #expect(!LXDProperty.text(specification).contains("packages"))
        _ = try await cloud.launch(lxdLaunch("t1", specification))
        let config = try #require(fake.machine(name)?.config)
        #expect(config[mark] == "cloud-init" && config["user.user-data"]?.contains("packages: [x]") == true)
        let merged = try #require(config[isNew ? "cloud-init.user-data" : "user.user-data"])
        #expect(merged.contains(FirstBootUserData.scriptName) && merged.contains("packages: [x]"))
        #expect(!fake.log.contains { $0.hasPrefix("write") })
        // What was added is taken out again for a replacement that is not patched.
        let next = try #require(try await cloud.instance(InstanceID(name)))
        let unpatched = try await cloud.inheritedSpecification(
            of: next, choices: LaunchChoices(patch: PatchPolicy(scope: .none)))
        let launched = try await cloud.launch(lxdLaunch("t2", unpatched))
        let second = try #require(fake.machine(launched.id.rawValue)?.config)
        #expect(second[mark] == "none")
        #expect(second[isNew ? "cloud-init.user-data" : "user.user-data"]?.contains("packages: [x]") == true)
        #expect(!second.values.contains { $0.contains(FirstBootUserData.scriptName) })
    }

    @Test("A virtual machine is trusted to have cloud-init, and nothing is written to it")
    func virtualMachine() async throws {
        let fake = FakeLXD()
        _ = try await provider(fake).launch(lxdLaunch(properties: ["type": "virtual-machine"]))
        #expect(fake.machine(name)?.config[mark] == "cloud-init" && !fake.log.contains { $0.hasPrefix("write") })
        let unpatched = FakeLXD()
        _ = try await provider(unpatched).launch(lxdLaunch(patch: PatchPolicy(scope: .none)))
        #expect(unpatched.machine(name)?.config[mark] == "none" && !unpatched.log.contains { $0.hasPrefix("write") })
    }

    @Test("Secrets are read again, and must be those of the plan")
    func secrets() async throws {
        var original = FakeMachine.original()
        original.config["environment.PASSWORD"] = "hunter2"
        original.config["raw.lxc"] = "lxc.x = 1"
        let fake = FakeLXD([original])
        let cloud = provider(fake)
        let seen = try #require(try await cloud.instance(InstanceID("web-1")))
        #expect(!"\(seen)".contains("hunter2"))
        let specification = try await cloud.inheritedSpecification(of: seen, choices: LaunchChoices())
        #expect(!"\(specification)".contains("hunter2"))
        _ = try await cloud.launch(lxdLaunch("t1", specification))
        #expect(fake.machine(name)?.config["environment.PASSWORD"] == "hunter2")
        #expect(fake.machine(name)?.config["raw.lxc"] == "lxc.x = 1")
        fake.world.withLock { $0.machines["web-1"]?.config["environment.PASSWORD"] = "other" }
        let error = await #expect(throws: ProviderError.self) { try await cloud.launch(lxdLaunch("t2", specification)) }
        #expect(error?.code == .invalidRequest && error?.detail.contains("plan again") == true)
        #expect(error?.detail.contains("other") == false)
    }

    @Test("Names are valid, the same for one launch, and another for any other")
    func names() {
        let odd = ["web-1", "", "9lives", "a.b c_d", "ünï", String(repeating: "x", count: 80), "-", "web-"]
        for display in odd {
            let names = (0..<50).map { LXDInstanceName.name(for: LaunchToken("t\($0)"), called: display) }
            #expect(Set(names).count == 50 && names.allSatisfy(LXDInstanceName.isValid), "\(names[0])")
            #expect(LXDInstanceName.name(for: LaunchToken("t7"), called: display) == names[7])
        }
        #expect(name.hasPrefix("web-1-") && name.count == 14)
        for text in ["", "9a", "a-", "a/b", "..", "a b", String(repeating: "x", count: 64)] {
            #expect(!LXDInstanceName.isValid(text))
        }
    }
}
