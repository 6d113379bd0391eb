import Foundation
import LXDClient
import Workflow

/// What the receiving instance carries as a tag while something is moved to it, so that nothing is lost whatever breaks
/// off in between.
struct LXDMovingMark: Sendable, Hashable, Codable {
    /// The instance that it is taken from.
    var from: String
    /// The devices by which that instance had it.
    var devices: LXDDevices

    /// The key of the mark in an instance's configuration.
    static func key(for possession: some LXDPossession) -> String {
        "user.\(OwnershipTag.prefix)moving:\(possession.slot)"
    }

    init(from: String, devices: LXDDevices) {
        self.from = from
        self.devices = devices
    }

    /// Reads an instance's mark; `nil` when there is none.
    ///
    /// Throws `malformedAnswer` for one that cannot be read, which is nobody's but ours to write.
    init?(of instance: LXDInstance, for possession: some LXDPossession) throws(TrafficError) {
        let key = Self.key(for: possession)
        guard let text = instance.config[key], !text.isEmpty else { return nil }
        guard let mark = try? JSONDecoder().decode(LXDMovingMark.self, from: Data(text.utf8)) else {
            throw TrafficError(
                .malformedAnswer, router: possession.router,
                detail: "the configuration key \(key) of \(instance.name) cannot be read; it should say what was being "
                    + "moved to it: give \(possession.title) back by hand and unset the key")
        }
        self = mark
    }

    /// The mark as it is written.
    var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
