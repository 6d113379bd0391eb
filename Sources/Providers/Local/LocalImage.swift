import Foundation
import Workflow

/// An image of the local provider: a folder with `image.json`, a dpkg root, a first-boot script and a service.
struct LocalImage: Codable {
    /// What it is called.
    var name: String
    /// What it is, for people.
    var description: String
    /// The service's program and arguments; a program with a slash counts from the instance's disk.
    var service: [String]
    /// The first-boot script's path within the image.
    var firstBoot: String
    /// The apt repository's folder, absolute or counted from the image; a launch's `repository` property wins.
    var repository: String?
    /// The repository's suites.
    var suites: [String]?
    /// The suites' components.
    var components: [String]?

    /// Reads the image in `folder`; throws a text for people that says what is missing, where, and what to do.
    static func read(folder: String) throws(LocalProblem) -> LocalImage {
        let path = "\(folder)/image.json"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LocalProblem(
                .imageNotFound,
                "no image there: \(path) cannot be read. Build one with `scripts/local-image build DIR`, "
                    + "or name an image that exists")
        }
        let image: LocalImage
        do {
            image = try JSONDecoder().decode(LocalImage.self, from: data)
        } catch {
            throw LocalProblem(.invalidRequest, "\(path) is not a valid image description: \(error)")
        }
        try image.check(folder)
        return image
    }

    private func check(_ folder: String) throws(LocalProblem) {
        guard let program = service.first, !program.isEmpty else {
            throw LocalProblem(.invalidRequest, "\(folder)/image.json names no service command")
        }
        guard !firstBoot.hasPrefix("/"), !firstBoot.split(separator: "/").contains("..") else {
            throw LocalProblem(.invalidRequest, "\(folder)/image.json: firstBoot must lie within the image")
        }
        for part in [firstBoot, "root/var/lib/dpkg/status"]
        where !FileManager.default.fileExists(atPath: "\(folder)/\(part)") {
            throw LocalProblem(.imageNotFound, "the image is incomplete: \(folder)/\(part) is missing; build it again")
        }
    }
}
