import Foundation

/// One Swift file of the checkout.
struct SourceFile: Sendable {
    /// The path below the checkout, such as `Sources/Engine/EngineError.swift`.
    let path: String
    /// The code of each line, without comments and text literals.
    let lines: [String]

    init(path: String, text: String) {
        self.path = path
        lines = SourceText(text).lines
    }

    /// The folder below `Sources` or `Tests`, which is the target.
    var target: String {
        path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
    }
}

/// The checkout that this test file belongs to.
enum SourceTree {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file of the targets; empty when the tree cannot be read.
    static let sources = (try? files(below: "Sources")) ?? []
    /// Every Swift file of the tests; empty when the tree cannot be read.
    static let tests = (try? files(below: "Tests")) ?? []

    /// Every Swift file below a top folder; throws when the folder cannot be read.
    static func files(below folder: String) throws -> [SourceFile] {
        let start = root.appending(path: folder).resolvingSymlinksInPath()
        let paths = try FileManager.default.subpathsOfDirectory(atPath: start.path).sorted()
        return try paths.filter { $0.hasSuffix(".swift") }.map { path in
            let data = try Data(contentsOf: start.appending(path: path))
            return SourceFile(path: "\(folder)/\(path)", text: String(decoding: data, as: UTF8.self))
        }
    }

    /// The names of the folders directly below a top folder.
    static func folders(below folder: String) throws -> [String] {
        let start = root.appending(path: folder).resolvingSymlinksInPath()
        return try FileManager.default.contentsOfDirectory(atPath: start.path).filter { name in
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(
                atPath: start.appending(path: name).path, isDirectory: &isFolder)
            return exists && isFolder.boolValue
        }.sorted()
    }
}
