import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Providers

@Suite("What a replacement on LXD inherits")
struct LXDInheritanceTests {
    private func specification(
        _ machine: FakeMachine, _ choices: LaunchChoices = LaunchChoices(), target: String? = nil,
        _ change: (inout FakeLXD.World) -> Void = { _ in }
    ) async throws -> LaunchSpecification {
        let cloud = provider(FakeLXD([machine], change), LXDProvider.Settings(target: target))
        let seen = try #require(try await cloud.instance(InstanceID(machine.name)))
        return try await cloud.inheritedSpecification(of: seen, choices: choices)
    }

    private func refusal(
        _ choices: LaunchChoices, _ machine: FakeMachine = .original(),
        _ change: (inout FakeLXD.World) -> Void = { _ in }
    ) async throws -> ProviderError {
        do { _ = try await specification(machine, choices, change) } catch let error as ProviderError { return error }
        Issue.record("not refused")
        return ProviderError(.cancelled, operation: "", detail: "")
    }

    private var rich: FakeMachine {
        var machine = FakeMachine.original()
        machine.summary = "the shop"
        machine.config["security.protection.delete"] = "true"
        machine.config["user.changeover:swap"] = "s0"
        machine.devices = [
            "eth0": [
                "type": "nic", "network": "lxdbr0", "name": "eth0", "ipv4.address": "10.0.3.80",
                "hwaddr": "00:16:3e:1:2:3",
                "ipv6.address": "none", "limits.max": "1Gbit",
            ],
            "root": ["type": "disk", "path": "/", "pool": "default", "size": "5GiB"],
            "data": ["type": "disk", "pool": "default", "source": "data", "path": "/srv"],
            "shared": ["type": "disk", "source": "/srv/shared", "path": "/mnt"],
            "http": ["type": "proxy", "listen": "tcp:0.0.0.0:80", "connect": "tcp:127.0.0.1:80"],
            "out": ["type": "proxy", "bind": "instance", "listen": "tcp:127.0.0.1:9", "connect": "tcp:127.0.0.1:9"],
            "kvm": ["type": "unix-char", "source": "/dev/kvm"],
        ]
        return machine
    }

