import Foundation
import Patching
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

@Suite(
    "`patched` on a real Debian", .serialized, .timeLimit(.minutes(10)),
    .enabled(if: RealLXD.isThere, Comment(rawValue: RealLXD.absence)))
struct LXDPatchedTests {
    /// 2026-06-15: the moment at which waivers are judged.
    private struct Clock: WorkflowClock {
        func wallTime() -> WallTime { WallTime(milliseconds: 1_781_481_600_000) }
        func monotonicMilliseconds() -> Int64 { Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000) }
        func sleep(for span: Span) async throws { try await ContinuousClock().sleep(for: span.duration) }
    }

    /// What the check of a file says, as `critical patched:pending`, with its words.
    private func read(_ container: LXDContainer, _ keys: String = "") async throws -> (verdict: String, words: String) {
        let text = """
            apiVersion: changeover/v1
            kind: HealthCheck
            metadata: {name: live}
            checks: [{id: a, patched: {\(keys)}}]
            """
        let file = try CheckFile.decode(CheckDocument(path: "live.yaml", text: text))
        guard case .patched(let check) = file.checks.first?.kind else { return ("no check", "") }
        let probe = PatchedProbe(inspector: SystemPatchInspector(), runner: container, clock: Clock(), check: check)
        let reading = await probe.read(timeout: .minutes(2))
        return ("\(reading.outcome.rawValue) \(reading.reason)", reading.actual)
    }

    @Test("Pending, patched, held, reboot, and the mirror down")
    func packages() async throws {
        try await LXDContainer.use("changeover-debian") { container in
            let server = try await PackageServer(for: container)
            defer { server.stop() }
            try await server.publish("pat-lib", "1.0")
            try await server.publish("pat-tools", "1.0")
            try await container.shell("apt-get -q update; apt-get -qy install pat-lib pat-tools")
            let fresh = try await read(container)
            #expect(fresh.verdict == "ok ok", "\(fresh.words)")
            #expect(fresh.words.contains("no cloud-init: it is not installed"))

            try await server.publish("pat-lib", "1.1")
            try await server.publish("pat-tools", "1.1")
            let pending = try await read(container)
            #expect(pending == ("critical patched:pending", "2 pending: pat-lib 1.1, pat-tools 1.1"))
            // The machine itself has not been touched: its own lists still know nothing of the updates.
            #expect(try await container.shell("apt-get -qs dist-upgrade").contains("Inst ") == false)
            try await container.shell("apt-get -q update; apt-get -qy dist-upgrade")
            #expect(try await read(container).verdict == "ok ok")

            try await held(container, server)
            try await reboot(container)
            server.stop()
            let unreachable = try await read(container)
            #expect(unreachable.verdict == "unknown patched:repositoryUnavailable")
            #expect(unreachable.words.contains("apt-get update exited with 100"), "\(unreachable.words)")
        }
    }

    private func held(_ container: LXDContainer, _ server: PackageServer) async throws {
        try await container.shell("apt-mark hold pat-tools")
        try await server.publish("pat-tools", "1.2")
        let held = try await read(container)
        #expect(
            held == ("critical patched:held", "held back without a waiver: pat-tools (1.2 is available)"))
        let waiver = { (day: String) in "waivers: [{package: pat-tools, until: \(day), reason: ticket 42}]" }
        let waived = try await read(container, waiver("2026-06-15"))
        #expect(waived.verdict == "ok ok" && waived.words.contains("waived: pat-tools"))
        let expired = try await read(container, waiver("2026-06-14"))
        #expect(expired.verdict == "critical patched:waiver-expired")
        #expect(
            expired.words
                == "pat-tools is held back and its waiver expired after 2026-06-14 (ticket 42)")
        try await container.shell("apt-mark unhold pat-tools; apt-get -q update; apt-get -qy dist-upgrade")
        #expect(try await read(container).verdict == "ok ok")
    }

    /// Debian's own mark: maintainer scripts of core packages touch the file by `/usr/share/update-notifier`.
    private func reboot(_ container: LXDContainer) async throws {
        try await container.shell("touch /run/reboot-required")
        #expect(try await read(container).verdict == "critical patched:reboot")
        #expect(try await read(container, "rebootRequired: warning").verdict == "warning patched:reboot")
        #expect(try await read(container, "rebootRequired: allow").verdict == "ok ok")
        // A machine of its own kernel: a kernel package newer than the one that runs. The container has none of its own,
        // so a package of that name stands in for it.
        try await container.shell(
            """
            rm /run/reboot-required
            mkdir -p /srv/k/DEBIAN
            printf '%s: %s\\n' Package linux-image-99.0.0-1-amd64 Version 99.0.1 Architecture all \
                Maintainer 'A test <test@example.org>' Description 'a stand-in' >/srv/k/DEBIAN/control
            dpkg-deb -b /srv/k /srv/k.deb; dpkg -i /srv/k.deb
            """)
        #expect(try await read(container).verdict == "critical patched:reboot")
        try await container.shell("dpkg -P linux-image-99.0.0-1-amd64; rm -r /srv/k /srv/k.deb")
        #expect(try await read(container).verdict == "ok ok")
    }

    @Test("Failed units, services to restart, cloud-init, and broken packages")
    func machine() async throws {
        try await LXDContainer.use("changeover-debian") { container in
            let server = try await PackageServer(for: container)
            defer { server.stop() }
            try await failedUnits(container)
            try await staleServices(container)
            try await cloudInit(container)
            let status = "/var/lib/dpkg/status"
            let edit = "/^Package: nginx$/,/^$/s/ok installed/ok half-configured/"
            try await container.shell("cp \(status) /srv/status; sed -i '\(edit)' \(status)")
            let broken = try await read(container)
            #expect(broken.verdict == "critical patched:audit", "\(broken.words)")
            try await container.shell("cp /srv/status \(status)")
            #expect(try await read(container, "gems: true").verdict == "unknown patched:gems-unknown")
            #expect(try await read(container).verdict == "ok ok")
        }
    }

    private func failedUnits(_ container: LXDContainer) async throws {
        try await container.shell("systemd-run --quiet --wait --unit=pat-broken false || true")
        let failed = try await read(container)
        #expect(failed == ("critical patched:failed-units", "failed: pat-broken.service"))
        #expect(try await read(container, "failedUnits: warning").verdict == "warning patched:failed-units")
        #expect(try await read(container, "failedUnits: allow").verdict == "ok ok")
        try await container.shell("systemctl reset-failed")
        #expect(try await read(container).verdict == "ok ok")
    }

    private func staleServices(_ container: LXDContainer) async throws {
        try await container.shell(
            """
            cp /bin/sleep /usr/bin/pat-sleep
            printf '[Service]\\nExecStart=/usr/bin/pat-sleep 10000\\nType=exec\\n' >/etc/systemd/system/pat-stale.service
            systemctl daemon-reload; systemctl start pat-stale
            """)
        #expect(try await read(container).verdict == "ok ok")
        // As dpkg replaces a file: a new one is renamed over it.
        try await container.shell("cp /bin/sleep /usr/bin/pat-sleep.new; mv /usr/bin/pat-sleep.new /usr/bin/pat-sleep")
        let stale = try await read(container)
        #expect(stale == ("warning patched:stale-services", "to be restarted: pat-stale.service"))
        #expect(try await read(container, "staleServices: forbid").verdict == "critical patched:stale-services")
        #expect(try await read(container, "staleServices: allow").verdict == "ok ok")
        try await container.shell("systemctl restart pat-stale")
        #expect(try await read(container).verdict == "ok ok")
    }

    /// cloud-init's own files, in the form that its releases write; the program itself is not installed.
    private func cloudInit(_ container: LXDContainer) async throws {
        #expect(try await read(container, "cloudInit: required").verdict == "critical patched:cloud-init")
        try await container.shell(
            """
            mkdir /run/cloud-init
            echo '{"v1": {"datasource": null, "init": {"errors": [], "finished": null, "start": 1.0}, "stage": "init"}}' \
                >/run/cloud-init/status.json
            """)
        let running = try await read(container)
        #expect(running == ("critical patched:cloud-init", "cloud-init has not ended"))
        let result = { (errors: String) in
            "echo '{\"v1\": {\"datasource\": \"DataSourceLXD\", \"errors\": [\(errors)]}}' >/run/cloud-init/result.json"
        }
        try await container.shell(result("\"no disk\""))
        #expect(try await read(container) == ("critical patched:cloud-init", "cloud-init failed: no disk"))
        try await container.shell(result(""))
        #expect(try await read(container, "cloudInit: required").verdict == "ok ok")
        try await container.shell("rm -r /run/cloud-init")
    }

    @Test("The `systemd` probe against a real service manager")
    func systemd() async throws {
        try await LXDContainer.use("changeover-debian") { container in
            func read(_ check: SystemdCheck) async -> String {
                let reading = await SystemdProbe(runner: container, clock: Clock(), check: check)
                    .read(timeout: .seconds(30))
                return "\(reading.outcome.rawValue) \(reading.reason)"
            }
            let nginx = SystemdCheck(units: ["nginx.service"])
            #expect(await read(nginx) == "ok ok")
            #expect(await read(SystemdCheck(units: ["nginx.service", "dbus.service"])) == "ok ok")
            let unknown = SystemdCheck(units: ["dbus.service", "pat-nobody.service"])
            #expect(await read(unknown) == "critical systemd:not-found")
            try await container.shell("systemctl stop nginx")
            #expect(await read(nginx) == "critical systemd:inactive")
            try await container.shell("systemctl mask nginx")
            #expect(await read(nginx) == "critical systemd:masked")
            try await container.shell("systemctl unmask nginx; systemctl start nginx")
            #expect(await read(nginx) == "ok ok")
            try await container.shell("systemd-run --quiet --wait --unit=pat-broken false || true")
            #expect(await read(nginx) == "critical systemd:failed-units")
            #expect(await read(SystemdCheck(units: ["pat-broken.service"])) == "critical systemd:failed")
            #expect(await read(SystemdCheck(units: [], failed: .warn)) == "warning systemd:failed-units")
            #expect(await read(SystemdCheck(units: [], ignored: ["pat-broken.service"])) == "ok ok")
            #expect(await read(SystemdCheck(units: ["nginx.service"], failed: .allow)) == "ok ok")
            try await container.shell("systemctl reset-failed")
            #expect(await read(nginx) == "ok ok")
            try await container.lxc(["stop", "--force", container.name])
            #expect(await read(nginx).hasPrefix("unknown systemd:"))
        }
    }
}
