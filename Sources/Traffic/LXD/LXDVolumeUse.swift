import LXDClient
import Workflow

/// Looks whether a running instance still writes to a volume that is to be taken from it.
///
/// The server detaches a volume that is in use all the same, and lazily (`MNT_DETACH` of umount(2)): processes that
/// have files of it open keep them and go on writing, beside those of the instance that gets the volume. A database
/// would be destroyed by that, so such a volume is not moved, unless the swap goes back: its replacement, which mostly
/// writes by then and is to be retired, is stopped first.
struct LXDVolumeUse: Sendable {
    /// Prints the ids and names of processes that write to files below its arguments.
    ///
    /// The flags of an open file are octal, and 1 and 2 stand for writing (`fdinfo` in proc(5)).
    private static let script = """
        for path do
          for link in /proc/[0-9]*/fd/*; do
            file=$(readlink "$link" 2>/dev/null) || continue
            case $file in "$path"/*) ;; *) continue ;; esac
            process=${link%/fd/*}
            while read -r key value; do
              [ "$key" = flags: ] || continue
              case $value in *[1256]) printf '%s\\n' "${process#/proc/} $(cat "$process/comm")" ;; esac
            done <"$process/fdinfo/${link##*/}"
          done 2>/dev/null
          for maps in /proc/[0-9]*/maps; do
            process=${maps%/maps}
            if grep -F " $path/" "$maps" 2>/dev/null | grep -q '^[^ ]* .w.s '; then
              printf '%s\\n' "${process#/proc/} $(cat "$process/comm")"
            fi
          done 2>/dev/null
        done | sort -u
        """
    private static let timeout = Span.seconds(15)
    private static let mostNames = 5

    let router: RouterName
    let commands: @Sendable (InstanceID) -> any CommandRunner
    let stop: LXDReplacementStop

    /// Sees to it that the instance does not write to the devices any more.
    ///
    /// Throws `refused` when it does, or cannot say whether it does, unless it is a replacement from which a swap goes
    /// back.
    func end(on instance: LXDInstance, devices: LXDDevices, isGoingBack: Bool) async throws(TrafficError) {
        if isGoingBack, LXDReplacementStop.isReplacement(instance) {
            try await stop.stop(instance.name)
        } else {
            try await requireNoWriter(on: instance, devices: devices)
        }
    }

    private func requireNoWriter(on instance: LXDInstance, devices: LXDDevices) async throws(TrafficError) {
        let paths = devices.values.compactMap { $0["path"] }.sorted()
        guard instance.status != "Stopped", !paths.isEmpty else { return }
        let said: CommandResult
        do throws(CommandError) {
            said = try await commands(InstanceID(instance.name)).run(
                Command(["sh", "-c", Self.script, "changeover"] + paths, timeout: Self.timeout))
        } catch {
            if error.code == .cancelled { throw TrafficError(.cancelled, router: router, detail: error.detail) }
            throw refusal(
                "it is not known whether \(instance.name) still writes to it, since \(error); stop the instance")
        }
        guard said.exitCode == 0 else {
            throw refusal("it is not known whether \(instance.name) still writes to it; stop the instance")
        }
        let writers = said.output.split(separator: "\n")
        guard !writers.isEmpty else { return }
        let names = writers.prefix(Self.mostNames).joined(separator: ", ")
        let more = writers.count > Self.mostNames ? " and \(writers.count - Self.mostNames) more" : ""
        throw refusal(
            "\(instance.name) still writes to it (process \(names)\(more)) and would go on, beside the instance that gets "
                + "it; stop what uses \(paths.joined(separator: ", ")) there, then try again")
    }

    private func refusal(_ detail: String) -> TrafficError {
        TrafficError(.refused, router: router, detail: "the volume was not moved: \(detail)")
    }
}
