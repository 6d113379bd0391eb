internal import Workflow

/// Which side of a pair is probed first: coin flips that a seed repeats on every machine.
///
/// A fixed order would let whatever follows a pair's first probe, such as a cache both sides share, weigh on one side
/// only. The seed comes from the check's name, so that a recorded run can be replayed; nobody gains by guessing it.
/// The numbers are SplitMix64's (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
struct PairOrder: Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// The order of a check's pairs, by the FNV-1a hash of its name.
    init(of check: CheckID) {
        self.init(
            seed: check.rawValue.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 })
    }

    /// Whether the original is probed first in the next pair.
    mutating func startsWithOriginal() -> Bool {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return (mixed ^ (mixed >> 31)) >> 63 == 0
    }
}
