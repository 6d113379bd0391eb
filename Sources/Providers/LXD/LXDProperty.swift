import Foundation
import LXDClient
import Workflow

/// The names of the properties of instances and launch specifications of the LXD provider.
///
/// The configuration's keys that may hold secrets are never among them: instances have a digest of them, and launch
/// specifications a digest and the instance from which they are read at the launch.
enum LXDProperty {
    static let type = "type"
    static let architecture = "architecture"
    /// The profiles' names in order, as a JSON list.
    static let profiles = "profiles"
    static let location = "location"
    static let target = "target"
    static let isEphemeral = "ephemeral"
    static let summary = "description"
    static let userDataFrom = "userDataFrom"
    static let userDataDigest = "userDataDigest"
    static let secretsFrom = "secretsFrom"
    static let secretsDigest = "secretsDigest"

    /// What limits begin with; the rest is LXD's own name.
    static let limitPrefix = "limits."
    /// What the remaining configuration begins with, followed by LXD's own key.
    static let configPrefix = "config."
    /// What devices begin with, followed by the device's name; the value is a JSON object with sorted keys.
    static let devicePrefix = "device."

    /// The tag that tells how first boot can be followed: `unit`, `cloud-init` or `none`.
    ///
    /// It is set as soon as the creation has ended well: an instance of ours without it is only half created.
    static let firstBootTag = OwnershipTag.prefix + "first-boot"
    /// The tag that holds the name for people.
    static let nameTag = "name"

    /// A JSON text, the same for the same value.
    static func text(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts, lists and dictionaries of texts can always be encoded.
        guard let data = try? encoder.encode(value) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Reads such a text; `nil` when it is none.
    static func value<Value: Decodable>(_ text: String, as type: Value.Type) -> Value? {
        try? JSONDecoder().decode(type, from: Data(text.utf8))
    }

    /// Properties with those of an alternative put over them; an empty value takes a property away.
    static func merging(_ own: [String: String], with changes: [String: String]) -> [String: String] {
        own.merging(changes) { $1 }.filter { !$0.value.isEmpty }
    }
}

/// What a key of an instance's configuration is for (LXD documentation, Instance configuration).
enum LXDConfigKind: Sendable, Hashable {
    /// `user.*`: a tag of this name.
    case tag(String)
    /// What cloud-init reads; may hold secrets.
    case userData
    /// `limits.*`.
    case limit
    /// May hold secrets or whole files: environment variables, raw configuration, credentials of systemd, and all that
    /// is not known, as of newer servers.
    case secret
    /// The server's own memory of an instance, or what may not be on two instances.
    case ofInstance
    /// What is known to hold switches and numbers only.
    case plain

    /// Keys below `user.` that cloud-init's older data source reads.
    private static let legacyUserData: Set<String> = [
        "user.user-data", "user.vendor-data", "user.meta-data", "user.network-config",
    ]

    /// What plain keys begin with; a list of these and not of the others, since a new key may hold anything.
    private static let plainPrefixes = [
        "agent.", "boot.", "cluster.", "linux.", "migration.", "nvidia.", "security.", "snapshots.",
    ]

    init(_ key: String) {
        if key.hasPrefix("cloud-init.") || Self.legacyUserData.contains(key) {
            self = .userData
        } else if key.hasPrefix("user.") {
            self = .tag(String(key.dropFirst("user.".count)))
        } else if key.hasPrefix("limits.") {
            self = .limit
        } else if key.hasPrefix("volatile.") || key.hasPrefix("image.") || key.hasPrefix("security.protection.")
            || key == "security.idmap.base"
        {
            self = .ofInstance
        } else if Self.plainPrefixes.contains(where: key.hasPrefix) {
            self = .plain
        } else {
            self = .secret
        }
    }

    /// The key that holds a tag; `nil` for a name that is not a tag's.
    static func key(ofTag name: String) -> String? {
        let key = "user." + name
        guard case .tag = LXDConfigKind(key) else { return nil }
        return key
    }
}

extension [String: String] {
    /// The entries of a configuration that are of a kind.
    func configuration(_ kind: LXDConfigKind) -> [String: String] { filter { LXDConfigKind($0.key) == kind } }

    /// The tags of a configuration by their names.
    var tags: [String: String] {
        reduce(into: [:]) { tags, entry in
            if case .tag(let name) = LXDConfigKind(entry.key) { tags[name] = entry.value }
        }
    }

    /// The digest of a configuration's entries; `nil` when there are none.
    var digest: String? {
        isEmpty ? nil : ContentDigest.hexadecimal(of: Array(LXDProperty.text(self).utf8))
    }
}
