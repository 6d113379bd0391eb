import LXDClient
import Workflow

/// Decides how an instance that was just created is patched on its first boot, and says so in its configuration.
struct LXDFirstBootPreparation: Sendable {
    let client: any LXDCalling
    let patch: PatchPolicy

    /// What an image has that can run our script.
    enum Ability: Sendable, Hashable {
        case cloudInit
        case systemd
        case none
    }

    /// Sets the tag that tells the method, and with it the user data that the method needs.
    ///
    /// The operator's user data is what the instance would have without us, be it its own or a profile's.
    func mark(_ instance: LXDInstance) async throws(LXDError) -> LXDFirstBootMethod {
        let request = "PATCH /1.0/instances/\(instance.name)"
        let method = try await method(for: instance, request)
        var changes = ["user." + LXDProperty.firstBootTag: method.rawValue]
        let key = try await userDataKey()
        let present = Self.userData(of: instance.expandedConfig)
        // Where our script is run by a unit, or not at all, only what an earlier swap has added is taken out.
        let policy = method == .cloudInit ? patch : PatchPolicy(scope: .none)
        let merged: [UInt8]?
        do throws(UserDataError) {
            merged = try FirstBootUserData.merging(present.bytes, patch: policy, limitBytes: nil)
        } catch {
            throw LXDError(.invalidRequest, request: request, detail: error.detail)
        }
        if (merged ?? []) != present.bytes {
            changes[key] = String(decoding: merged ?? [], as: UTF8.self)
        }
        // The server merges these into the configuration and removes a key whose value is empty (LXD 5.0.2).
        try await client.perform(
            .patch, .instance(instance.name), .object(["config": .texts(changes)]), within: .seconds(10))
        return method
    }

    private func method(for instance: LXDInstance, _ request: String) async throws(LXDError) -> LXDFirstBootMethod {
        if patch.scope == .none { return .none }
        // Nothing can be read on a virtual machine before its first start; the plan has seen that there is cloud-init.
        if instance.isVirtualMachine { return .cloudInit }
        switch try await ability(of: instance.name) {
        case .cloudInit: return .cloudInit
        case .systemd: return .unit
        case .none: throw LXDError(.invalidRequest, request: request, detail: Self.inabilityAdvice)
        }
    }

    /// What to say of an image that cannot run our script.
    static let inabilityAdvice =
        "the image has neither cloud-init nor systemd, one of which first boot needs to install updates; use another "
        + "image under `launch.image`, or a patched one with `patch: {scope: none}`"

    /// What the image of an instance has, running or not.
    func ability(of name: String) async throws(LXDError) -> Ability {
        if try await hasFile("/usr/bin/cloud-init", name),
            try await !hasFile("/etc/cloud/cloud-init.disabled", name)
        {
            return .cloudInit
        }
        for path in ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"] where try await hasFile(path, name) {
            return .systemd
        }
        return .none
    }

    private func hasFile(_ path: String, _ name: String) async throws(LXDError) -> Bool {
        try await client.file(path, of: name, limitBytes: 1) != nil
    }

    /// The key that holds the user data: servers without the extension `cloud_init` know the older one only.
    private func userDataKey() async throws(LXDError) -> String {
        try await client.server().extensions.contains("cloud_init") ? "cloud-init.user-data" : "user.user-data"
    }

    /// The user data that takes effect: the newer key's before the older one's (LXD documentation, cloud-init).
    static func userData(of expandedConfig: [String: String]) -> UserData {
        let text = expandedConfig["cloud-init.user-data"] ?? expandedConfig["user.user-data"] ?? ""
        return UserData(bytes: Array(text.utf8))
    }
}
