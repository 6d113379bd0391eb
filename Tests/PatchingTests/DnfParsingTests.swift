import Testing
import Workflow

@testable import Patching

/// What the reader makes of dnf's words.
///
/// Those of dnf 5 follow its manual, not a run: Debian has no dnf 5.
@Suite struct DnfParsingTests {
    static let sections: [(name: String, text: String, code: Int)] = [
        ("repositories", "repo id  repo name\nupdates  Fedora 41 - x86_64 - Updates", 0),
        ("update", "bash.x86_64 5.2.37-1.fc41 updates\nvim-minimal.x86_64\n 2:9.1.9-1.fc41 updates", 100),
        ("everything", "update bash x86_64 5.2.37-1.fc41 updates\nupdate vim-minimal x86_64 2:9.1.9-1.fc41 updates", 0),
        ("locks", "# Added by 'versionlock add' command on 2026-01-01 10:00:00\nPackage name: acpi\nevr = 1.7-10", 0),
        (
            "security",
            """
            Name                   Type     Severity                Package              Issued
            FEDORA-2024-1f8a1b7c6d security Important bash-5.2.37-1.fc41.x86_64 2024-10-01 12:00:00
            FEDORA-2024-1f8a1b7c6d security Important bash-doc-5.2.37-1.fc41.x86_64 2024-10-01 12:00:00
            """, 0
        ),
        ("advisories", "updates", 0),
        ("installed", "installed bash x86_64 5.2.32-1.fc41\ninstalled vim-minimal x86_64 2:9.1.1-1.fc41", 0),
        ("audit", "", 0),
        ("reboot", "release 6.11.4-301.fc41.x86_64\nhint Reboot should not be necessary.", 0),
    ]

    private func sections(
        _ changes: [String: (text: String, code: Int)] = [:], without missing: String? = nil
    ) -> ScriptSections {
        let texts = Self.sections.filter { $0.name != missing }.map { section in
            let (text, code) = changes[section.name] ?? (section.text, section.code)
            return "@@begin \(section.name)\n\(text)\n@@end \(section.name) \(code)\n"
        }
        return ScriptSections(output: texts.joined())
    }

    private func code(
        _ changes: [String: (text: String, code: Int)], without missing: String? = nil
    ) -> PatchInspectionError.Code? {
        do throws(PatchInspectionError) {
            _ = try DnfStatusReader(sections: sections(changes, without: missing)).status()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func readsDnf5() throws {
        let status = try DnfStatusReader(sections: sections()).status()
        #expect(
            status.pending == [
                PendingUpdate(
                    package: "bash", installed: "5.2.32-1.fc41", candidate: "5.2.37-1.fc41", isSecurity: true),
                PendingUpdate(
                    package: "vim-minimal", installed: "2:9.1.1-1.fc41", candidate: "2:9.1.9-1.fc41", isSecurity: false),
            ])
        #expect(status.held == ["acpi"] && status.heldUpdates == [])
        #expect(status.rebootRequired == false && status.auditFindings == [])
    }

    @Test func isCertainOrThrows() {
        #expect(code([:]) == nil)
        #expect(code(["update": ("", 100)]) == .malformedOutput)
        #expect(code(["everything": ("", 0)]) == .malformedOutput)
        let down = ["update": ("Error: Failed to download metadata for repo 'updates'", 1)]
        #expect(code(down) == .repositoryUnavailable)
        #expect(code(["repositories": ("repo id  repo name", 0)]) == .repositoryUnavailable)
        #expect(code(["repositories": ("", 0)]) == .repositoryUnavailable)
        #expect(code(["everything": ("bash.x86_64 5.2 updates", 0)]) == .malformedOutput)
        for name in ["everything", "security", "advisories", "installed", "reboot"] {
            #expect(code([name: ("", 1)]) == .commandFailed, "\(name)")
        }
        for section in Self.sections.map(\.name) where section != "locks" {
            #expect(code([:], without: section) == .malformedOutput, "\(section)")
        }
    }

    @Test func whatCheckUpdateDoesNotPrintIsHeld() throws {
        let status = try DnfStatusReader(sections: sections(["update": ("", 0)])).status()
        #expect(status.pending == [])
        #expect(status.held == ["acpi", "bash", "vim-minimal"])
        #expect(status.heldUpdates?.map(\.package) == ["bash", "vim-minimal"])
    }

    @Test func findingsOfDnfCheck() throws {
        let broken = try DnfStatusReader(sections: sections(["audit": ("a has missing requires of b", 1)])).status()
        #expect(broken.auditFindings == ["a has missing requires of b"])
        let silent = try DnfStatusReader(sections: sections(["audit": ("", 1)])).status()
        #expect(!silent.auditFindings.isEmpty)
    }

    @Test(
        arguments: [
            (["hint Reboot is required to fully utilize these updates."], true),
            (["hint Reboot should not be necessary."], false),
            (["hint No such command: needs-restarting. Please use /usr/bin/dnf --help"], nil),
            (["hint Unknown argument \"needs-restarting\" for command \"dnf5\"."], nil), ([], nil), (["flag"], true),
            (["container"], false), (["container", "hint Reboot is required to fully"], true),
            (["release 5.14.0-1.el9.x86_64", "kernel kernel-core 5.14.0-2.el9.x86_64"], true),
            (["release 5.14.0-1.el9.x86_64", "kernel kernel-core 5.14.0-1.el9.x86_64"], nil),
            (
                [
                    "release 5.14.0-10.el9.x86_64", "kernel kernel-core 5.14.0-9.el9.x86_64",
                    "kernel kernel-core 5.14.0-10.el9.x86_64", "kernel kernel-headers 5.14.0-11.el9.x86_64",
                    "hint Reboot should not be necessary.",
                ], false
            ),
            (
                [
                    "release 5.14.0-10.el9.x86_64+rt", "kernel kernel-rt-core 5.14.0-10.el9.x86_64",
                    "kernel kernel-core 5.14.0-12.el9.x86_64", "hint Reboot should not be necessary.",
                ], false
            ),
        ] as [([String], Bool?)])
    func decidesOnReboots(lines: [String], expected: Bool?) {
        #expect(DnfRebootEvidence(lines: lines.map { $0[...] }).isRequired == expected)
    }

    @Test func readsLocksOfBothGenerations() {
        let lines: [Substring] = [
            "bash-0:5.1.8-6.el9.*", "!vim-minimal-2:8.2-1.el9.*", "Last metadata expiration check: 0:01", "",
            "Package name: acpi",
        ]
        let section = ScriptSections.Section(lines: lines, exitCode: 0)
        #expect(DnfStatusReader.locks(in: section) == ["bash", "vim-minimal", "acpi"])
        #expect(DnfStatusReader.locks(in: .init(lines: lines, exitCode: 1)) == [])
        #expect(DnfStatusReader.locks(in: nil) == [])
    }

    @Test func readsPackages() {
        let packages = FactsReader.rpmPackages(in: [
            "installed bash x86_64 5.1-1.el9", "installed glibc i686 2.34-1", "installed glibc x86_64 2.34-1",
            "installed kernel-core x86_64 5.14.0-10.el9", "installed kernel-core x86_64 5.14.0-9.el9",
            "installed gpg-pubkey (none) 8483c65d-5ccc5b19",
        ])
        #expect(
            packages == [
                "bash": "5.1-1.el9", "glibc": "2.34-1", "glibc.i686": "2.34-1", "kernel-core": "5.14.0-10.el9",
            ])
    }
}
