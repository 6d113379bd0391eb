public import Workflow

/// Sees everything that happens in a simulated world, at the moment at which it happens.
public protocol SimulatedWitness: AnyObject, Sendable {
    /// A process begins to send a mutating call.
    func callBegins(_ request: CallRequest, by process: SimulatedProcess)

    /// A process was told that a mutating call is refused for good.
    func callRefused(_ request: CallRequest, by process: SimulatedProcess)

    /// A mutating call of a process is over, well or badly.
    func callEnds(by process: SimulatedProcess)

    /// A mutating call is about to take effect, whether its sender still lives or not.
    func callTakesEffect(_ request: CallRequest)

    /// A launch has created an instance.
    func launched(_ instance: Instance, by request: LaunchRequest)

    /// A process was told how an instance is.
    func read(_ id: InstanceID, as instance: Instance?, by process: SimulatedProcess)

    /// A fault has bitten.
    func suffered(_ fault: SimulatedFault)
}
