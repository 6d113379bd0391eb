internal import Foundation

/// The standard normal distribution.
enum NormalDistribution {
    /// The probability of more than `deviations` standard deviations above the mean.
    static func survival(_ deviations: Double) -> Double {
        0.5 * erfc(deviations / 2.0.squareRoot())
    }
}
