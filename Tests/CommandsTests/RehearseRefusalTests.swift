import Testing

@Suite("changeover rehearse: wrong usage and wrong files") struct RehearseRefusalTests {
    @Test("A fault that does not exist is refused with all that do, a line each")
    func unknownFault() async throws {
        let ran = try await Ran.changeover(["rehearse", Ran.playbook, "--fault", "earthquake"], in: Folder())
        #expect(ran.exitCode == 64)
        #expect(ran.output.isEmpty)
        #expect(ran.errors.contains("there is no fault \"earthquake\""))
        let lines = ran.errors.split(separator: "\n")
        for fault in FaultCase.all.map(\.fault) {
            #expect(lines.contains { $0.hasPrefix("  \(fault) ") }, "\(fault)")
        }
    }

    @Test(
        "A state in which the fault cannot bite is refused with those in which it can",
        arguments: ["capacity@baking", "capacity@nowhere", "capacity@"])
    func wrongState(fault: String) async throws {
        let ran = try await Ran.changeover(["rehearse", Ran.playbook, "--fault", fault], in: Folder())
        #expect(ran.exitCode == 64)
        #expect(ran.errors.contains("it can in launching"))
    }

    @Test(
        "Wrong arguments are wrong usage",
        arguments: [
            ["rehearse"], ["rehearse", "absent.yaml"], ["rehearse", Ran.playbook, "--seed", "-1"],
            ["rehearse", Ran.playbook, "--seed", "x"], ["rehearse", Ran.playbook, "--until", "tomorrow"],
            ["rehearse", Ran.playbook, "--fault"], ["rehearse", Ran.playbook, "--force"], ["rehearse", "/"],
        ])
    func usage(arguments: [String]) async throws {
        let ran = try await Ran.changeover(arguments, in: Folder())
        #expect(ran.exitCode == 64)
        #expect(ran.output.isEmpty)
        #expect(!ran.errors.isEmpty)
    }

    @Test("A wrong playbook gets the same errors as from `playbook lint`, with file, line and column")
    func wrongPlaybook() async throws {
        let folder = try Folder()
        try folder.write(RehearseTests.askingPlaybook + "bake: {for: 5 minutes}\nhold: 1h\n", to: "wrong.yaml")
        try folder.write(RehearseTests.check, to: "check.yaml")
        let rehearsed = try await Ran.changeover(["rehearse", "wrong.yaml"], in: folder)
        #expect(rehearsed.exitCode == 64)
        #expect(rehearsed.errors.contains("wrong.yaml:8:"))
        try folder.write(Self.configuration, to: "changeover.yaml")
        let linted = try await Ran.changeover(["playbook", "lint", "wrong.yaml"], in: folder)
        #expect(linted.exitCode == 64)
        #expect(linted.errors == rehearsed.errors)
    }

    @Test("A wrong check file is refused with file, line and column")
    func wrongCheck() async throws {
        let folder = try Folder()
        try folder.write(RehearseTests.askingPlaybook, to: "ask.yaml")
        try folder.write(RehearseTests.check + "    retries: 3\n", to: "check.yaml")
        let ran = try await Ran.changeover(["rehearse", "ask.yaml"], in: folder)
        #expect(ran.exitCode == 64)
        #expect(ran.errors.contains("check.yaml:7:"))
    }

    @Test("The help has an example and says what the exit codes mean")
    func help() async throws {
        let ran = try await Ran.changeover(["rehearse", "--help"], in: Folder())
        #expect(ran.exitCode == 0)
        #expect(ran.output.contains("Example: changeover rehearse playbooks/web.yaml --fault lost-answer --seed 7"))
        #expect(ran.output.contains("Its own exit code is 0"))
        for option in ["--fault", "--seed", "--until", "--no-approve", "--exit-code", "--list-faults"] {
            #expect(ran.output.contains(option), "\(option)")
        }
    }

    static let configuration = """
        apiVersion: changeover/v1
        kind: Configuration
        providers:
          local: {local: {root: machines}}
        store: {folder: store}

        """
}
