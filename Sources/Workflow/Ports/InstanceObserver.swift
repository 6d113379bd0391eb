/// The half of a cloud provider that cannot change anything; all that `plan` and the console's pages are given.
public protocol InstanceObserver: Sendable {
    /// Where its instances are, for messages, such as `in region eu-central-1`; empty where that goes without saying.
    var location: String { get }

    /// Lists every instance of this provider, terminated ones included while the provider still lists them.
    ///
    /// Throws `ProviderError` when the answer is not complete: a partial list is never returned.
    func instances() async throws(ProviderError) -> [Instance]

    /// Reads one instance; `nil` when a complete, error-free read does not know it.
    ///
    /// Just after a launch `nil` is not proof of absence where the provider is eventually consistent.
    func instance(_ id: InstanceID) async throws(ProviderError) -> Instance?

    /// Finds the instance that a launch with `token` created; `nil` when a complete read knows none.
    ///
    /// Where the provider finishes launches itself, it may be one whose launch broke off halfway.
    func instance(launchedWith token: LaunchToken) async throws(ProviderError) -> Instance?

    /// Reads how far the first boot of an instance has come.
    func firstBoot(of id: InstanceID) async throws(ProviderError) -> FirstBootStatus

    /// Reads the console output and first-boot log of an instance, at most the last 256 KiB.
    func consoleOutput(of id: InstanceID) async throws(ProviderError) -> String

    /// Asks, without launching, whether `specification` could be launched now; one finding per obstacle or warning.
    func launchFindings(for specification: LaunchSpecification) async throws(ProviderError) -> [PreflightFinding]

    /// Names what `original` has that a replacement cannot be given; empty when everything can be carried over.
    ///
    /// What `routes` move is carried over by them.
    func carryOverFindings(
        for original: Instance, routes: [TrafficRoute]
    ) async throws(ProviderError) -> [PreflightFinding]

    /// The specification of a replacement that inherits from `original` what `choices` say.
    func inheritedSpecification(
        of original: Instance, choices: LaunchChoices
    ) async throws(ProviderError) -> LaunchSpecification

    /// A runner of commands on one running instance.
    func commandRunner(for instance: Instance) -> any CommandRunner
}

extension InstanceObserver {
    /// Goes without saying.
    public var location: String { "" }
}
