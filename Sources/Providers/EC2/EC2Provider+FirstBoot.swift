import AWSClient
public import Workflow

/// One look at the status checks of an instance (EC2 API Reference, DescribeInstanceStatus).
struct EC2StatusCheck: Sendable, Hashable {
    /// Which of the checks are impaired: `system` for AWS's side, `instance` for reachability.
    var impaired: [String]
}

/// How far first boot has come.
extension EC2Provider {
    /// For how long status checks may be impaired before first boot counts as failed.
    static let impairedLimit = Span.minutes(5)

    /// Reads how far first boot has come, where the tag of the launch says that it is ours to follow.
    ///
    /// By a command where commands can be run, on the console otherwise. Status checks tell why it does not go on.
    public func firstBoot(of id: InstanceID) async throws(ProviderError) -> FirstBootStatus {
        guard let instance = try await instance(id) else {
            throw ProviderError(
                .instanceNotFound, operation: "read the first boot of \(id)",
                detail: "EC2 does not know \(id) in \(region), or not yet", isRetryable: true)
        }
        switch instance.state {
        case .running: break
        case .pending: return .running(detail: "\(id) is pending")
        case .stopping, .stopped: return .running(detail: "\(id) is \(instance.state.rawValue)")
        case .terminating, .terminated: return .failed(reason: "\(id) is \(instance.state.rawValue)")
        }
        guard instance.tags[EC2Property.firstBootTag] == "script" else { return .finished }
        let status: FirstBootStatus
        switch settings.commands {
        case .ssm, .ssh: status = await reportedStatus(of: instance)
        case .none: status = try await consoleStatus(of: id)
        }
        guard case .running(let detail) = status else { return status }
        return try await judged(id, detail: detail)
    }

    /// Prints the report and, on the last line, what cloud-init says of itself.
    private static let statusScript = """
        cat \(FirstBootReport.path) 2>/dev/null
        echo "cloud-init $(cloud-init status 2>/dev/null | sed -n 's/^status: *//p')"
        cat \(FirstBootReport.path) 2>/dev/null
        echo "free $(df -Pk / 2>/dev/null | tail -n 1 | sed 's/^[^ ]* *[^ ]* *[^ ]* *\\([^ ]*\\).*/\\1/')"
        """

    /// Asks at most every five seconds, since each question is a command of its own.
    private func reportedStatus(of instance: Instance) async -> FirstBootStatus {
        if let known = reports.value(for: instance.id) { return known }
        let status = await askedStatus(of: instance)
        if case .running = status { reports.keep(status, for: instance.id) }
        return status
    }

    private func askedStatus(of instance: Instance) async -> FirstBootStatus {
        let command = Command(
            ["sh", "-c", Self.statusScript], timeout: .seconds(20), outputLimitBytes: 16 << 10)
        do {
            let result = try await commandRunner(for: instance).run(command)
            guard result.exitCode == 0 else { return .running(detail: "first boot cannot be read yet") }
            return FirstBootAnswer(result.output).status
        } catch {
            return .running(detail: error.detail)
        }
    }

    private func consoleStatus(of id: InstanceID) async throws(ProviderError) -> FirstBootStatus {
        let console = try await consoleOutput(of: id)
        return FirstBootReport(console: console)?.firstBootStatus
            ?? .running(detail: "the console shows nothing of first boot yet")
    }

    /// Adds what the status checks say; impaired for long, first boot has failed.
    private func judged(_ id: InstanceID, detail: String) async throws(ProviderError) -> FirstBootStatus {
        // What could not be read says nothing, neither good nor bad.
        guard let check = try? await statusCheck(of: id) else { return .running(detail: detail) }
        guard !check.impaired.isEmpty else {
            impairedSince.withLock { $0[id] = nil }
            return .running(detail: detail)
        }
        let now = clock.monotonicMilliseconds()
        let since = impairedSince.withLock { impaired in
            let since = impaired[id] ?? now
            impaired[id] = since
            return since
        }
        let text = "the \(check.impaired.joined(separator: " and ")) status check is impaired"
        let elapsed = Span(milliseconds: now - since)
        guard elapsed > Self.impairedLimit else { return .running(detail: "\(detail); \(text)") }
        return .failed(reason: "\(text) for \(elapsed.text)")
    }

    private func statusCheck(of id: InstanceID) async throws(ProviderError) -> EC2StatusCheck {
        if let known = statusChecks.value(for: id) { return known }
        let root = try await perform("read the status checks of \(id)") { () async throws(AWSError) in
            try await client.query(
                AWSCall(.ec2, "DescribeInstanceStatus", ["InstanceId.1": id.rawValue], repetition: .harmless))
        }
        let item = root.items("instanceStatusSet").first { $0.text("instanceId") == id.rawValue }
        let impaired = [("systemStatus", "system"), ("instanceStatus", "instance")].compactMap { element, name in
            item?.text(element, "status") == "impaired" ? name : nil
        }
        let check = EC2StatusCheck(impaired: impaired)
        statusChecks.keep(check, for: id)
        return check
    }
}
