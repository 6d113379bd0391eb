import Foundation
import Testing
import Workflow

@testable import Patching

/// A machine as dnf and rpm see one, below a temporary folder: a database of its own, repositories, and a search path on
/// which nothing of Debian's own package manager is.
///
/// The real dnf, rpm, rpmbuild and createrepo_c do the work. The database is named by rpm's own macro `_dbpath` in
/// `~/.rpmmacros`; the program `dnf` on the path only adds the configuration file.
struct DnfLab: Sendable {
    /// A package to be built.
    struct Package: Sendable {
        var name: String
        var version: String
        var requirement: String?

        init(_ name: String, _ version: String, requires requirement: String? = nil) {
            (self.name, self.version, self.requirement) = (name, version, requirement)
        }
    }

    let folder: String

    private var environment: [String: String] { ["PATH": folder + "/bin", "HOME": folder + "/home"] }

    /// The runner that an inspection uses.
    var runner: RealRunner { RealRunner(environment: environment) }

    /// Makes a machine with `demo-web` and `demo-lib` in version 1.0, and one repository that has nothing newer.
    static func use(_ body: (DnfLab) async throws -> Void) async throws {
        let lab = DnfLab(folder: "/tmp/chg-dnf-" + UUID().uuidString.prefix(8).lowercased())
        defer { try? FileManager.default.removeItem(atPath: lab.folder) }
        try await lab.prepare()
        try await body(lab)
    }

    private func prepare() async throws {
        for name in ["bin", "home", "database", "repositories", "plugins", "packages", "base"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        let tools = [
            "sh", "env", "mktemp", "rm", "mkdir", "cp", "cat", "sed", "grep", "head", "tail", "dirname", "readlink",
            "rpm", "gem",
            "ruby",
        ]
        for tool in tools {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/bin/\(tool)", withDestinationPath: "/usr/bin/\(tool)")
        }
        try program("dnf", "exec /usr/bin/dnf -c \(folder)/dnf.conf --releasever=9 \"$@\"")
        try program("uname", "echo 5.14.0-1.noarch")
        try write("%_dbpath \(folder)/database\n", to: "home/.rpmmacros")
        try configure()
        try write("[main]\nenabled=1\nlocklist=\(folder)/versionlock.list\n", to: "plugins/versionlock.conf")
        try write("", to: "versionlock.list")
        try await install([Package("demo-web", "1.0"), Package("demo-lib", "1.0")])
        try await publish([])
        try repository("base", at: "file://\(folder)/base")
    }

    /// Writes dnf's main configuration with these further lines.
    func configure(_ lines: String = "") throws {
        let text = "[main]\nreposdir=\(folder)/repositories\npluginconfpath=\(folder)/plugins\nvarsdir=\(folder)/none\n"
        try write(text + "gpgcheck=0\n\(lines)\n", to: "dnf.conf")
    }

    /// Makes a repository known that the machine itself would rather do without than fail.
    func repository(_ name: String, at address: String, isEnabled: Bool = true) throws {
        let text = """
            [\(name)]
            name=\(name)
            baseurl=\(address)
            enabled=\(isEnabled ? 1 : 0)
            skip_if_unavailable=1
            """
        try write(text + "\n", to: "repositories/\(name).repo")
    }

    /// Adds packages to a repository; `security` are those of which it says that they fix a hole, and without `informed`
    /// it says nothing of the kind at all.
    func publish(
        _ packages: [Package], security: [String] = [], in name: String = "base", informed: Bool = true
    ) async throws {
        let target = "\(folder)/\(name)"
        for package in packages { try await build(package, into: target) }
        try await run(["createrepo_c", "-q", target])
        guard informed else { return }
        let updates = packages.enumerated().map { number, package in
            """
            <update from="x" status="final" type="\(security.contains(package.name) ? "security" : "bugfix")" version="1">
            <id>DEMO-\(number)</id><title>\(package.name)</title><severity>Important</severity>
            <issued date="2026-01-01 00:00:00"/><pkglist><collection><name>demo</name>
            <package name="\(package.name)" version="\(package.version)" release="1" epoch="0" arch="noarch">
            <filename>\(package.name)-\(package.version)-1.noarch.rpm</filename></package></collection></pkglist></update>
            """
        }
        let text = "<?xml version=\"1.0\"?>\n<updates>\n\(updates.joined(separator: "\n"))\n</updates>\n"
        try write(text, to: "updateinfo.xml")
        try await run(["modifyrepo_c", "\(folder)/updateinfo.xml", target + "/repodata"])
    }

    /// Installs packages, or other versions of them, into the database; `more` are further arguments of rpm.
    func install(_ packages: [Package], _ more: [String] = ["-U", "--oldpackage"]) async throws {
        for package in packages { try await build(package, into: folder + "/packages") }
        let files = packages.map { "\(folder)/packages/\($0.name)-\($0.version)-1.noarch.rpm" }
        try await run(["rpm", "--justdb", "--nodeps", "--replacepkgs"] + more + files)
    }

    private func build(_ package: Package, into target: String) async throws {
        let requirement = package.requirement.map { "Requires: \($0)\n" } ?? ""
        let text = """
            Name: \(package.name)
            Version: \(package.version)
            Release: 1
            Summary: a package of the test
            License: none
            BuildArch: noarch
            \(requirement)
            %description
            A package of the test.
            %files
            """
        try write(text + "\n", to: "package.spec")
        let name = "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm"
        try await run([
            "rpmbuild", "-bb", "--quiet", "--define", "_topdir \(folder)/build", "--define", "_rpmdir \(target)",
            "--define", "_build_name_fmt \(name)", "\(folder)/package.spec",
        ])
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    /// Puts a program of the test's own on the machine's path.
    func program(_ name: String, _ line: String) throws {
        try write("#!/bin/sh\n\(line)\n", to: "bin/\(name)")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/bin/\(name)")
    }

    /// Runs a tool of the test's own, which sees the same database.
    @discardableResult
    func run(_ arguments: [String]) async throws -> String {
        let runner = RealRunner(environment: ["PATH": "/usr/bin:/bin", "HOME": folder + "/home"])
        let result = try await runner.run(Command(arguments))
        guard result.exitCode == 0 else {
            throw Failure(text: "\(arguments.joined(separator: " ")): \(result.output) \(result.errorOutput)")
        }
        return result.output
    }

    /// A tool of the test that failed; a missing one is installed by `scripts/setup test`.
    struct Failure: Error, CustomStringConvertible {
        var text: String
        var description: String { text }
    }

    func status(_ policy: PatchPolicy = PatchPolicy()) async throws(PatchInspectionError) -> PatchStatus {
        try await SystemPatchInspector().patchStatus(via: runner, policy: policy, timeout: .seconds(60))
    }
}
