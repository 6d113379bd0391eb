import Foundation
import Testing
import Workflow

@testable import Patching

/// The inspection against the real Rubygems.
@Suite(.timeLimit(.minutes(5))) struct GemTests {
    private let policy = PatchPolicy(gems: true)

    @Test func namesOutdatedGemsOfAnIndexOnLoopback() async throws {
        try await withIndex { lab, address in
            try await source(lab, address)
            let status = try await lab.status(policy)
            #expect(
                status.gems
                    == .read(value: [
                        PendingUpdate(package: "demo-gem", installed: "1.0", candidate: "1.1", isSecurity: true)
                    ]))
            let install = "gem install -q --local --no-document $0/index/gems/demo-gem-1.1.gem"
            try await lab.run(["sh", "-c", gem + install, lab.folder])
            #expect(try await lab.status(policy).gems == .read(value: []))
        }
    }

    @Test func aSourceThatIsDownIsAnErrorNeverNothing() async throws {
        try await withIndex { lab, address in
            try await source(lab, address, "http://127.0.0.1:1/")
            // What would lie: gem itself prints nothing of the source that is down, and exits 0.
            let only = try await lab.runner.run(Command(["gem", "outdated"]))
            #expect(only.exitCode == 0)
            let error = await #expect(throws: PatchInspectionError.self) { try await lab.status(policy) }
            #expect(error?.code == .repositoryUnavailable)
            #expect(error?.detail.contains("127.0.0.1:1") == true)
            // Nobody asks the sources where gems do not count.
            #expect(try await lab.status().gems == nil)
        }
    }

    @Test func aMachineWithoutRubygemsCannotSay() async throws {
        try await DnfLab.use { lab in
            try FileManager.default.removeItem(atPath: lab.folder + "/bin/gem")
            #expect(try await lab.status(policy).gems == .unreadable(reason: "the machine has no `gem`"))
        }
    }

    @Test(arguments: ["rake", "rake (13.0.6)", "ERROR:  While executing gem ...", "rake (1 < 2) x"])
    func refusesLinesItDoesNotUnderstand(line: String) {
        #expect(GemStatusReader.update(line[...]) == nil)
        let sources = ["gem-sources", "gem-sources-after"].map { "@@begin \($0)\n@@end \($0) 0\n" }.joined()
        let sections = ScriptSections(output: sources + "@@begin gems\n\(line)\n@@end gems 0\n")
        #expect(throws: PatchInspectionError.self) { try GemStatusReader(sections: sections).gems() }
    }

    private let gem = "export GEM_HOME=$0/gems GEM_PATH=$0/gems; "

    /// A machine with `demo-gem` 1.0, and an index with 1.1 that Python serves.
    private func withIndex(_ body: (DnfLab, String) async throws -> Void) async throws {
        try await DnfLab.use { lab in
            let specification = """
                Gem::Specification.new do |s|
                  s.name, s.version, s.summary, s.authors, s.files = "demo-gem", ENV["V"], "a gem", ["a test"], []
                end
                """
            try lab.write(specification, to: "demo.gemspec")
            let script = #"""
                cd "$0" && mkdir -p index/gems &&
                    V=1.0 gem build -q demo.gemspec -o demo-gem-1.0.gem &&
                    V=1.1 gem build -q demo.gemspec -o index/gems/demo-gem-1.1.gem &&
                    gem generate_index -q --directory index && gem install -q --local --no-document demo-gem-1.0.gem
                """#
            try await lab.run(["sh", "-c", gem + script, lab.folder])
            // The machine's own gems are the lab's.
            try FileManager.default.removeItem(atPath: lab.folder + "/bin/gem")
            let own = "GEM_HOME=\(lab.folder)/gems GEM_PATH=\(lab.folder)/gems"
            try lab.program("gem", "export \(own); exec /usr/bin/gem \"$@\"")
            let server = Process()
            server.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            let folder = "\(lab.folder)/index"
            server.arguments = [
                "python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", folder,
            ]
            let log = lab.folder + "/server.log"
            try lab.write("", to: "server.log")
            server.standardOutput = FileHandle(forWritingAtPath: log)
            server.standardError = FileHandle.nullDevice
            try server.run()
            defer {
                // The child has inherited this thread's blocked signals, SIGTERM among them.
                kill(server.processIdentifier, SIGKILL)
                server.waitUntilExit()
            }
            let port = try await port(in: log)
            try await body(lab, "http://127.0.0.1:\(port)/")
        }
    }

    /// The port in "Serving HTTP on 127.0.0.1 port 43211 (http://…) ...", which Python prints once it listens.
    private func port(in log: String) async throws -> Int {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            let words = try String(contentsOfFile: log, encoding: .utf8).split(separator: " ")
            if let place = words.firstIndex(of: "port"), place + 1 < words.count, let port = Int(words[place + 1]) {
                return port
            }
            try await ContinuousClock().sleep(for: .milliseconds(20))
        }
        throw DnfLab.Failure(text: "python3 -m http.server did not begin to serve")
    }

    private func source(_ lab: DnfLab, _ addresses: String...) async throws {
        let lines = addresses.map { "- \($0)" }.joined(separator: "\n")
        try lab.write("---\n:sources:\n\(lines)\n", to: "home/.gemrc")
    }
}
