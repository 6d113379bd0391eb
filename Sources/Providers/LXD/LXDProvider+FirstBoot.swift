import LXDClient
public import Workflow

/// How far first boot has come.
extension LXDProvider {
    /// Waits on the instance for a change of the report, at most two seconds, and prints what `FirstBootAnswer` reads.
    ///
    /// Its arguments are the report that is known and the method of first boot. cloud-init itself, which takes a while
    /// to start, is asked only once it has ended.
    private static let script = """
        tries=0
        while
            report=$(cat \(FirstBootReport.path) 2>/dev/null)
            [ "$report" = "$1" ] && [ "$tries" -lt 20 ]
        do
            tries=$((tries + 1))
            sleep 0.1
        done
        printf '%s\\n' "$report"
        case $2 in
        unit)
            echo "unit $(systemctl show -p ActiveState \(LXDFirstBootUnit.unit) 2>/dev/null |
                sed -n 's/^ActiveState=//p')" ;;
        cloud-init)
            if [ -e /run/cloud-init/result.json ] || [ -e /run/cloud-init/disabled ]; then
                echo "cloud-init $(cloud-init status 2>/dev/null | sed -n 's/^status: *//p')"
            else
                echo 'cloud-init running'
            fi ;;
        esac
        cat \(FirstBootReport.path) 2>/dev/null
        echo "free $(df -Pk / 2>/dev/null | tail -n 1 | sed 's/^[^ ]* *[^ ]* *[^ ]* *\\([^ ]*\\).*/\\1/')"
        """

    /// Reads how far first boot has come, where the tag of the launch says that it is ours to follow.
    ///
    /// The look lasts up to two seconds on the instance while nothing changes there, so that an end is seen at once. An
    /// instance that is rebooting cannot be asked and is under way.
    public func firstBoot(of id: InstanceID) async throws(ProviderError) -> FirstBootStatus {
        let operation = "read the first boot of \(id)"
        let instance = observed(try await existing(id, operation))
        switch instance.state {
        case .running: break
        case .pending, .stopping, .stopped: return .running(detail: "\(id) is \(instance.state.rawValue)")
        case .terminating, .terminated: return .failed(reason: "\(id) is \(instance.state.rawValue)")
        }
        let method = instance.tags[LXDProperty.firstBootTag].flatMap(LXDFirstBootMethod.init) ?? .none
        guard method != .none else { return .finished }
        let known = reports.withLock { $0[id] } ?? ""
        let command = Command(
            ["sh", "-c", Self.script, "sh", known, method.rawValue], timeout: .seconds(15),
            outputLimitBytes: 16 << 10)
        do {
            let result = try await commandRunner(for: instance).run(command)
            guard result.exitCode == 0 else { return .running(detail: "first boot cannot be read yet") }
            remember(String(result.output.prefix { !$0.isNewline }), of: id)
            return FirstBootAnswer(result.output).status
        } catch {
            if error.code == .cancelled {
                throw ProviderError(.cancelled, operation: operation, detail: error.detail)
            }
            return .running(detail: error.detail)
        }
    }

    private func remember(_ report: String, of id: InstanceID) {
        reports.withLock { reports in
            // What was known of others is only a hint for whoever still looks at them.
            if reports.count > 256 { reports = [:] }
            reports[id] = report
        }
    }

    /// Reads the console and the log of first boot, the newest 256 KiB of what was seen of both.
    ///
    /// Works on a stopped container too, where the console shows its last moments.
    public func consoleOutput(of id: InstanceID) async throws(ProviderError) -> String {
        let operation = "read the console output of \(id)"
        let instance = try await existing(id, operation)
        let method = instance.config["user." + LXDProperty.firstBootTag].flatMap(LXDFirstBootMethod.init)
        let console = await text { () async throws(LXDError) in
            try await client.text(
                LXDResource("instances", id.rawValue, "console", query: ["type": "log"]),
                limitBytes: LXDConsole.sourceLimitBytes)
        }
        let log = await text { () async throws(LXDError) in
            guard let method, method != .none else { return nil }
            let path = method == .unit ? LXDFirstBootUnit.logPath : "/var/log/cloud-init-output.log"
            return try await client.file(path, of: id.rawValue, limitBytes: LXDConsole.sourceLimitBytes)
                .map { String(decoding: $0, as: UTF8.self) }
        }
        if case .failure(let error) = console, case .failure = log, error.isRetryable {
            throw LXDErrorMapping.error(error, operation: operation, location: location)
        }
        return consoles.withLock { consoles in
            if consoles.count > 64 { consoles = consoles.filter { $0.key == id } }
            return consoles[id, default: LXDConsole()].adding(
                console: (try? console.get()) ?? "", log: (try? log.get()) ?? "")
        }
    }

    /// A text, or why there is none: an instance that never ran has no console, a stopped machine no files.
    private func text(_ read: () async throws(LXDError) -> String?) async -> Result<String, LXDError> {
        do throws(LXDError) { return .success(try await read() ?? "") } catch { return .failure(error) }
    }
}