    @Test("Everything but what may be in one place only")
    func everything() async throws {
        let found = try await specification(rich)
        #expect(found.image.rawValue == FakeLXD.image && found.name == "web-1" && found.tags == ["role": "web"])
        let devices = LXDProperty.devices(in: found.properties)
        #expect(devices.keys.sorted() == ["eth0", "kvm", "out", "root", "shared"])
        #expect(
            devices["eth0"] == [
                "type": "nic", "network": "lxdbr0", "name": "eth0", "ipv6.address": "none", "limits.max": "1Gbit",
            ])
        #expect(
            found.properties.filter { !$0.key.hasPrefix("device.") } == [
                "type": "container", "architecture": "x86_64", "profiles": "[\"default\"]", "limits.memory": "512MiB",
                "config.security.nesting": "true", "description": "the shop",
            ])
    }

    @Test("Configuration is in the plan only where it is known to hold no secrets")
    func secretConfiguration() async throws {
        var machine = FakeMachine.original()
        let keys = [
            "systemd.credential.password", "systemd.credential-binary.key", "smbios11.token", "oci.entrypoint",
            "environment.TOKEN", "raw.lxc", "of.tomorrow",
        ]
        for key in keys {
            #expect(LXDConfigKind(key) == .secret)
            machine.config[key] = "SECRET"
        }
        let fake = FakeLXD([machine])
        let cloud = provider(fake)
        let seen = try #require(try await cloud.instance(InstanceID("web-1")))
        let found = try await cloud.inheritedSpecification(of: seen, choices: LaunchChoices())
        #expect(!"\(seen) \(found)".contains("SECRET"))
        #expect(found.properties[LXDProperty.secretsDigest] == seen.properties[LXDProperty.secretsDigest])
        let launched = try await cloud.launch(lxdLaunch("t1", found))
        let config = try #require(fake.machine(launched.id.rawValue)?.config)
        #expect(keys.allSatisfy { config[$0] == "SECRET" } && config["security.nesting"] == "true")
    }

    @Test(
        "What is known to hold none",
        arguments: [
            "agent.nic_config", "boot.autostart", "boot.host_shutdown_timeout", "cluster.evacuate",
            "linux.kernel_modules", "linux.sysctl.net.ipv4.ip_forward", "migration.stateful", "nvidia.runtime",
            "security.nesting", "security.secureboot", "snapshots.schedule",
        ])
    func plainConfiguration(_ key: String) {
        #expect(LXDConfigKind(key) == .plain)
    }

    @Test("Only what is listed")
    func listed() async throws {
        let none = try await specification(rich, LaunchChoices(inherit: []))
        #expect(none.properties == ["type": "container", "architecture": "x86_64"] && none.tags.isEmpty)
        let disks = try await specification(rich, LaunchChoices(inherit: [.blockDevices, .limits]))
        #expect(
            disks.properties.keys.sorted() == ["architecture", "device.root", "device.shared", "limits.memory", "type"])
        let devices = try await specification(rich, LaunchChoices(inherit: [.devices]))
        #expect(LXDProperty.devices(in: devices.properties).keys.sorted() == ["eth0", "kvm", "out"])
    }

    @Test("The creation says it all")
    func creation() async throws {
        let found = try await specification(rich, target: "two")
        let request = LXDCreation(
            launch: lxdLaunch("t1", found), name: "web-1-x", properties: found.properties,
            secrets: ["environment.A": "b"])
        #expect(request.resource == LXDResource("instances", query: ["target": "two"]))
        #expect(
            request.body["config"].texts == [
                "environment.A": "b", "limits.memory": "512MiB", "security.nesting": "true", "user.name": "web-1",
                "user.role": "web", "user.changeover:swap": "s1", "user.changeover:token": "t1",
                "user.changeover:role": "replacement",
            ])
        #expect(request.body["devices"]["root"].texts["size"] == "5GiB" && !request.body["ephemeral"].isTrue)
        #expect(request.body["source"].texts == ["type": "image", "fingerprint": FakeLXD.image])
        #expect(request.body["description"].text == "the shop" && request.body["profiles"].list == [.text("default")])
    }

    @Test("In a cluster the replacement goes to the original's member, or where the configuration says")
    func members() async throws {
        var machine = FakeMachine.original()
        machine.location = "one"
        #expect(try await specification(machine).properties["target"] == "one")
        let found = try await specification(
            machine, LaunchChoices(alternatives: [LaunchAlternative(zone: "three")]), target: "two")
        #expect(found.properties["target"] == "two" && found.alternatives == [["target": "three"]])
    }

    @Test("What LXD has not is refused, naming what it has")
    func refused() async throws {
        let inherit = try await refusal(LaunchChoices(inherit: [.tags, .subnet, .type]))
        #expect(inherit.code == .invalidRequest && inherit.detail.contains("`subnet`, `type`"))
        #expect(
            inherit.detail.contains("`blockDevices`, `config`, `devices`, `limits`, `profiles`, `tags`, `userData`"))
        let type = try await refusal(LaunchChoices(alternatives: [LaunchAlternative(type: "t3.small")]))
        #expect(type.detail.contains("`zone`"))
        let parameter = try await refusal(LaunchChoices(image: .parameter("/x")))
        #expect(parameter.code == .invalidRequest && parameter.detail.contains("no parameter store"))
        let owner = try await refusal(LaunchChoices(image: .newest(owner: "amazon", name: "*")))
        #expect(owner.code == .invalidRequest && owner.detail.contains("`self`"))
    }

    @Test("Where the original shows that first boot cannot be, the plan says so")
    func firstBoot() async throws {
        var machine = FakeMachine.original()
        machine.files = [:]
        #expect(try await refusal(LaunchChoices(), machine).detail.contains("neither cloud-init nor systemd"))
        _ = try await specification(machine, LaunchChoices(patch: PatchPolicy(scope: .none)))
        var virtual = FakeMachine.original()
        virtual.type = "virtual-machine"
        let isVirtual: (inout FakeLXD.World) -> Void = {
            $0.answers["images/\(FakeLXD.image)"] = FakeLXD.imageAnswer(FakeLXD.image, type: "virtual-machine")
        }
        let error = try await refusal(LaunchChoices(), virtual, isVirtual)
        #expect(error.detail.contains("virtual machine without cloud-init"))
        virtual.files["/usr/bin/cloud-init"] = [1]
        _ = try await specification(virtual, LaunchChoices(), isVirtual)
        virtual.config["cloud-init.user-data"] = "nothing that it knows: SECRET"
        let data = try await refusal(LaunchChoices(), virtual, isVirtual)
        #expect(data.detail.contains("user data") && !data.detail.contains("SECRET"))
    }

    @Test("Images: the same, by alias, by fingerprint, the newest of a pattern")
    func images() async throws {
        let (old, new) = (String(repeating: "a", count: 64), String(repeating: "b", count: 64))
        let answers: (inout FakeLXD.World) -> Void = { world in
            let list = [
                FakeLXD.imageAnswer(old, alias: "web-1", built: "2026-01-01T00:00:00Z"),
                FakeLXD.imageAnswer(new, alias: "web-2", built: "2026-02-01T00:00:00Z"),
                FakeLXD.imageAnswer("c1", alias: "web-3", built: "2026-03-01T00:00:00Z", architecture: "aarch64"),
                FakeLXD.imageAnswer("c2", alias: "db-1", built: "2026-04-01T00:00:00Z"),
            ]
            world.answers["images"] = .list(list)
            for image in list { world.answers["images/\(image["fingerprint"].text ?? "")"] = image }
            world.answers["images/aaaa"] = list[0]
            world.answers["images/aliases/web"] = .object(["target": .text(new)])
        }
        for (choice, wanted) in [
            (ImageChoice.newest(owner: "self", name: "web-?"), new), (.id(ImageID("web")), new),
            (.id(ImageID("aaaa")), old), (.id(ImageID(old)), old),
        ] {
            #expect(
                try await specification(.original(), LaunchChoices(image: choice), answers).image.rawValue == wanted)
        }
        for choice in [ImageChoice.newest(owner: "self", name: "x*"), .id(ImageID("nope")), .id(ImageID("a/b"))] {
            #expect(try await refusal(LaunchChoices(image: choice), .original(), answers).code == .imageNotFound)
        }
        let other = try await refusal(LaunchChoices(image: .id(ImageID("c1"))), .original(), answers)
        #expect(other.code == .invalidRequest && other.detail.contains("aarch64"))
        var gone = FakeMachine.original()
        gone.config["volatile.base_image"] = "dddd"
        let lost = try await refusal(LaunchChoices(), gone)
        #expect(lost.code == .imageNotFound && lost.detail.contains("`launch.image`"))
        gone.config["volatile.base_image"] = nil
        #expect(try await refusal(LaunchChoices(), gone).code == .imageNotFound)
    }

    @Test(
        "Patterns",
        arguments: [
            ("*", "", true), ("a*c", "abbc", true), ("a*c", "abcd", false), ("a?c", "abc", true), ("?", "", false),
            ("*a*b", "xaxaxb", true), ("**", "x", true), ("abc", "abc", true), ("a*b*c", "a-b-b", false),
            ("", "", true),
        ])
    func patterns(_ pattern: String, _ text: String, _ fits: Bool) {
        #expect(NamePattern(pattern).matches(text) == fits)
    }
}
