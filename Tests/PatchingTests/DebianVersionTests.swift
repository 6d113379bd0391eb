import Testing
import Workflow

@testable import Patching

@Suite struct DebianVersionTests {
    /// Each pair: the first is older to `dpkg --compare-versions`.
    @Test(arguments: [
        ("1.0", "1.1"), ("1.9", "1.10"), ("1.0~rc1", "1.0"), ("1.0~~", "1.0~"), ("1.0", "1.0a"), ("1.0a", "1.0+b"),
        ("9.9", "1:0.1"), ("1.0-1", "1.0-2"), ("1.0", "1.0-1"), ("1.0-1", "1.0-1+deb12u1"), ("1.0-1~bpo1", "1.0-1"),
        ("6.1.0-9", "6.1.0-10"), ("1.0.0", "1.0.0.0"), ("2024a", "2024b"), ("1.2-3-4", "1.2-3-5"),
    ])
    func ordersAsDpkgDoes(older: String, newer: String) {
        #expect(DebianVersion(older) < DebianVersion(newer))
        #expect(!(DebianVersion(newer) < DebianVersion(older)))
    }

    @Test(arguments: [("1.0", "1.00"), ("0:1", "1"), ("1.0-0", "1.0"), ("1.", "1.0")])
    func takesTheSameForTheSame(left: String, right: String) {
        #expect(DebianVersion(left) == DebianVersion(right))
    }

    @Test func comparesPackages() {
        let original = facts(["a": "1.0", "b:amd64": "1.0", "c": "1.0", "d": "2.0", "e": "1"])
        let replacement = facts(["a": "1.1", "b:amd64": "1.2", "d": "1.0", "e": "1", "f": "1"])
        let status = PatchStatus(pending: [
            PendingUpdate(package: "b", installed: "1.0", candidate: "1.2", isSecurity: true),
            PendingUpdate(package: "a", installed: "1.0", candidate: "1.5", isSecurity: true),
        ])
        let comparison = PackageComparison(original: original, replacement: replacement, status: status)
        #expect(comparison.unchangedCount == 1)
        #expect(comparison.differences.map(\.kind) == [.upgraded, .upgraded, .removed, .downgraded, .added])
        #expect(comparison.differences.filter(\.isSecurity).map(\.package) == ["b:amd64"])
    }

    @Test func comparesPackagesOfRPMAsRPMDoes() {
        // A step of a z-stream, which dpkg would call older.
        var (original, replacement) = (facts(["kernel": "5.14.0-427.el9"]), facts(["kernel": "5.14.0-427.42.1.el9_4"]))
        (original.packageFormat, replacement.packageFormat) = (.rpm, .rpm)
        let comparison = PackageComparison(original: original, replacement: replacement)
        #expect(comparison.differences.map(\.kind) == [.upgraded])
    }

    private func facts(_ packages: [String: String]) -> MachineFacts {
        MachineFacts(
            packages: packages, kernel: "", bootID: nil, listeningPorts: [], units: [], mounts: [], users: [])
    }
}
