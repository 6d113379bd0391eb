/// The configuration and credentials files, as they are now.
struct ProfileFiles: Sendable {
    /// The profiles of the configuration file only.
    private(set) var configured: [String: [String: String]] = [:]
    /// The sections of the credentials file only.
    private(set) var credentials: [String: [String: String]] = [:]
    /// Both; where both have a key the credentials file's value counts.
    private(set) var merged: [String: [String: String]] = [:]
    /// The endpoints in `services` sections, by the section's name and the service's key.
    private(set) var services: [String: [String: String]] = [:]
    let configurationPath: String
    let credentialsPath: String

    /// Reads the files that the environment names.
    init(environment: [String: String]) throws(AWSError) {
        configurationPath = Self.expanded(environment["AWS_CONFIG_FILE"] ?? "~/.aws/config", environment)
        credentialsPath = Self.expanded(
            environment["AWS_SHARED_CREDENTIALS_FILE"] ?? "~/.aws/credentials", environment)
        for (name, section) in try Self.sections(configurationPath) {
            if name == "default" {
                configured[name] = Self.texts(section)
            } else if name.hasPrefix("profile"), let words = ShellWords.split(name), words.count == 2 {
                configured[words[1]] = Self.texts(section)
            } else if name.hasPrefix("services"), let words = ShellWords.split(name), words.count == 2 {
                services[words[1]] = section.compactMapValues { value in
                    if case .nested(let settings) = value { settings["endpoint_url"] } else { nil }
                }
            }
        }
        credentials = try Self.sections(credentialsPath).mapValues(Self.texts)
        merged = configured.merging(credentials) { config, own in config.merging(own) { _, last in last } }
    }

    private static func texts(_ section: INIFile.Section) -> [String: String] {
        section.compactMapValues(\.text)
    }

    private static func sections(_ path: String) throws(AWSError) -> [String: INIFile.Section] {
        switch SmallFile.read(path) {
        case .missing:
            return [:]
        case .unreadable(let reason):
            throw .configuration("\(path) cannot be read: \(reason)")
        case .bytes(let bytes):
            do throws(INIFile.Problem) {
                return try INIFile(String(decoding: bytes, as: UTF8.self)).sections
            } catch {
                throw .configuration("\(path), line \(error.line): \(error.reason)")
            }
        }
    }

    /// Replaces a leading `~` and variables (`$NAME`, `${NAME}`); unknown ones stay.
    static func expanded(_ path: String, _ environment: [String: String]) -> String {
        var result = ""
        var rest = Substring(path)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            let after = rest[rest.index(after: dollar)...]
            let isBraced = after.hasPrefix("{")
            let name = (isBraced ? after.dropFirst() : after).prefix {
                $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")
            }
            let length = name.count + (isBraced ? 2 : 0)
            let isClosed = !isBraced || after.dropFirst(length - 1).hasPrefix("}")
            if let value = environment[String(name)], !name.isEmpty, isClosed {
                result += value
                rest = after.dropFirst(length)
            } else {
                result += "$"
                rest = after
            }
        }
        result += rest
        guard let home = environment["HOME"], result == "~" || result.hasPrefix("~/") else { return result }
        return home + result.dropFirst()
    }
}
