import Foundation

/// Finds the processes that belong to a folder of this test and to nothing else.
enum ProcessScan {
    /// Live processes whose working folder lies in `folder` or whose arguments or environment mention it.
    static func processes(of folder: String) -> [pid_t] {
        numbers.filter { number in
            guard number != getpid(), isAlive(number) else { return false }
            if let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(number)/cwd"),
                place == folder || place.hasPrefix(folder + "/")
            {
                return true
            }
            return mentions(folder, "/proc/\(number)/cmdline") || mentions(folder, "/proc/\(number)/environ")
        }
    }

    /// The processes among whose arguments `text` is.
    static func processes(withArgument text: String) -> [pid_t] {
        numbers.filter { mentions(text, "/proc/\($0)/cmdline") }
    }

    /// Ends everything that belongs to `folder`; returns what does not end.
    static func end(_ folder: String) async -> [pid_t] {
        for _ in 0..<500 {
            let left = processes(of: folder)
            if left.isEmpty { return [] }
            for number in left {
                kill(number, SIGKILL)
                waitpid(number, nil, WNOHANG)
            }
            try? await ContinuousClock().sleep(for: .milliseconds(10))
        }
        return processes(of: folder)
    }

    static func mentions(_ text: String, _ file: String) -> Bool {
        guard let handle = FileHandle(forReadingAtPath: file), let data = try? handle.readToEnd() else { return false }
        return data.range(of: Data(text.utf8)) != nil
    }

    private static var numbers: [pid_t] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
    }

    private static func isAlive(_ number: pid_t) -> Bool {
        guard let handle = FileHandle(forReadingAtPath: "/proc/\(number)/stat"), let data = try? handle.readToEnd(),
            let state = String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " ").first
        else { return false }
        return state != "Z" && state != "X"
    }
}
