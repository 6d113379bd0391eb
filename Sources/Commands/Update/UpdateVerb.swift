import ArgumentParser
import Engine
import Workflow

struct UpdateVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Updates instances where they run: out of rotation, snapshot, update, reboot, checks, back again.",
        discussion: """
            Example: changeover update web-1 web-2 --playbook playbooks/in-place-security.yaml
            Example: changeover update --select role=web --security --max-in-flight 2 --yes

            Each machine's own output is shown while it is updated. Instances with nothing to update are not touched. \
            After one that did not end well no other is begun. Given again after an interruption, the instance's update \
            goes on where it was. At a terminal it asks before it begins, unless --yes is given; elsewhere it never asks.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "Instances by id or name (default: those that the playbook selects).")
    var instances: [String] = []
    @Option(help: "Running instances with this tag, as tag=value; given several times, those with all of them.")
    var select: [String] = []
    @Option(help: "The playbook, of which checks, routers and policy count (default: playbooks/default.yaml).")
    var playbook: String?
    @Option(help: "A check file in place of the playbook's; may be given several times.")
    var check: [String] = []
    @Flag(help: "Installs security updates only.")
    var security = false
    @Option(help: "How many instances are updated at a time (1 to 100); with more than one no checkpoint asks.")
    var maxInFlight = 1
    @Flag(help: "Never reboots; a reboot that an update asks for is left pending, and shown.")
    var noReboot = false
    @Flag(help: "Takes an instance out of a router although no other member is healthy: the service stands still.")
    var allowInterruption = false
    @Flag(help: "Begins without asking.")
    var yes = false
    @Flag(help: "Waits at a checkpoint for a decision from another process; never asks.")
    var wait = false
    @Flag(help: "Leaves a process of its own behind that drives the update of one instance, and returns at once.")
    var detach = false
    @Flag(help: "Prints what would be done and changes nothing.")
    var dryRun = false

    func validate() throws {
        guard (1...100).contains(maxInFlight) else { throw ValidationError("--max-in-flight is from 1 to 100") }
        guard instances.isEmpty || select.isEmpty else {
            throw ValidationError("name instances or --select them by their tags, not both")
        }
        guard !detach || (instances.count == 1 && maxInFlight == 1) else {
            throw ValidationError("--detach leaves one process behind for one instance: name exactly one")
        }
    }

    func perform(_ output: Output) async throws -> ExitStatus {
        let workspace = try Workspace.load(options)
        let selected = try TagArgument.parse(select)
        var loaded = try workspace.loadPlaybook(playbook, strategy: .inPlace, checks: check.isEmpty ? nil : check)
        let selection = loaded.playbook.selection
        var target = InstanceTarget(names: instances, tags: selected)
        if instances.isEmpty && select.isEmpty {
            target = InstanceTarget(names: selection.instances, tags: selection.tags)
        }
        if security { loaded.playbook.launch.patch.scope = .security }
        if noReboot { loaded.playbook.launch.patch.reboot = .never }
        if allowInterruption { loaded.playbook.mayInterrupt = true }
        let run = UpdateRun(
            workspace: workspace, output: output, loaded: loaded, target: target,
            choices: UpdateRun.Choices(
                agrees: yes, waits: wait, detaches: detach, isDryRun: dryRun, maxInFlight: maxInFlight))
        return try await run.perform()
    }
}
