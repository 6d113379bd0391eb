import Foundation
import Workflow

@testable import Patching

/// A machine as apt and dpkg see one, below a temporary folder: a root of its own and a repository of small packages.
///
/// The real apt and dpkg do the work, as for an instance of the local provider, but with their locks.
struct AptLab: Sendable {
    /// A package to be built.
    struct Package: Sendable {
        var name: String
        var version: String
        var fields: [String] = []
        /// The script that runs after it is unpacked.
        var postinst: String?
        /// The text of its configuration file `/etc/NAME.conf`.
        var configuration: String?

        init(_ name: String, _ version: String) {
            (self.name, self.version) = (name, version)
        }
    }

    /// A step that went wrong.
    struct Failure: Error, CustomStringConvertible {
        var text: String
        var description: String { text }
    }

    let folder: String
    var root: String { folder + "/root" }
    var updater: SystemMachineUpdater { SystemMachineUpdater(timeout: .seconds(60)) }

    /// The runner that an update is begun with.
    var runner: RealRunner {
        RealRunner(environment: [
            "PATH": "\(folder)/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": root,
            "APT_CONFIG": "\(folder)/apt.conf", "DPKG_ROOT": root, "DPKG_ADMINDIR": "\(root)/var/lib/dpkg",
            "CHANGEOVER_TEST_LAB": folder,
        ])
    }

    /// Makes a machine with these packages installed; whatever still runs of it at the end is killed.
    static func use(_ packages: [Package], _ body: (AptLab) async throws -> Void) async throws {
        let lab = AptLab(folder: "/tmp/chg-apt-" + UUID().uuidString.prefix(8).lowercased())
        defer {
            lab.killAll()
            try? FileManager.default.removeItem(atPath: lab.folder)
        }
        try await lab.prepare(packages)
        try await body(lab)
    }

