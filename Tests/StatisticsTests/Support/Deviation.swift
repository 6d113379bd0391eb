/// The greatest deviation between our numbers and another party's, with where it was.
struct Deviation: CustomStringConvertible {
    private(set) var count = 0
    private(set) var greatest = 0.0
    private(set) var place = "nowhere"

    /// Takes a pair; what is no number deviates without bound.
    mutating func add(_ ours: Double, _ theirs: Double, at place: @autoclosure () -> String) {
        count += 1
        let difference = (ours - theirs).magnitude
        guard !(difference <= greatest) else { return }
        greatest = difference.isNaN ? .infinity : difference
        self.place = place()
    }

    var description: String { "\(count) compared, greatest deviation \(greatest) at \(place)" }
}
