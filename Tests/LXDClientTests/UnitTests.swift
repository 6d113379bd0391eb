import Testing
import Workflow

@testable import LXDClient

@Suite("LXD client: names, paths, definitions")
struct UnitTests {
    @Test(arguments: [
        ([], "/1.0"), (["instances"], "/1.0/instances"), (["instances", "state"], "/1.0/instances/{name}"),
        (["instances", "web-1", "state"], "/1.0/instances/{name}/state"),
        (["instances", "web-1", "snapshots", "s"], "/1.0/instances/{name}/snapshots/{name}"),
        (["operations", "1-2", "wait"], "/1.0/operations/{name}/wait"),
        (["images", "aliases", "debian"], "/1.0/images/aliases/{name}"), (["images", "f00"], "/1.0/images/{name}"),
        (
            ["storage-pools", "default", "volumes", "custom", "data"],
            "/1.0/storage-pools/{name}/volumes/custom/{name}"
        ),
        (["cluster", "members", "one"], "/1.0/cluster/members/{name}"),
    ])
    func actionsHoldNoNames(path: [String], expected: String) {
        var resource = LXDResource(query: ["secret": "s"])
        resource.path = path
        #expect(Call(method: "GET", resource: resource, timeout: .seconds(1)).action == "GET \(expected)")
    }

    @Test func labelsHoldNoQueryAndNoControlCharacters() {
        let resource = LXDResource("instances", "a\nb", query: ["secret": "s"])
        let call = Call(method: "PUT", resource: resource, timeout: .seconds(1))
        #expect(call.label == "PUT /1.0/instances/a%0Ab")
    }

    @Test func componentsStayComponents() {
        let target = PercentEncoding.target(["instances", "a/../b?c#d", "..", "."], ["path": "/e f&g=h", "a": "ü"])
        #expect(target == "/1.0/instances/a%2F..%2Fb%3Fc%23d/%2E%2E/%2E?a=%C3%BC&path=%2Fe%20f%26g%3Dh")
    }

    @Test func definitionsHoldEverythingThatAPutReplaces() {
        let definition = LXDDefinition(
            architecture: "x86_64", config: ["user.a": "b"], devices: ["eth0": ["type": "nic"]], isEphemeral: true,
            profiles: ["p"], summary: "s")
        #expect(
            definition.value
                == .object([
                    "architecture": .text("x86_64"), "config": .texts(["user.a": "b"]),
                    "devices": .object(["eth0": .texts(["type": "nic"])]), "ephemeral": .boolean(true),
                    "profiles": .list([.text("p")]), "description": .text("s"),
                ]))
    }
}
