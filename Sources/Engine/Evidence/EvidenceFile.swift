/// The names of the files in a swap's evidence folder.
public enum EvidenceFile {
    /// What happened and why, for a reader in a hurry; names the failing checks.
    public static let summary = "SUMMARY.txt"
    /// Every journal record, one JSON document a line.
    public static let events = "events.jsonl"
    /// The plan.
    public static let plan = "plan.json"
    /// Console output and first-boot log of the replacement.
    public static let console = "console.txt"
    /// Every log line of the swap, check measurements included.
    public static let transcript = "transcript.txt"
    /// The verdicts of the checks.
    public static let assessments = "assessments.json"
    /// What is installed and running on the original.
    public static let originalFacts = "original-facts.json"
    /// What was left to patch on the original.
    public static let originalPatchStatus = "original-patch-status.json"
    /// What is installed and running on the replacement.
    public static let replacementFacts = "replacement-facts.json"
    /// What is installed and running on the original after its update in place.
    public static let updatedFacts = "updated-facts.json"
    /// What an update in place did: packages with versions before and after, services restarted, reboot needed.
    public static let update = "update.json"
}
