internal import Documents

/// The format of an `exec` probe.
enum ExecFormat {
    private static let runOn = DocumentKey(
        "runOn", DocumentFormat<ExecCheck.Place>.choice, defaultText: "instance", summary: "Where the command runs.")
    private static let interface = DocumentKey(
        "interface", DocumentFormat<ExecCheck.Interface>.choice, defaultText: "nagios",
        summary: "What the exit code means.")
    private static let command = DocumentKey(
        "command", .list(of: argument), isRequired: true, summary: "Program and arguments; no shell reads them.")

    private static let argument = DocumentFormat<String>.text(
        "a program or an argument", limits: TextForms.argument
    ) { text in
        text.utf8.contains(0)
            ? .invalid("an argument cannot contain a NUL")
            : .invalid(
                "secrets must not be passed as arguments: every user of the machine can read them",
                suggestion: "let the command read a file")
    }

    /// An `exec` probe.
    static let exec = DocumentFormat<ExecCheck>.object(
        "exec", keys: [runOn.shape, interface.shape, command.shape]
    ) { object in
        let place = object[runOn] ?? .instance
        let interface = object[interface] ?? .nagios
        return object[command].map { ExecCheck(place: place, interface: interface, command: $0) }
    }
}
