import Foundation
import Testing

@Suite("Shipped playbooks")
struct ShippedPlaybookTests {
    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("../..").standardized

    static var names: [String] {
        let all = try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("playbooks").path)
        return (all ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
    }

    @Test("All that are promised are there")
    func complete() {
        #expect(Set(Self.names).isSuperset(of: ["local-demo.yaml", "ec2-single.yaml", "ec2-fleet.yaml"]))
        #expect(Set(Self.names).isSuperset(of: ["ec2-elastic-address.yaml", "lxd-single.yaml"]))
    }

    @Test("Each is right, with the checks that it names", arguments: names)
    func lint(name: String) async throws {
        let folder = try Folder()
        try folder.write(Self.configuration, to: "changeover.yaml")
        let path = Self.root.appendingPathComponent("playbooks/\(name)").path
        let ran = try await Ran.changeover(["playbook", "lint", path], in: folder)
        #expect(ran.exitCode == 0, "\(ran.output) \(ran.errors)")
    }

    private static let configuration = """
        apiVersion: changeover/v1
        kind: Configuration
        provider: local
        providers:
          local: {local: {root: instances}}
          lxd: {lxd: {}}
          ec2: {ec2: {region: eu-central-1, commands: {ssh: {user: admin, jumpHost: bastion}}}}
        """
}
