public import Documents
internal import Foundation
public import Workflow

/// A recorded run of checks: everything that the outside world said, so that the run can be repeated without it.
///
/// Secrets and the values of cookies are taken out before the checks judge, so that what is stored is what was judged.
public struct Cassette: Sendable, Hashable, Codable {
    /// The version of the recording's format.
    public static let currentFormat = "changeover-cassette/1"

    /// The format's name and version.
    var format = Self.currentFormat
    /// The instance that was checked.
    public var instance: Instance
    /// The instance that it was compared with.
    var original: Instance?
    /// Which of the checks took part.
    public var phase: CheckPhase
    /// Whether every check was measured just once.
    public var isOnce: Bool
    /// Whether loopback addresses could be probed.
    var allowsLoopback: Bool
    /// The check files.
    public var documents: [CheckDocument]
    /// What came of it.
    public var assessment: HealthAssessment
    /// Checks that could not be run, by name.
    var settled: [CheckResult]
    /// What was asked and answered, by part of a check.
    var places: [String: PlaceLog]

    /// Reads a recording; throws an error that says what is wrong with it.
    public init(bytes: [UInt8], path: String) throws(DocumentErrors) {
        let cassette: Cassette
        do {
            cassette = try JSONDecoder().decode(Cassette.self, from: Data(bytes))
        } catch {
            throw Self.refusal(path, "this is no recording of `check record`")
        }
        guard cassette.format == Self.currentFormat else {
            throw Self.refusal(
                path,
                "the recording has the format \"\(cassette.format.prefix(60))\"; this version reads "
                    + Self.currentFormat)
        }
        self = cassette
    }

    init(
        request: AssessmentRequest, assessment: HealthAssessment, settled: [CheckResult], places: [String: PlaceLog]
    ) {
        instance = Self.plain(request.instance)
        original = request.original.map(Self.plain)
        phase = request.phase
        isOnce = request.mode == .once
        allowsLoopback = request.allowsLoopback
        documents = request.documents
        self.assessment = assessment
        self.settled = settled
        self.places = places
    }

    /// The instance without what no check needs, where somebody may keep a secret.
    private static func plain(_ instance: Instance) -> Instance {
        var instance = instance
        instance.tags = [:]
        instance.properties = [:]
        return instance
    }

    private static func refusal(_ path: String, _ message: String) -> DocumentErrors {
        DocumentErrors([
            DocumentError(
                .invalid, path: path, mark: DocumentMark(line: 1, column: 1), message: message,
                suggestion: "record it again with `changeover check record`")
        ])
    }
}
