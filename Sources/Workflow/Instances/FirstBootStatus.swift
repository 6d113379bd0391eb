/// How far the first boot of an instance has come.
public enum FirstBootStatus: Sendable, Hashable, Codable {
    /// First boot is under way; `detail` is its newest line for people.
    case running(detail: String)
    /// First boot ended well.
    case finished
    /// First boot ended badly; `reason` says how.
    case failed(reason: String)
}
