/// Finds the name that was probably meant.
public enum NearestName {
    /// The candidate with the fewest insertions, deletions, replacements and swaps of neighbours from `name`.
    ///
    /// `nil` when none is near: more than a third of the name, and at least two, would have to change.
    public static func find(_ name: String, in candidates: [String]) -> String? {
        let limit = 40
        guard name.count <= limit else { return nil }
        let distances = candidates.filter { $0.count <= limit }.map { candidate in
            (candidate, distance(Array(name.lowercased()), Array(candidate.lowercased())))
        }
        guard let best = distances.min(by: { $0.1 < $1.1 }), best.1 <= max(2, name.count / 3), best.1 < name.count
        else { return nil }
        return best.0
    }

    /// The optimal string alignment distance.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let cost = left[row] == right[column] ? 0 : 1
                var best = min(previous[column] + cost, previous[column + 1] + 1, current[column] + 1)
                let isSwap =
                    row > 0 && column > 0 && left[row] == right[column - 1] && left[row - 1] == right[column]
                if isSwap { best = min(best, beforePrevious[column - 1] + 1) }
                current.append(best)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[right.count]
    }
}
