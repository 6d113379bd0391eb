import Foundation

/// The LXD of `scripts/lxd-lab` that tests may use, named by its socket in `CHANGEOVER_TEST_LXD`.
public enum RealLXD {
    /// The path of its Unix socket; `nil` without one.
    public static let socket = ProcessInfo.processInfo.environment["CHANGEOVER_TEST_LXD"].flatMap {
        $0.isEmpty ? nil : $0
    }

    /// Whether there is one.
    public static let isThere = socket != nil

    /// Why what needs one is skipped.
    public static let absence = "needs a lab of scripts/lxd-lab, named by CHANGEOVER_TEST_LXD"

    /// The daemon's own folder: `LXD_DIR` of LXD's own client.
    public static var folder: String {
        URL(fileURLWithPath: socket ?? "/nowhere/unix.socket").deletingLastPathComponent().path
    }
}
