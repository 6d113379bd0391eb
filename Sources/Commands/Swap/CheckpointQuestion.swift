import Workflow

/// What a person at the terminal is asked at a checkpoint.
struct CheckpointQuestion {
    private let swap: Swap
    private let text: String
    /// What each answer means, by its first letter.
    private let answers: [Character: OperatorCommand]

    init(for swap: Swap) {
        self.swap = swap
        switch swap.state {
        case .awaitingFallback:
            text = "Update the original where it runs instead? [y]es, [n]o: cancel the swap, [l]eave it waiting: "
            answers = ["y": .approve, "n": .cancel]
        case .awaitingUncordon:
            let canReturn = swap.refusal(of: .rollback) == nil
            text =
                "Give the updated original its traffic back? [y]es, "
                + (canReturn ? "[r]oll back to the snapshot, " : "") + "[l]eave it out of rotation, waiting: "
            answers = canReturn ? ["y": .promote, "r": .rollback] : ["y": .promote]
        default:
            text = "Promote the replacement? [y]es, [r]oll back, [l]eave it waiting: "
            answers = ["y": .promote, "r": .rollback]
        }
    }

    /// Asks until the answer is understood; `nil` when the swap is left waiting.
    func answer(_ output: Output) -> OperatorCommand? {
        while true {
            output.raw(text)
            guard let answer = readLine()?.lowercased() else { return nil }
            guard let letter = answer.first, letter != "l" else { return nil }
            let words: [Character: [String]] = [
                "y": ["y", "yes"], "n": ["n", "no"], "r": ["r", "rollback", "roll back"],
            ]
            if let command = answers[letter], words[letter]?.contains(answer) == true { return command }
            output.line("Please answer \((answers.keys.map(String.init).sorted() + ["l"]).joined(separator: ", ")).")
        }
    }
}
