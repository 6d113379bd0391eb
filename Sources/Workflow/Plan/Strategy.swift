/// How a swap brings updates to the service of one instance.
public enum Strategy: String, Sendable, Hashable, Codable, CaseIterable {
    /// A patched replacement takes the original's place.
    case blueGreen = "blue-green"
    /// The original itself is updated where it runs, out of rotation meanwhile.
    case inPlace = "in-place"
}
