/// The tags that mark what Changeover owns; set in the launch call itself and re-read before anything destructive.
public enum OwnershipTag {
    /// Holds the id of the swap that launched the instance.
    public static let swap = "changeover:swap"
    /// Holds the launch token, by which a launch whose answer was lost is found again.
    public static let token = "changeover:token"
    /// Holds `original` or `replacement`.
    public static let role = "changeover:role"
    /// Holds, on an instance that a swap brought into service, the id of that swap.
    public static let lastSwap = "changeover:last-swap"
    /// Every ownership tag begins with this; such tags are never carried over to a replacement nor counted as drift.
    public static let prefix = "changeover:"
}
