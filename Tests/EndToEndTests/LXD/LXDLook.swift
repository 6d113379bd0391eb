import Foundation

/// An instance as LXD's own client shows it.
struct LXDInstanceLook: Decodable, Sendable {
    private struct State: Decodable {
        struct Network: Decodable {
            struct Address: Decodable {
                var family: String
                var address: String
                var scope: String
            }

            var addresses: [Address]
        }

        var network: [String: Network]?
    }

    private enum CodingKeys: String, CodingKey {
        case name, status, config, devices, state
    }

    var name: String
    var status: String
    var config: [String: String]
    var devices: [String: [String: String]]
    /// Its addresses but for those of the loopback.
    var addresses: [String]

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        status = try values.decode(String.self, forKey: .status)
        config = try values.decode([String: String].self, forKey: .config)
        devices = try values.decode([String: [String: String]].self, forKey: .devices)
        let state = try values.decodeIfPresent(State.self, forKey: .state)
        addresses = (state?.network ?? [:]).values.flatMap(\.addresses)
            .filter { $0.family == "inet" && $0.scope == "global" }.map(\.address)
    }

    /// What Changeover notes on an instance that has a part in a swap.
    var ownTags: [String] { config.keys.filter { $0.hasPrefix("user.changeover:") }.sorted() }
}

/// What `status --output json` prints of a swap on LXD.
struct LXDSwapStatus: Decodable, Sendable {
    var swap: String
    var state: String
    var explanation: String
    var exitCode: Int32
    var replacement: String?
    var overheadMs: Int?
    var evidence: String
}

/// One row of `diff --output json`.
struct LXDDifferences: Decodable, Sendable {
    struct Packages: Decodable, Sendable {
        var differences: [Difference]
    }

    struct Difference: Decodable, Sendable, Equatable {
        var package: String
        var original: String?
        var replacement: String?
        var isSecurity: Bool
    }

    var packages: Packages
}
