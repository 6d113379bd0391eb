import Foundation
import TestSupport
import Testing

/// The façade speaks as the real services do, so far as boto3 can tell; so what is tested against it counts.
@Suite(.enabled(if: MotoWorld.obstacle == nil, "\(MotoWorld.obstacle ?? "")"))
struct FacadeProtocolTests {
    @Test func boto3UnderstandsTheFacade() async throws {
        let facade = try EC2Facade()
        defer { facade.stop() }
        let keys = facade.issueCredentials()
        let web = facade.addInstance(name: "web-1")
        let group = facade.addTargetGroup(name: "web", port: 8080, instances: [web])
        let bench = try CloudBench(environment: [:])
        let variables = MotoWorld.environment.merging(
            CloudBench.keys(keys.accessKey, keys.secret, token: keys.sessionToken)
        ) { $1 }
        let script = try bench.start(
            [
                "python3", MotoWorld.folder + "/facade_check.py", "\(facade.port)", web, group,
                facade.allocateAddress(to: web),
            ], environment: variables.mapValues { $0 })
        let code = try await script.end()
        #expect(code == 0 && script.output == "ok\n", "\(script.transcript)")
        await bench.end()
    }
}
