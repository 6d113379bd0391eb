import Foundation
import Testing

/// The least-privilege policies against the actions that the source can ask for.
@Suite("IAM policies")
struct PolicyTests {
    private struct Policy: Decodable {
        struct Statement: Decodable {
            var actions: [String]

            enum CodingKeys: String, CodingKey { case actions = "Action" }

            init(from decoder: any Decoder) throws {
                let keys = try decoder.container(keyedBy: CodingKeys.self)
                let one = try? keys.decode(String.self, forKey: .actions)
                actions = try one.map { [$0] } ?? keys.decode([String].self, forKey: .actions)
            }
        }

        var statements: [Statement]

        enum CodingKeys: String, CodingKey { case statements = "Statement" }
    }

    /// The actions of all policies, without their services.
    private static func allowed() throws -> Set<String> {
        let folder = SourceTree.root.appending(path: "docs/iam")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let policies = try files.map { try JSONDecoder().decode(Policy.self, from: Data(contentsOf: $0)) }
        return Set(
            policies.flatMap(\.statements).flatMap(\.actions).compactMap {
                $0.split(separator: ":").last.map(String.init)
            })
    }

    /// Every text of the adapters that has the form of an action's name.
    private static func called() throws -> Set<String> {
        let root = SourceTree.root.appending(path: "Sources").resolvingSymlinksInPath()
        let verbs =
            "Describe|Get|Run|Start|Stop|Terminate|Create|Delete|Register|Deregister|Associate|Disassociate|Send|Cancel"
        let form = try Regex("\"((?:\(verbs))[A-Z][A-Za-z]+)\"", as: (Substring, Substring).self)
        var names: Set<String> = []
        for folder in ["Providers/EC2", "Traffic/AWS"] {
            let start = root.appending(path: folder)
            for path in try FileManager.default.subpathsOfDirectory(atPath: start.path) where path.hasSuffix(".swift") {
                let text = try String(contentsOf: start.appending(path: path), encoding: .utf8)
                names.formUnion(
                    text.matches(of: form).map { String($0.output.1) }.filter { !notCalled($0) })
            }
        }
        return names
    }

    /// Names of answers and parameters, which have the same form.
    private static func notCalled(_ name: String) -> Bool { name.hasSuffix("Result") || name == "DeleteOnTermination" }

    @Test("They allow every action that the program asks for, and none besides")
    func complete() throws {
        let called = try Self.called()
        #expect(called.isSuperset(of: ["RunInstances", "TerminateInstances", "RegisterTargets", "SendCommand"]))
        // A role is passed, not called.
        #expect(try Self.allowed().subtracting(["PassRole"]) == called)
    }
}
