import Foundation
import Glibc
import Workflow

/// Asks what would stand in the way of a launch.
///
/// All of it blocks, and changes nothing.
struct LocalPreflight {
    let layout: LocalLayout

    /// Room that an instance needs beyond its image, for packages and logs.
    private static let spareBytes: UInt64 = 64 << 20

    /// The repository folder of a launch: the property, else the image's own.
    static func repository(of specification: LaunchSpecification, image: LocalImage, layout: LocalLayout) -> String? {
        if let path = specification.properties[LocalProperty.repository] { return path }
        guard let path = image.repository else { return nil }
        let base = URL(fileURLWithPath: layout.image(specification.image.rawValue), isDirectory: true)
        return URL(fileURLWithPath: path, relativeTo: base).standardizedFileURL.path
    }

    /// One finding per obstacle or warning.
    func findings(for specification: LaunchSpecification) -> [PreflightFinding] {
        var findings = toolFindings() + propertyFindings(specification)
        do throws(LocalProblem) {
            guard LocalProperty.isPlainName(specification.image.rawValue) else {
                throw LocalProblem(.imageNotFound, "`\(specification.image)` cannot name an image")
            }
            let folder = layout.image(specification.image.rawValue)
            let image = try LocalImage.read(folder: folder)
            findings += repositoryFindings(specification, image: image) + spaceFindings(image: folder)
        } catch {
            findings.append(PreflightFinding(.obstacle, code: "image", message: error.detail))
        }
        return findings
    }

    private func toolFindings() -> [PreflightFinding] {
        ["apt-get", "dpkg", "cp"].compactMap { tool in
            let request = ProcessRequest(arguments: [tool], environment: [:], folder: nil)
            guard (try? ProgramSearch(request).find()) == nil else { return nil }
            return PreflightFinding(
                .obstacle, code: "tools",
                message: "\(tool) is not installed here and the local provider needs it; it works on Debian and Ubuntu."
            )
        }
    }

    private func propertyFindings(_ specification: LaunchSpecification) -> [PreflightFinding] {
        let unknown = specification.properties.keys.filter { !LocalProperty.isKnown($0) }.sorted().map {
            PreflightFinding(
                .warning, code: "property", message: "The local provider does not know the property \($0).")
        }
        do {
            _ = try LocalProperty.port(in: specification.properties)
            _ = try LocalProperty.environment(in: specification.properties)
            return unknown
        } catch {
            return unknown + [PreflightFinding(.obstacle, code: "property", message: error.detail)]
        }
    }

    private func repositoryFindings(_ specification: LaunchSpecification, image: LocalImage) -> [PreflightFinding] {
        guard let path = Self.repository(of: specification, image: image, layout: layout) else {
            return [
                PreflightFinding(
                    .warning, code: "repository",
                    message: "The image \(specification.image) names no package repository, so nothing can be patched.")
            ]
        }
        guard path.hasPrefix("/"), access("\(path)/dists", R_OK | X_OK) == 0 else {
            return [
                PreflightFinding(
                    .obstacle, code: "repository",
                    message: "The package repository \(path) has no readable folder dists. Build it with "
                        + "`scripts/local-image build DIR` or correct the property `repository`.")
            ]
        }
        return []
    }

    private func spaceFindings(image: String) -> [PreflightFinding] {
        var existing = layout.root
        while access(existing, F_OK) != 0, existing != "/" {
            existing = (existing as NSString).deletingLastPathComponent
        }
        guard access(existing, W_OK) == 0 else {
            return [
                PreflightFinding(
                    .obstacle, code: "storage",
                    message: "\(existing) cannot be written by this user; choose another root for the provider.")
            ]
        }
        var statistics = statvfs()
        guard statvfs(existing, &statistics) == 0 else { return [] }
        let free = UInt64(statistics.f_bavail) * UInt64(statistics.f_frsize)
        let needed = size(of: image) + Self.spareBytes
        guard free < needed else { return [] }
        return [
            PreflightFinding(
                .obstacle, code: "disk",
                message: "\(existing) has \(free >> 20) MiB free and the instance needs about \(needed >> 20) MiB.")
        ]
    }

    private func size(of folder: String) -> UInt64 {
        guard let files = FileManager.default.enumerator(atPath: folder) else { return 0 }
        return files.reduce(into: 0) { total, file in
            var information = stat()
            guard let file = file as? String, lstat("\(folder)/\(file)", &information) == 0 else { return }
            total += UInt64(information.st_blocks) * 512
        }
    }
}
