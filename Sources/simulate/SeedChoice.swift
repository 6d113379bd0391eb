import ArgumentParser

/// Which seeds are run.
struct SeedChoice: ParsableArguments {
    /// The first of several seeds.
    enum First: ExpressibleByArgument, Hashable {
        case number(UInt64)
        /// A number that nobody has chosen.
        case random

        init?(argument: String) {
            if argument == "random" {
                self = .random
            } else if let number = UInt64(argument) {
                self = .number(number)
            } else {
                return nil
            }
        }
    }

    private static let usualCount: UInt64 = 1000
    /// Fresh ranges begin far behind the seeds that everybody runs, and are still easy to type.
    private static let freshSeeds: ClosedRange<UInt64> = 1_000_000...999_999_999_999

    @Option(help: ArgumentHelp("How many seeds; 1000 unless given.", valueName: "N"))
    var seeds: UInt64?

    @Option(help: ArgumentHelp("The first seed, a number or `random`; 1 unless given.", valueName: "S"))
    var seed: First?

    @Flag(help: "Take a random first seed and print it; the same as --seed random.")
    var fresh = false

    /// Whether one seed is to be repeated and shown.
    var isReplay: Bool {
        if case .number = seed { return seeds == nil && !fresh }
        return false
    }

    /// Whether the first seed is drawn anew.
    var isFresh: Bool { fresh || seed == .random }

    /// The seeds; each call draws a fresh first one anew.
    func range() throws -> Range<UInt64> {
        let first: UInt64 =
            switch (isFresh, seed) {
            case (false, .number(let number)): number
            case (true, _): UInt64.random(in: Self.freshSeeds)
            default: 1
            }
        let count = isReplay ? 1 : seeds ?? Self.usualCount
        let (end, isTooMuch) = first.addingReportingOverflow(count)
        guard !isTooMuch else { throw ValidationError("there are no \(count) seeds from \(first) on.") }
        return first..<end
    }

    func validate() throws {
        if seeds == 0 { throw ValidationError("--seeds must be 1 or more.") }
        if fresh, case .number = seed { throw ValidationError("--fresh draws a first seed: give no --seed with it.") }
        _ = try range()
    }
}

/// The injections of a seed that shall happen, by number; `none` for none of them.
struct KeptInjections: ExpressibleByArgument {
    var numbers: [Int]

    init?(argument: String) {
        let words = argument.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = words.compactMap { Int($0) }
        guard argument == "none" || numbers.count == words.count else { return nil }
        self.numbers = numbers
    }
}

/// The seeds that one of several worker processes runs: every `count`th, beginning with the one at `index`.
struct WorkShare: ExpressibleByArgument {
    var index: UInt64
    var count: UInt64

    init(index: UInt64, count: UInt64) {
        (self.index, self.count) = (index, count)
    }

    init?(argument: String) {
        let numbers = argument.split(separator: "/").compactMap { UInt64($0) }
        guard numbers.count == 2, numbers[0] < numbers[1] else { return nil }
        self.init(index: numbers[0], count: numbers[1])
    }

    /// The seeds of this share, in order.
    func seeds(of range: Range<UInt64>) -> StrideTo<UInt64> {
        let start = min(range.upperBound, range.lowerBound + min(index, UInt64.max - range.lowerBound))
        return stride(from: start, to: range.upperBound, by: Int(count))
    }
}
