import LXDClient
import Workflow

/// The files by which an instance without cloud-init brings itself up to date on its first boot, over reboots and lost
/// connections.
enum LXDFirstBootUnit {
    /// The script, and the copy by which it goes on after a reboot.
    static let scriptPath = "/var/lib/changeover/first-boot.sh"
    /// Where the script's output goes.
    static let logPath = "/var/log/changeover-first-boot.log"
    /// The unit's name.
    static let unit = "changeover-first-boot.service"

    /// Of type `simple`: nothing that an update restarts can be waiting for a boot that waits for the update.
    private static let unitText = """
        [Unit]
        Description=Changeover: brings this machine up to date on its first boot
        Wants=network-online.target
        After=network-online.target

        [Service]
        Type=simple
        Environment=HOME=/root
        ExecStart=/bin/sh -c 'exec /bin/sh \(scriptPath) >>\(logPath) 2>&1'

        """

    /// A drop-in instead of a link in `multi-user.target.wants`: the files API of LXD 5.0.2 refuses to make links.
    private static let wantsText = """
        [Unit]
        Wants=\(unit)

        """

    /// The files in the order in which they are written; the last one makes the unit start.
    static func files(patch: PatchPolicy) -> [LXDFile] {
        let script = FirstBootScript(policy: patch).text
        return [
            LXDFile("/var/lib/changeover", content: [], mode: 0o755, kind: .directory),
            LXDFile(scriptPath, content: Array(script.utf8), mode: 0o700),
            LXDFile("/etc/systemd/system/\(unit)", content: Array(unitText.utf8)),
            LXDFile("/etc/systemd/system/multi-user.target.d", content: [], mode: 0o755, kind: .directory),
            LXDFile("/etc/systemd/system/multi-user.target.d/changeover.conf", content: Array(wantsText.utf8)),
        ]
    }
}
