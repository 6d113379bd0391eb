import LXDClient
import TestSupport
import Testing
import Workflow

@testable import Providers

@Suite(
    "The LXD provider on a real server", .enabled(if: RealLXD.isThere, Comment(rawValue: RealLXD.absence)),
    .serialized, .timeLimit(.minutes(5)))
struct LXDLiveTests {
    /// No repository can be asked, so that nothing is installed.
    private let noSources = LXDFile("/etc/apt/sources.list", content: [])
    /// Asks for a reboot on each boot, as an update of the kernel would.
    private let rebootWanted = LXDFile(
        "/etc/tmpfiles.d/reboot.conf", content: Array("f /run/reboot-required 0644 root root -\n".utf8))

    private func finished(_ lab: LXDLab, _ cloud: LXDProvider, _ id: InstanceID) async throws -> FirstBootStatus? {
        try await lab.until(.seconds(100)) {
            let status = try await cloud.firstBoot(of: id)
            if case .running = status { return nil }
            return status
        }
    }

    @Test("Launched, patched over a reboot that the boot id proves, stopped, started, terminated")
    func lifecycle() async throws {
        let lab = try LXDLab()
        let cloud = lab.provider(Interposer(lab.client, files: [noSources, rebootWanted]))
        try await lab.withLaunch(patch: PatchPolicy()) { request in
            let launched = try await lab.launch(request, by: cloud)
            let id = launched.id
            #expect(
                launched.state == .running && launched.name == "prov-web"
                    && launched.image == request.specification.image)
            #expect(try await lab.lxc("list", id.rawValue, "-f", "csv", "-c", "ns") == "\(id),RUNNING")
            #expect(try await finished(lab, cloud, id) == .finished)
            let seen = try #require(try await cloud.instance(id))
            let report = try await lab.run("cat \(FirstBootReport.path)", on: seen)
            let boot = try await lab.run("cat /proc/sys/kernel/random/boot_id", on: seen)
            #expect(
                FirstBootReport(file: report)
                    == FirstBootReport(status: .finished, detail: "updated and rebooted", bootId: boot))
            // The log has the line of the boot before, and what ran then was not run again.
            let log = try await lab.run("cat \(LXDFirstBootUnit.logPath)", on: seen)
            #expect(log.contains("changeover: first-boot running rebooting"))
            #expect(log.split(separator: "\n").filter { $0.contains("updating the package lists") }.count == 1)
            let left =
                "ls /etc/systemd/system/\(LXDFirstBootUnit.unit) /etc/systemd/system/multi-user.target.d/* | wc -l"
            #expect(try await lab.run(left, on: seen) == "0")
            let console = try await cloud.consoleOutput(of: id)
            #expect(console.contains("changeover: first-boot finished") && console.contains("Multi-User System"))

