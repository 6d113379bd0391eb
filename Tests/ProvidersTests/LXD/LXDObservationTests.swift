import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Providers

@Suite("Instances of LXD in the words of the port")
struct LXDObservationTests {
    private func observed(
        _ machine: FakeMachine, network: String? = nil, family: LXDProvider.AddressFamily = .ipv4
    ) throws -> Instance {
        LXDObservation(instance: try machine.json.decoded(as: LXDInstance.self), network: network, family: family)
            .observed
    }

    @Test("An ordinary instance")
    func ordinary() throws {
        let seen = try observed(.original())
        #expect(seen.id.rawValue == "web-1" && seen.name == "web-1" && seen.state == .running)
        #expect(seen.image.rawValue == FakeLXD.image && seen.address == "10.0.3.5")
        #expect(seen.tags == ["role": "web"] && !seen.isTerminationProtected)
        #expect(seen.launchedAt?.milliseconds == 1_795_427_050_150)
        #expect(
            seen.properties == [
                "type": "container", "architecture": "x86_64", "profiles": "[\"default\"]", "limits.memory": "512MiB",
                "config.security.nesting": "true",
            ])
    }

    @Test(
        "States",
        arguments: [
            ("Running", InstanceState.running), ("Ready", .running), ("Frozen", .running), ("Starting", .pending),
            ("Stopping", .stopping), ("Stopped", .stopped), ("Error", .pending),
        ])
    func states(_ status: String, _ state: InstanceState) throws {
        var machine = FakeMachine.original()
        machine.status = status
        #expect(try observed(machine).state == state)
    }

    @Test("Ours is pending until its first start, others are stopped")
    func pending() throws {
        var machine = FakeMachine(name: "web-2")
        #expect(try observed(machine).state == .stopped)
        machine.config["user.changeover:token"] = "t1"
        #expect(try observed(machine).state == .pending)
        machine.lastUsedAt = "2026-11-23T09:44:50Z"
        #expect(try observed(machine).state == .stopped)
    }

    @Test("The address is that of the first network device, of the chosen one, or the static one that shows")
    func addresses() throws {
        var machine = FakeMachine.original()
        machine.addresses["docker0"] = [["inet", "global", "172.17.0.1"]]
        machine.addresses["eth1"] = [["inet", "global", "10.9.9.9"], ["inet6", "global", "fd00::9"]]
        #expect(try observed(machine).address == "10.0.3.5")
        #expect(try observed(machine, network: "eth1").address == "10.9.9.9")
        #expect(try observed(machine, network: "eth1", family: .ipv6).address == "fd00::9")
        #expect(try observed(machine, family: .ipv6).address == nil)
        #expect(try observed(machine, network: "nothing").address == nil)
        machine.addresses["eth0"] = [["inet", "global", "10.0.3.5"], ["inet", "global", "10.0.3.80"]]
        machine.devices["eth0"] = ["type": "nic", "network": "lxdbr0", "name": "eth0", "ipv4.address": "10.0.3.80"]
        #expect(try observed(machine).address == "10.0.3.80")
        // Until the static one shows, the instance is where it is.
        machine.devices["eth0"]?["ipv4.address"] = "10.0.3.81"
        #expect(try observed(machine).address == "10.0.3.5")
        machine.status = "Stopped"
        #expect(try observed(machine).address == nil)
        // A virtual machine has names of its own, and the hardware address that it was given.
        var virtual = FakeMachine.original()
        virtual.type = "virtual-machine"
        virtual.addresses = [
            "enp5s0": [["inet", "global", "10.0.3.6"]], "enp5s0.7": [["inet", "global", "10.7.0.6"]],
        ]
        #expect(try observed(virtual).address == "10.0.3.6")
    }

    @Test("Tags are the keys below user., but for what cloud-init reads there")
    func tags() throws {
        var machine = FakeMachine.original()
        machine.config["user.name"] = "shop"
        machine.config["user.changeover:swap"] = "s1"
        for key in ["user.user-data", "user.vendor-data", "user.meta-data", "user.network-config"] {
            machine.config[key] = "SECRET"
        }
        machine.config["cloud-init.user-data"] = "SECRET"
        machine.config["environment.TOKEN"] = "SECRET"
        machine.config["security.protection.delete"] = "true"
        let seen = try observed(machine)
        #expect(seen.name == "shop" && seen.isTerminationProtected)
        #expect(seen.tags == ["role": "web", "name": "shop", "changeover:swap": "s1"])
        #expect(!"\(seen)".contains("SECRET"))
        machine.config["environment.TOKEN"] = "ANOTHER"
        let later = try observed(machine)
        #expect(PlanDrift.differences(planned: seen, live: later).map(\.subject) == ["property secretsDigest"])
        machine.config["volatile.last_state.power"] = "RUNNING"
        #expect(try observed(machine) == later)
    }

    @Test("A list that does not know everything is none")
    func partial() async throws {
        let unread = LXDValue.object([
            "name": .text("web-9"), "location": .text("three"), "status": .text("Error"), "config": .null,
        ])
        let fake = FakeLXD { $0.answers["instances"] = .list([FakeMachine.original().json, unread]) }
        let error = await #expect(throws: ProviderError.self) { try await provider(fake).instances() }
        #expect(error?.isRetryable == true && error?.detail.contains("three") == true)
        await #expect(throws: ProviderError.self) {
            try await provider(fake).instance(launchedWith: LaunchToken("t1"))
        }
        #expect(try await provider(FakeLXD()).instances().map(\.id.rawValue) == ["web-1"])
    }

    @Test("One read of one instance, none for what is no name")
    func reads() async throws {
        let fake = FakeLXD()
        #expect(try await provider(fake).instance(InstanceID("web-1"))?.name == "web-1")
        #expect(fake.world.withLock { $0.callCount } == 1)
        for text in ["", "..", "web-1/state", "web 1"] {
            #expect(try await provider(fake).instance(InstanceID(text)) == nil)
        }
        #expect(fake.world.withLock { $0.callCount } == 1)
        #expect(try await provider(fake).instance(InstanceID("web-2")) == nil)
    }

    @Test(
        "Errors keep their meaning",
        arguments: [
            (LXDError.Code.unavailable, ProviderError.Code.unavailable, true), (.noServer, .unavailable, true),
            (.busy, .unavailable, true), (.conflict, .unavailable, true), (.forbidden, .forbidden, false),
            (.untrustedClient, .unauthenticated, false), (.untrustedServer, .unauthenticated, false),
            (.certificateFile, .unauthenticated, false), (.notFound, .instanceNotFound, false),
            (.exists, .invalidState, false), (.failed, .invalidState, false), (.capacity, .capacity, false),
            (.quota, .quota, false), (.unsupported, .invalidRequest, false), (.invalidRequest, .invalidRequest, false),
            (.malformedAnswer, .malformedAnswer, false), (.cancelled, .cancelled, false),
        ])
    func errors(_ code: LXDError.Code, _ mapped: ProviderError.Code, _ isRetryable: Bool) {
        let error = LXDErrorMapping.error(
            LXDError(code, request: "GET /1.0", detail: "why\nthis"), operation: "read web-1", location: "at /s")
        #expect(error.code == mapped && error.isRetryable == isRetryable)
        #expect(error.operation == "read web-1" && error.detail == "why this (at /s)")
    }
}
