/// Why first boot cannot be added to an operator's user data; never shows any of it.
struct UserDataError: Error, Sendable, Hashable {
    /// What is wrong and what to do about it.
    var detail: String
}