    private func prepare(_ packages: [Package]) async throws {
        let folders = [
            "bin", "root/var/lib/dpkg/info", "root/var/lib/dpkg/updates", "root/var/lib/apt/lists/partial", "root/run",
            "root/var/cache/apt/archives/partial", "root/var/log/apt", "root/etc/apt/apt.conf.d",
            "root/etc/apt/preferences.d", "root/etc/apt/sources.list.d", "root/etc/apt/trusted.gpg.d",
        ]
        for name in folders {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        // Foundation's `Process` takes a process for running as long as anything holds what it inherited from it.
        try write(
            """
            #!/bin/bash
            for file in /proc/self/fd/*; do
                number=${file##*/}
                [ "$number" -le 2 ] || eval "exec $number>&-" 2>/dev/null
            done
            exec /usr/bin/setsid "$@"

            """, to: "bin/setsid")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/bin/setsid")
        try write("", to: "root/var/lib/dpkg/status")
        try configure()
        let suites = ["main", "security"].map { "deb [trusted=yes] file:\(folder)/repository \($0) main\n" }
        try write(suites.joined(), to: "root/etc/apt/sources.list")
        for package in packages { try await build(package, into: "installed") }
        if !packages.isEmpty {
            try await shell(
                #"dpkg --root="$0/root" --force-not-root --force-script-chrootless --log=/dev/null -i "$0"/installed/*.deb"#
            )
        }
        try await publish([])
    }

    /// Writes apt's configuration with these further lines.
    func configure(_ lines: String = "") throws {
        try write(
            """
            Dir "\(root)/";
            Dir::State::status "\(root)/var/lib/dpkg/status";
            Dir::Bin::dpkg "dpkg";
            DPkg::Options { "--root=\(root)"; "--force-not-root"; "--force-script-chrootless";
                "--log=\(root)/var/log/dpkg.log"; };
            DPkg::Path "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
            APT::Sandbox::User "";
            Acquire::Languages "none";
            \(lines)

            """, to: "apt.conf")
    }

    /// Adds packages to a suite, `main` or `security`.
    func publish(_ packages: [Package], in suite: String = "main") async throws {
        for package in packages { try await build(package, into: "repository/pool/\(suite)") }
        try await shell(
            #"""
            mkdir -p "$0/repository/pool/main" "$0/repository/pool/security" && cd "$0/repository" || exit
            architecture=$(dpkg --print-architecture)
            for suite in main security; do
                label=Demo
                [ "$suite" = main ] || label=Demo-Security
                mkdir -p "dists/$suite/main/binary-$architecture" "dists/$suite/main/binary-all"
                apt-ftparchive packages "pool/$suite" >"dists/$suite/main/binary-$architecture/Packages"
                : >"dists/$suite/main/binary-all/Packages"
                apt-ftparchive -o "APT::FTPArchive::Release::Origin=Demo" -o "APT::FTPArchive::Release::Label=$label" \
                    -o "APT::FTPArchive::Release::Suite=$suite" -o "APT::FTPArchive::Release::Codename=$suite" \
                    -o "APT::FTPArchive::Release::Architectures=all $architecture" \
                    -o "APT::FTPArchive::Release::Components=main" release "dists/$suite" >../Release || exit
                mv ../Release "dists/$suite/Release"
            done
            """#)
    }

    private func build(_ package: Package, into target: String) async throws {
        try? FileManager.default.removeItem(atPath: "\(folder)/tree")
        let tree = "tree/DEBIAN"
        for name in [tree, "tree/etc", "tree/usr/share/\(package.name)", target] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        let fields =
            [
                "Package: \(package.name)", "Version: \(package.version)", "Architecture: all", "Section: misc",
                "Priority: optional", "Maintainer: A test <test@example.org>",
            ] + package.fields + ["Description: a package of the test"]
        try write(fields.joined(separator: "\n") + "\n", to: "\(tree)/control")
        try write(package.version + "\n", to: "tree/usr/share/\(package.name)/version")
        if let text = package.configuration {
            try write(text, to: "tree/etc/\(package.name).conf")
            try write("/etc/\(package.name).conf\n", to: "\(tree)/conffiles")
        }
        if let text = package.postinst {
            try write("#!/bin/sh\n\(text)\n", to: "\(tree)/postinst")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: "\(folder)/\(tree)/postinst")
        }
        try await shell(
            #"dpkg-deb --root-owner-group -Zgzip -z1 -b "$0/tree" "$0/\#(target)/\#(package.name)_\#(package.version)_all.deb""#
        )
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    /// A file's text; nothing where there is none.
    func read(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data(), as: UTF8.self)
    }

    /// Puts a program of the test's own on the machine's path.
    func program(_ name: String, _ line: String) throws {
        try write("#!/bin/sh\n\(line)\n", to: "bin/\(name)")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/bin/\(name)")
    }

    /// Runs a script on the machine, as whoever administers it; `$0` is the lab's folder.
    @discardableResult
    func shell(_ script: String) async throws -> String {
        let result = try await runner.run(Command(["sh", "-c", script, folder]))
        guard result.exitCode == 0 else { throw Failure(text: "\(script): \(result.output) \(result.errorOutput)") }
        return result.output
    }

    /// The version that is installed of a package.
    func version(of package: String) async throws -> String {
        try await shell("dpkg-query -W -f '${Version}' \(package)")
    }

    /// How often dpkg's log says that a version was unpacked.
    func unpackings(of package: String, _ version: String) -> Int {
        read("root/var/log/dpkg.log").split(separator: "\n").count {
            $0.contains(" upgrade \(package):all ") && $0.hasSuffix(" \(version)")
        }
    }

    /// The processes of this machine: whatever carries the lab's folder in its environment.
    func processes() -> [pid_t] {
        let mark = Data("CHANGEOVER_TEST_LAB=\(folder)".utf8)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap(pid_t.init).filter {
            FileManager.default.contents(atPath: "/proc/\($0)/environ")?.range(of: mark) != nil
        }
    }

    /// Kills every process of this machine at once, as a loss of power would.
    func killAll() {
        while case let found = processes(), !found.isEmpty { for process in found { kill(process, SIGKILL) } }
    }

    /// Looks every 50 ms, for a minute at most, until there is a value.
    @discardableResult
    func eventually<Value>(
        _ what: String, _ value: () async throws -> Value?
    ) async throws -> Value {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if let value = try await value() { return value }
            try await ContinuousClock().sleep(for: .milliseconds(50))
        }
        throw Failure(text: "\(what) did not come; the log: \(log)")
    }

    static let token = UpdateToken("up-1")

    func request(_ policy: PatchPolicy = PatchPolicy(), timeout: Span = .seconds(120)) -> UpdateRequest {
        UpdateRequest(instance: InstanceID("i-1"), token: Self.token, policy: policy, timeout: timeout)
    }

    var log: String { read("root/var/lib/changeover/updates/\(Self.token)/output.log") }

    func status() async throws -> UpdateProgress.Status {
        try await updater.progress(of: Self.token, after: 0, via: runner).status
    }

    /// Begins an update and waits for its end.
    func update(_ policy: PatchPolicy = PatchPolicy(), timeout: Span = .seconds(120)) async throws -> UpdateResult {
        try await updater.begin(request(policy, timeout: timeout), via: runner)
        return try await end()
    }

    /// Waits for the update's end.
    func end() async throws -> UpdateResult {
        try await eventually("the update's end") {
            switch try await status() {
            case .ended(let result): return result
            case .running: return nil
            case .absent, .interrupted: throw Failure(text: "the update was interrupted: \(log)")
            }
        }
    }
}
