import Workflow

extension SimulationRun.Outcome {
    /// A number that two runs share only when everything that they report is the same, the transcript to the last
    /// byte (FNV-1a with 64 bits; Fowler, Noll and Vo, 1991).
    public var digest: UInt64 {
        let cells = coverage.hits.map { "\($0.key.cause) \($0.key.state) \($0.value)" }.sorted()
        let facts = ["\(seed) \(end) \(steps) \(simulated.milliseconds) \(processes) \(violation?.description ?? "")"]
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for line in facts + cells + transcript {
            for byte in line.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0x0A) &* 0x100_0000_01B3
        }
        return hash
    }
}