            let addressed = try #require(
                try await lab.until(.seconds(20)) {
                    try await cloud.instance(id).flatMap { $0.address == nil ? nil : $0 }
                })
            let address = try #require(addressed.address)
            #expect(try await lab.lxc("list", id.rawValue, "-f", "csv", "-c", "4").hasPrefix("\(address) (eth0)"))
            #expect(try await cloud.launch(request).id == id)

            try await cloud.tag(id, with: ["env": "test", "role": nil])
            #expect(try await lab.lxc("config", "get", id.rawValue, "user.env") == "test")
            #expect(try await lab.lxc("config", "get", id.rawValue, "user.role").isEmpty)
            #expect(try await lab.lxc("config", "get", id.rawValue, "user.changeover:swap") == "prov")
            for _ in 0..<2 { try await cloud.stop(id) }
            #expect(try await cloud.instance(id)?.state == .stopped)
            #expect(try await lab.provider().consoleOutput(of: id).contains("changeover: first-boot finished"))
            for _ in 0..<2 { try await cloud.start(id) }
            #expect(try await cloud.instance(id)?.state == .running)
            for _ in 0..<2 { try await cloud.terminate(id) }
            #expect(try await cloud.instance(id) == nil)
            #expect(try await lab.lxc("list", id.rawValue, "-f", "csv").isEmpty)
        }
    }

    @Test("A launch whose answers are lost goes on, and is one instance")
    func brokenOff() async throws {
        let lab = try LXDLab()
        let interposer = Interposer(
            lab.client, files: [noSources], broken: ["POST instances", "PATCH instances", "PUT instances/state"])
        let cloud = lab.provider(interposer)
        try await lab.withLaunch(patch: PatchPolicy()) { request in
            for number in 1...3 {
                let error = await #expect(throws: ProviderError.self) { try await cloud.launch(request) }
                #expect(error?.code == .unavailable && error?.isRetryable == true)
                // The record of an instance is made a moment after its creation was accepted; until then nobody can tell.
                do throws(ProviderError) {
                    let left = try await cloud.instance(launchedWith: request.token)
                    if number < 3 { #expect(left == nil || left?.state == .pending) }
                } catch {
                    #expect(number == 1 && error.code == .unavailable && error.detail.contains("still creating"))
                }
            }
            let launched = try await lab.launch(request, by: cloud)
            #expect(launched.state == .running)
            let named = try await lab.lxc("list", launched.id.rawValue, "-f", "csv", "-c", "n")
            #expect(named == launched.id.rawValue)
            #expect(try await lab.client.file(LXDFirstBootUnit.scriptPath, of: named, limitBytes: 9) != nil)
        }
    }

    @Test("A first boot that is killed has failed, and is seen to have")
    func killed() async throws {
        let lab = try LXDLab()
        let hanging = LXDFile(
            "/etc/apt/apt.conf.d/99hang", content: Array("APT::Update::Pre-Invoke {\"sleep 600\";};\n".utf8))
        let cloud = lab.provider(Interposer(lab.client, files: [hanging]))
        try await lab.withLaunch(patch: PatchPolicy()) { request in
            let launched = try await lab.launch(request, by: cloud)
            let begun = try await lab.until(.seconds(30)) {
                try await cloud.firstBoot(of: launched.id) == .running(detail: "updating the package lists")
                    ? true : nil
            }
            #expect(begun == true)
            try await lab.run("systemctl kill -s KILL \(LXDFirstBootUnit.unit)", on: launched)
            #expect(
                try await finished(lab, cloud, launched.id)
                    == .failed(
                        reason: "updating the package lists was broken off; see the end of the first-boot log"))
        }
    }

    @Test("What a plan asks, and that nothing drifts; snapshots bring it back; a protected one stays")
    func planned() async throws {
        let lab = try LXDLab()
        let cloud = lab.provider()
        try await lab.withLaunch(patch: PatchPolicy(scope: .none)) { request in
            let launched = try await lab.launch(request, by: cloud)
            let id = launched.id
            #expect(try await cloud.firstBoot(of: id) == .finished)
            try await expectPlan(lab, cloud, launched, request)
            #expect(try await lab.client.file(LXDFirstBootUnit.scriptPath, of: id.rawValue, limitBytes: 9) == nil)
            try await lab.client.write(LXDFile("/root/state", content: Array("before".utf8)), to: id.rawValue)
            for _ in 0..<2 { try await cloud.snapshot(id, named: "changeover-1") }
            try await lab.client.write(LXDFile("/root/state", content: Array("after".utf8)), to: id.rawValue)
            try await cloud.restore(id, to: "changeover-1")
            #expect(try await lab.client.file("/root/state", of: id.rawValue, limitBytes: 99) == Array("before".utf8))
            #expect(try await cloud.instance(id)?.state == .running)
            for _ in 0..<2 { try await cloud.deleteSnapshot(id, named: "changeover-1") }
            _ = try await lab.lxc("config", "set", id.rawValue, "security.protection.delete", "true")
            let error = await #expect(throws: ProviderError.self) { try await cloud.terminate(id) }
            #expect(error?.code == .terminationProtected)
            #expect(try await cloud.instance(id)?.state == .running)
        }
    }

    private func expectPlan(_ lab: LXDLab, _ cloud: LXDProvider, _ launched: Instance, _ request: LaunchRequest)
        async throws
    {
        let specification = try await cloud.inheritedSpecification(of: launched, choices: LaunchChoices())
        #expect(specification.image == request.specification.image && specification.tags["role"] == "web")
        #expect(try await cloud.launchFindings(for: specification).isEmpty)
        let codes = try await cloud.carryOverFindings(for: launched, routes: []).map(\.code)
        #expect(codes == ["disk", "host-name"])
        _ = try await lab.lxc(
            "config", "device", "add", launched.id.rawValue, "http", "proxy",
            "listen=tcp:127.0.0.1:40817", "connect=tcp:127.0.0.1:80")
        let findings = try await cloud.carryOverFindings(for: launched, routes: [])
        #expect(findings.first?.code == "proxy" && findings.first?.severity == .obstacle)
        let first = try await cloud.instance(launched.id)
        _ = try await lab.run("true", on: launched)
        let second = try await cloud.instance(launched.id)
        #expect(first?.properties == second?.properties && first?.tags == second?.tags)
        #expect(try await cloud.instances().map(\.id).contains(launched.id))
    }
}
