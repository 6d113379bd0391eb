import Foundation
import TestSupport
import Testing
import Workflow

@testable import HealthChecks

/// A package repository of a test's own, which containers reach over HTTP at the lab's gateway.
final class PackageServer {
    let address: String
    private let container: LXDContainer
    private let process = Process()

    /// Serves an empty repository and makes it the only one that the container knows.
    init(for container: LXDContainer) async throws {
        self.container = container
        let file = URL(fileURLWithPath: RealLXD.folder).deletingLastPathComponent().appendingPathComponent("lab.env")
        let facts = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let gateway = try #require(facts.first { $0.hasPrefix("gateway=") }).dropFirst("gateway=".count)
        let folder = "\(container.folder)/repository"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-u", "-m", "http.server", "0", "--bind", String(gateway), "--directory", folder]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // "Serving HTTP on 10.1.2.1 port 43211 (http://…) ..." comes once it listens.
        let words = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).split(separator: " ")
        let port = words.firstIndex(of: "port").flatMap { Int(words[$0 + 1]) } ?? 0
        address = "http://\(gateway):\(port)"
        try #require(port > 0)
        try await publish("pat-base", "1.0")
        try await container.shell(
            """
            rm -rf /etc/apt/sources.list.d/*
            echo 'deb [trusted=yes] \(address) ./' >/etc/apt/sources.list
            printf '%s\\n' 'Acquire::http::Proxy::\(gateway) "DIRECT";' 'Acquire::http::Pipeline-Depth "0";' \
                >/etc/apt/apt.conf.d/90test
            """)
    }

    deinit { stop() }

    /// Ends the server: from now on the mirror is unreachable.
    func stop() {
        guard process.isRunning else { return }
        // The child has inherited this thread's blocked signals, SIGTERM among them.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Adds a package.
    func publish(_ package: String, _ version: String) async throws {
        try await container.here(
            """
            cd "$1"; rm -rf tree; mkdir -p tree/DEBIAN "tree/usr/share/\(package)"
            echo \(version) >"tree/usr/share/\(package)/version"
            printf '%s: %s\\n' Package \(package) Version \(version) Architecture all Section misc Priority optional \
                Maintainer 'A test <test@example.org>' Description 'a package of a test' >tree/DEBIAN/control
            dpkg-deb --root-owner-group -Zgzip -b tree repository/\(package)_\(version)_all.deb
            cd repository; apt-ftparchive packages . >Packages; apt-ftparchive release . >../Release
            # HTTP knows whole seconds only, and a fast machine publishes twice in one of them.
            if [ -e Release ]; then touch -d "@$(($(stat -c %Y Release) + 60))" ../Release Packages; fi
            mv ../Release .
            """)
    }
}
