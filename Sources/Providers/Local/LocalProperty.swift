import Foundation
import Workflow

/// The properties that launches of the local provider understand.
enum LocalProperty {
    /// The service's port; 8080 when absent.
    static let port = "port"
    /// The folder of the apt repository; the image's own when absent.
    static let repository = "repository"
    /// Makes first boot install nothing when it is `no`.
    ///
    /// Never inherited, so that a replacement is always patched.
    static let firstBootPatch = "firstBootPatch"
    /// Makes terminate refuse when it is `yes`.
    ///
    /// Never inherited, so that a failed replacement can be removed.
    static let protected = "protected"
    /// Properties that begin with this become variables of the service.
    static let environmentPrefix = "env."
    /// The port when no property names one.
    static let defaultPort = 8080

    private static let reserved: Set<String> = [
        "ADDRESS", "PORT", "INSTANCE_ID", "INSTANCE_NAME", "APT_CONFIG", "DPKG_ROOT", "DPKG_ADMINDIR", "PATH",
    ]

    /// Whether a replacement inherits the property.
    static func isInherited(_ key: String) -> Bool {
        key != firstBootPatch && key != protected
    }

    /// Whether the provider knows the property.
    static func isKnown(_ key: String) -> Bool {
        [port, repository, firstBootPatch, protected].contains(key) || key.hasPrefix(environmentPrefix)
    }

    /// The service's port; throws when it is no port that an ordinary user may open.
    static func port(in properties: [String: String]) throws(LocalProblem) -> Int {
        guard let text = properties[port] else { return defaultPort }
        guard let number = Int(text), (1024...65535).contains(number) else {
            throw LocalProblem(.invalidRequest, "the property port is `\(text)`; it must be a number of 1024 to 65535")
        }
        return number
    }

    /// The service's own variables; throws when a name is no variable's name or belongs to the provider.
    static func environment(in properties: [String: String]) throws(LocalProblem) -> [String: String] {
        var environment: [String: String] = [:]
        for (key, value) in properties where key.hasPrefix(environmentPrefix) {
            let name = String(key.dropFirst(environmentPrefix.count))
            let isName =
                name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || isAlphanumeric($0) }
                && name.utf8.first.map { !isDigit($0) } == true
            guard isName, !reserved.contains(name), !name.hasPrefix("CHANGEOVER_"), !name.hasPrefix("LD_") else {
                throw LocalProblem(.invalidRequest, "the property \(key) names no variable that a launch may set")
            }
            guard !value.utf8.contains(0) else {
                throw LocalProblem(.invalidRequest, "the property \(key) has a NUL byte")
            }
            environment[name] = value
        }
        return environment
    }

    /// Whether `name` may name an image or an instance: letters, digits, `.`, `_`, `-`, not first a dot, at most 100.
    static func isPlainName(_ name: String) -> Bool {
        let bytes = name.utf8
        guard let first = bytes.first, bytes.count <= 100, isAlphanumeric(first) else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || [UInt8(ascii: "."), 0x5F, 0x2D].contains($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
