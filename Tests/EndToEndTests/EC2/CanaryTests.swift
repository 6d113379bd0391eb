import Foundation
import TestSupport
import Testing

/// Credentials and user data are sent where they must be, and written and shown nowhere.
@Suite struct CanaryTests {
    private static let canary = "canary-user-data-8f21c0"

    @Test(arguments: [false, true]) func secretsAreWrittenNowhere(isBroken: Bool) async throws {
        try await Turnstile.shared.pass(.one) {
            let facade = try EC2Facade()
            defer { facade.stop() }
            let keys = facade.issueCredentials()
            let bench = try CloudBench(
                environment: CloudBench.endpoint(facade.port).merging(
                    CloudBench.keys(keys.accessKey, keys.secret, token: keys.sessionToken)
                ) { $1 })
            do {
                try await check(facade, keys, bench, isBroken: isBroken)
            } catch {
                await bench.end()
                throw error
            }
            await bench.end()
        }
    }

    private func check(
        _ facade: EC2Facade, _ keys: EC2Facade.Credentials, _ bench: CloudBench, isBroken: Bool
    ) async throws {
        let script = "#!/bin/sh\nexport TOKEN=\(Self.canary)\n"
        let encoded = Data(script.utf8).base64EncodedString()
        let original = facade.addInstance(name: "web-1", userData: encoded)
        let group = facade.addTargetGroup(name: "web", port: 8080, instances: [original])
        try bench.write(
            CloudBench.playbook(
                route: CloudBench.targetGroup(group),
                launch: isBroken ? "{image: {id: ami-0badbadbadbadbad0}}" : "{image: same}"),
            to: "playbook.yaml")
        let token = try #require(keys.sessionToken)
        let secrets = [keys.accessKey, keys.secret, token, Self.canary, encoded]

        let driver = try bench.changeover([
            "swap", "web-1", "--playbook", "playbook.yaml", "--yes", "--output", "jsonl",
        ])
        var exposed: Set<pid_t> = []
        try await eventually("the swap ends", within: .seconds(60), else: { driver.transcript }) {
            for secret in secrets { exposed.formUnion(ProcessScan.processes(withArgument: secret)) }
            return driver.exitCode != nil
        }
        #expect(driver.exitCode == (isBroken ? 2 : 0), "\(driver.transcript)")
        #expect(exposed.isEmpty, "a secret was an argument of \(exposed)")
        let replacement = try #require(facade.snapshot.instances.last?.id)
        #expect(replacement != original)
        #expect(facade.userData[replacement] == script, "the operator's user data did reach the replacement")
        #expect(facade.log.allSatisfy { $0.accessKey == keys.accessKey }, "the key was used")

        let swap = try #require(SwapLine.lines(of: driver.output).last?.swap)
        var outputs = [driver.output + driver.errors]
        let archive = bench.store + "/evidence.tar.gz"
        for arguments in [
            ["logs", swap], ["explain", swap, "--output", "json"], ["status", swap, "--output", "json"],
            ["evidence", swap, "--out", archive],
        ] {
            let run = try await bench.run(arguments)
            #expect(run.code == 0, "\(run.transcript)")
            outputs.append(run.output + run.errors)
        }
        let unpack = try bench.start(["tar", "-xzf", archive, "-C", bench.store])
        #expect(try await unpack.end() == 0, "\(unpack.transcript)")
        let names = FileManager.default.enumerator(atPath: bench.store)?.allObjects.compactMap { $0 as? String } ?? []
        #expect(names.contains { $0.hasSuffix("journal.sqlite") } && names.contains { $0.hasSuffix("SUMMARY.txt") })
        for secret in secrets {
            for output in outputs { #expect(!output.contains(secret), "\(secret) was printed: \(output)") }
            let files = names.filter { ProcessScan.mentions(secret, "\(bench.store)/\($0)") }
            #expect(files.isEmpty, "\(secret) is in \(files)")
        }
        print("canaries: \(secrets.count) secrets, \(names.count) files and \(outputs.count) outputs, none found")
    }
}
