/// One update that is available and not installed.
public struct PendingUpdate: Sendable, Hashable, Codable {
    /// The package's name.
    public var package: String
    /// The installed version; `nil` when the update brings a new package in.
    public var installed: String?
    /// The version that would be installed.
    public var candidate: String
    /// Whether the update comes from a security suite.
    public var isSecurity: Bool

    /// Creates a pending update.
    public init(package: String, installed: String?, candidate: String, isSecurity: Bool) {
        self.package = package
        self.installed = installed
        self.candidate = candidate
        self.isSecurity = isSecurity
    }
}
