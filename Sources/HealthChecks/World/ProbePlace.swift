internal import Workflow

/// A part of a check that meets the outside world by itself.
struct ProbePlace: Sendable, Hashable, CustomStringConvertible {
    var check: CheckID
    /// A group's member, or a side of a comparison; `nil` for the check itself.
    var part: String?

    /// The check's name, with its part after a colon.
    var description: String { part.map { "\(check):\($0)" } ?? check.rawValue }

    /// The same check's part of this name.
    func part(_ name: String) -> ProbePlace { ProbePlace(check: check, part: name) }
}
