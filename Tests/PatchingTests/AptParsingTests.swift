import Testing
import Workflow

@testable import Patching

@Suite struct AptParsingTests {
    @Test func readsInstLines() throws {
        let text = """
            Reading package lists...
            Inst openssl [3.0.14-1~deb12u2] (3.0.15-1~deb12u1 Debian-Security:12/stable-security [amd64])
            Inst tzdata [2024a-0] (2024b-0 Debian:12.8/stable [all])
            Inst linux-image-6.1.0-27-amd64 (6.1.115-1 Debian:12.8/stable, Debian-Security:12/stable-security [amd64])
            Inst libc6 [2.35-0ubuntu3.1] (2.35-0ubuntu3.8 Ubuntu:22.04/jammy-updates, Ubuntu:22.04/jammy-security [amd64]) []
            Inst apt [2.4.10] (2.4.12 Ubuntu:22.04/jammy-updates [amd64]) [apt-utils:amd64 ]
            Conf openssl (3.0.15-1~deb12u1 Debian-Security:12/stable-security [amd64])
            """
        let updates = try AptStatusReader.installs(in: text.split(separator: "\n"))
        #expect(
            updates == [
                PendingUpdate(
                    package: "openssl", installed: "3.0.14-1~deb12u2", candidate: "3.0.15-1~deb12u1", isSecurity: true),
                PendingUpdate(package: "tzdata", installed: "2024a-0", candidate: "2024b-0", isSecurity: false),
                PendingUpdate(
                    package: "linux-image-6.1.0-27-amd64", installed: nil, candidate: "6.1.115-1", isSecurity: true),
                PendingUpdate(
                    package: "libc6", installed: "2.35-0ubuntu3.1", candidate: "2.35-0ubuntu3.8", isSecurity: true),
                PendingUpdate(package: "apt", installed: "2.4.10", candidate: "2.4.12", isSecurity: false),
            ])
    }

    @Test(arguments: ["Inst ", "Inst x", "Inst x [1] 2", "Inst (1 [all])", "Inst x ()"])
    func refusesInstLinesItDoesNotUnderstand(line: String) {
        #expect(throws: PatchInspectionError.self) { try AptStatusReader.installs(in: [line[...]]) }
    }

    @Test func readsKeptBackPackagesAsSecurity() throws {
        let text = """
            The following packages have been kept back:
               snapd (2.58 => 2.63)
            0 upgraded, 0 newly installed, 0 to remove and 1 not upgraded.
            """
        let updates = try AptStatusReader.keptBack(in: text.split(separator: "\n"))
        #expect(updates == [PendingUpdate(package: "snapd", installed: "2.58", candidate: "2.63", isSecurity: true)])
    }

    @Test(arguments: [
        "The following packages have been kept back:\n   broken\n"
            + "0 upgraded, 0 newly installed, 0 to remove and 1 not upgraded.",
        "0 upgraded, 0 newly installed, 0 to remove and 3 not upgraded.", "", "Reading package lists...",
    ])
    func whatIsKeptBackAndNotNamedIsNotOverlooked(text: String) {
        #expect(throws: PatchInspectionError.self) { try AptStatusReader.keptBack(in: text.split(separator: "\n")) }
    }

    @Test func whatNeedsASubscriptionIsNotPending() throws {
        // The form is that of the hook in Ubuntu's ubuntu-advantage-tools.
        let text = """
            Calculating upgrade...
            The following packages have been kept back:
               snapd (2.58 => 2.63)
            The following security updates require Ubuntu Pro with 'esm-infra' enabled:
              libpam0g python3-pip openssl
            Learn more about Ubuntu Pro at https://ubuntu.com/pro
            The following packages will be upgraded:
               tzdata (2024a-0ubuntu0.20.04.1 => 2025b-0ubuntu0.20.04)
            Inst tzdata [2024a-0ubuntu0.20.04.1] (2025b-0ubuntu0.20.04 Ubuntu:20.04/focal-updates [all])
            1 upgraded, 0 newly installed, 0 to remove and 1 not upgraded.
            """
        let lines = text.split(separator: "\n")
        #expect(try AptStatusReader.keptBack(in: lines).map(\.package) == ["snapd"])
        #expect(try AptStatusReader.installs(in: lines).map(\.package) == ["tzdata"])
    }

    /// What the script prints for a machine on which two packages are kept back.
    private func output(update: String = "", locks: String = "", unpinned: String = "") -> ScriptSections {
        let upgrade = """
            The following packages have been kept back:
               libc6 (2.36-9 => 2.36-10)
               snapd (2.58 => 2.63)
            0 upgraded, 0 newly installed, 0 to remove and 2 not upgraded.
            """
        return ScriptSections(
            output: """
                @@begin locks-before\n@@end locks-before 0
                @@begin update\n\(update)\n@@end update 0
                @@begin repositories\nhttp://x/\n@@end repositories 0
                @@begin upgrade\n\(upgrade)\n@@end upgrade 0
                @@begin unpinned\n\(unpinned)\n\(upgrade)\n@@end unpinned 0
                @@begin states\nhold libc6\nhold libc6\ninstall snapd\n@@end states 0
                @@begin audit\n@@end audit 0
                @@begin locks-after\n\(locks)\n@@end locks-after 0
                @@begin reboot\nroot-elsewhere\n@@end reboot 0
                """)
    }

    @Test func aHeldPackageKeepsItsUpdate() throws {
        let status = try AptStatusReader(sections: output()).status()
        #expect(status.pending.map(\.package) == ["snapd"])
        #expect(status.held == ["libc6"])
        #expect(status.heldUpdates?.map(\.candidate) == ["2.36-10"])
    }

    @Test func whatAPinKeepsBackIsHeld() throws {
        let status = try AptStatusReader(sections: output(unpinned: "Inst perl [5.36-7] (5.36-8 Debian:12 [amd64])"))
            .status()
        #expect(status.pending.map(\.package) == ["snapd"])
        #expect(status.held == ["libc6", "perl"])
        #expect(status.heldUpdates?.map(\.candidate) == ["2.36-10", "5.36-8"])
    }

    @Test func aLockOrAFailedFetchIsUncertain() {
        #expect(throws: PatchInspectionError.self) { try AptStatusReader(sections: output(locks: "lock")).status() }
        let failed = "W: Failed to fetch http://x/InRelease  Could not connect"
        #expect(throws: PatchInspectionError.self) { try AptStatusReader(sections: output(update: failed)).status() }
    }

    @Test func readsHolds() {
        #expect(
            AptStatusReader.held(in: ["install a", "hold zsh", "hold nginx", "deinstall hold"]) == ["nginx", "zsh"])
    }

    @Test func readsListeningPorts() {
        let lines: [Substring] = [
            "LISTEN 0      128    127.42.7.1:8080       0.0.0.0:*", "LISTEN 0 128 127.42.7.2:8081 0.0.0.0:*",
            "LISTEN 0 4096 *:443 *:*", "LISTEN 0 4096 [::]:22 [::]:*", "LISTEN 0 5 [::1]:631 [::]:*",
            "LISTEN 0 5 127.0.0.53%lo:53 0.0.0.0:*", "LISTEN 0 5 10.0.0.3%eth0:68 0.0.0.0:*", "rubbish",
        ]
        #expect(FactsReader.ports(in: lines, address: "127.42.7.1", only: true) == ["tcp/8080"])
        #expect(
            FactsReader.ports(in: lines, address: "10.0.0.3", only: false) == ["tcp/22", "tcp/68", "tcp/443"])
    }

    @Test func readsPackagesAndMounts() {
        let packages = FactsReader.packages(in: [
            "installed libc6:amd64 2.36-9", "config-files old 1.0", "not-installed never ", "half-configured bad 2.0",
        ])
        #expect(packages == ["libc6:amd64": "2.36-9", "bad": "2.0"])
        let mounts = FactsReader.mounts(in: [
            "/dev/sda1 / ext4 rw 0 0", "proc /proc proc rw 0 0", "tmpfs /run tmpfs rw 0 0",
        ])
        #expect(mounts == ["/ ext4"])
    }

    @Test(
        arguments: [
            (["release 6.1.0-27-amd64", "ksta 1"], false), (["release 6.1.0-27-amd64", "ksta 3"], true),
            (["release 6.1.0-27-amd64", "ksta 0"], nil), (["flag", "ksta 1"], true), (["root-elsewhere"], false),
            (["root-elsewhere", "flag"], false), (["container"], false), (["container", "flag"], true), ([], nil),
            (["release 6.1.0-26-amd64", "kernel installed linux-image-6.1.0-27-amd64 6.1.115-1"], true),
            (["release 6.1.0-9-amd64", "kernel installed linux-image-6.1.0-10-amd64 6.1.9-1"], true),
            (
                [
                    "release 6.1.0-27-amd64", "version #1 SMP Debian 6.1.115-1 (2024-11-01)",
                    "kernel installed linux-image-6.1.0-27-amd64 6.1.115-1",
                    "kernel config-files linux-image-6.1.0-28-amd64 6.1.119-1",
                ], false
            ),
            (
                [
                    "release 6.1.0-27-amd64", "version #1 SMP Debian 6.1.115-1 (2024-11-01)",
                    "kernel installed linux-image-6.1.0-27-amd64 6.1.116-1",
                ], true
            ),
        ] as [([String], Bool?)])
    func decidesOnReboots(lines: [String], expected: Bool?) {
        #expect(RebootEvidence(lines: lines.map { $0[...] }).isRequired == expected)
    }

    @Test func takesSectionsApart() throws {
        let sections = ScriptSections(
            output: "noise\n@@begin a\none\n\ntwo\n\n@@end a 0\n@@begin b\n@@end b 4\n@@begin c\nx")
        #expect(try sections.required("a") == ["one", "two"])
        #expect(sections.optional("b")?.exitCode == 4)
        #expect(throws: PatchInspectionError.self) { try sections.required("b") }
        #expect(throws: PatchInspectionError.self) { try sections.required("c") }
    }
}
