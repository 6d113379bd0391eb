public import Workflow

/// Random numbers that a seed repeats on every machine and in every build (SplitMix64; Steele, Lea and Flood, 2014).
public struct SimulatedRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Creates a generator; equal seeds give equal numbers.
    public init(seed: UInt64) {
        state = seed
    }

    /// A generator of its own for one purpose, so that what one part draws never shifts what another part gets.
    public init(seed: UInt64, purpose: UInt64) {
        var mixer = SimulatedRandom(seed: seed ^ (purpose &* 0xD6E8_FEB8_6659_FD93))
        state = mixer.next()
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to but not including 1.
    public mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// `true` with the given probability, 0 to 1.
    public mutating func chance(_ probability: Double) -> Bool {
        unit() < probability
    }

    /// A whole number of a range, each as likely.
    public mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// A span between two bounds, in whole milliseconds.
    public mutating func span(_ shortest: Span, _ longest: Span) -> Span {
        Span(milliseconds: number(shortest.milliseconds...max(shortest.milliseconds, longest.milliseconds)))
    }

    /// One element, each as likely; `nil` of an empty array.
    public mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[Int(next() % UInt64(elements.count))]
    }
}
