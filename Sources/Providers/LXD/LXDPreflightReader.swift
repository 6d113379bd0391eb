import Foundation
import LXDClient
import Workflow

/// What a server says of itself beyond its extensions (LXD API, GET /1.0).
struct LXDAbilities: Sendable, Hashable, Decodable {
    struct Environment: Sendable, Hashable, Decodable {
        /// The drivers of instances that work there, such as `lxc | qemu`.
        var driver: String?
        var project: String?
        var isClustered: Bool?

        private enum CodingKeys: String, CodingKey {
            case driver, project
            case isClustered = "server_clustered"
        }
    }

    var environment: Environment?
}

/// A profile (LXD API, GET /1.0/profiles).
struct LXDProfile: Sendable, Hashable, Decodable {
    var name: String
    var config: [String: String]?
    var devices: [String: [String: String]]?
}

/// A member of a cluster (LXD API, GET /1.0/cluster/members).
struct LXDMember: Sendable, Hashable, Decodable {
    var name: String
    var status: String
    var message: String?

    private enum CodingKeys: String, CodingKey {
        case status, message
        case name = "server_name"
    }
}

/// What a project's limits are and how much of them is used (LXD API, GET /1.0/projects/NAME/state).
struct LXDProjectState: Sendable, Hashable, Decodable {
    struct Resource: Sendable, Hashable, Decodable {
        var limit: Int
        var usage: Int

        private enum CodingKeys: String, CodingKey {
            case limit = "Limit"
            case usage = "Usage"
        }
    }

    var resources: [String: Resource]
}

/// How much room a storage pool has, in bytes (LXD API, GET /1.0/storage-pools/NAME/resources).
struct LXDPoolResources: Sendable, Hashable, Decodable {
    struct Space: Sendable, Hashable, Decodable {
        var used: Int
        var total: Int
    }

    var space: Space?
}

/// Reads what a launch depends on; changes nothing.
struct LXDPreflightReader: Sendable {
    let client: any LXDCalling

    /// The last component of a resource's URL, such as `web-1` of `/1.0/instances/web-1?project=default`.
    static func name(inURL url: String) -> String {
        let path = url.prefix { $0 != "?" }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return name.removingPercentEncoding ?? name
    }

    /// Reads a resource; `nil` where there is none, and where this client may not read it.
    func optional<Value: Decodable & Sendable>(
        _ resource: LXDResource, as type: Value.Type
    ) async throws(LXDError) -> Value? {
        do throws(LXDError) { return try await client.read(resource, as: type).value } catch {
            guard error.code == .notFound || error.code == .forbidden else { throw error }
            return nil
        }
    }

    /// The names of a kind of resource; `nil` where this client may not read them.
    func names(_ kind: String) async throws(LXDError) -> Set<String>? {
        try await optional(LXDResource(kind), as: [String].self).map { Set($0.map(Self.name)) }
    }
}
