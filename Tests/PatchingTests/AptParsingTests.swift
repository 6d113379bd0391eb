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

    @Test func readsKeptBackPackagesAsSecurity() {
        let text = """
            The following packages have been kept back:
               snapd (2.58 => 2.63)
               broken
            0 upgraded, 0 newly installed, 0 to remove and 1 not upgraded.
            """
        let updates = AptStatusReader.keptBack(in: text.split(separator: "\n"))
        #expect(updates == [PendingUpdate(package: "snapd", installed: "2.58", candidate: "2.63", isSecurity: true)])
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
