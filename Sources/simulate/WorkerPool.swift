import Foundation
import Glibc
import Simulation

/// Runs seeds in worker processes of this program, since one simulated world keeps to one thread.
struct WorkerPool {
    /// A worker process ended otherwise than it should.
    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    /// One worker process, as its parent sees it.
    private struct Child {
        var index: Int
        var process: pid_t
        var descriptor: Int32
        var unread: [UInt8] = []
        /// How many of its seeds it has reported.
        var reported = 0
        var isDone = false
    }

    let seeds: Range<UInt64>
    let steps: Int?
    let jobs: Int
    let isStopping: Bool

    init(seeds: Range<UInt64>, steps: Int?, jobs: Int, isStopping: Bool) {
        self.seeds = seeds
        self.steps = steps
        self.jobs = min(jobs, seeds.count)
        self.isStopping = isStopping
    }

    /// Runs all seeds; throws when a worker breaks off, after ending the others.
    func run() throws -> RunTally {
        var children: [Child] = []
        defer {
            for child in children {
                kill(child.process, SIGKILL)
                close(child.descriptor)
                waitpid(child.process, nil, 0)
            }
            Output.progress("")
        }
        for index in 0..<jobs { children.append(try start(index)) }
        var tally = RunTally()
        let started = ContinuousClock.now
        while !children.isEmpty {
            for position in try readable(children).reversed() {
                let isOpen = try read(&children[position], into: &tally)
                if !isOpen { try bury(children.remove(at: position)) }
            }
            showProgress(tally, after: started.duration(to: .now))
            if isStopping, let first = tally.findings.first { stop(&children, behind: first.seed) }
        }
        return tally
    }

    private func start(_ index: Int) throws -> Child {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Broken(description: "no pipe: \(Self.problem)") }
        // Only the worker's copy of the writing end may stay open, or a worker's end would go unnoticed.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            close(ends[1])
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        var arguments = [
            "simulate", "--share", "\(index)/\(jobs)", "--seed", "\(seeds.lowerBound)", "--seeds", "\(seeds.count)",
        ]
        if let steps { arguments += ["--steps", "\(steps)"] }
        if isStopping { arguments.append("--until-violation") }
        let words = arguments.map { strdup($0) } + [nil]
        let variables = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var process = pid_t()
        let code = posix_spawn(&process, "/proc/self/exe", &actions, nil, words, variables)
        guard code == 0 else {
            close(ends[0])
            throw Broken(description: "a worker cannot be started: \(String(cString: strerror(code)))")
        }
        return Child(index: index, process: process, descriptor: ends[0])
    }

    /// The positions of the workers that have written something or ended, after waiting for that for a moment.
    private func readable(_ children: [Child]) throws -> [Int] {
        var states = children.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        let count = poll(&states, nfds_t(states.count), 500)
        guard count >= 0 || errno == EINTR else { throw Broken(description: "cannot wait: \(Self.problem)") }
        return states.indices.filter { states[$0].revents != 0 }
    }

    /// Takes in what a worker has written; `false` at its end.
    private func read(_ child: inout Child, into tally: inout RunTally) throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(child.descriptor, &buffer, buffer.count)
        guard count > 0 else { return count < 0 && errno == EINTR }
        child.unread += buffer.prefix(count)
        while let end = child.unread.firstIndex(of: 0x0A) {
            let line = Data(child.unread[..<end])
            child.unread.removeSubrange(...end)
            if line == Data(Worker.lastWord.utf8) {
                child.isDone = true
            } else {
                guard let part = try? JSONDecoder().decode(RunTally.self, from: line) else {
                    let text = String(decoding: line.prefix(200), as: UTF8.self)
                    throw Broken(description: "a worker wrote what is no tally: \(text)")
                }
                tally.add(part)
                child.reported += part.seeds
            }
        }
        return true
    }

    /// Looks how a worker ended.
    private func bury(_ child: Child) throws {
        close(child.descriptor)
        var status: Int32 = 0
        while waitpid(child.process, &status, 0) == -1, errno == EINTR {}
        guard status != 0 || !child.isDone else { return }
        let signal = status & 0x7F
        let how = signal == 0 ? "with exit code \((status >> 8) & 0xFF)" : "by signal \(signal)"
        let why = signal == SIGALRM ? ": one seed took longer than \(Worker.patience) s" : ""
        throw Broken(description: "a worker ended \(how) before it was done\(why)")
    }

    /// Ends the workers that are past a seed with a violation, when only the first one is asked for.
    private func stop(_ children: inout [Child], behind seed: UInt64) {
        children.removeAll { child in
            let next = seeds.lowerBound + UInt64(child.index) + UInt64(child.reported) * UInt64(jobs)
            guard next > seed else { return false }
            kill(child.process, SIGKILL)
            close(child.descriptor)
            waitpid(child.process, nil, 0)
            return true
        }
    }

    private func showProgress(_ tally: RunTally, after elapsed: Duration) {
        guard Output.showsProgress else { return }
        let rate = Double(tally.seeds) / max(elapsed / .seconds(1), 0.001)
        let violations = tally.findings.isEmpty ? "" : ", \(tally.findings.count) with a violation"
        Output.progress("\(tally.seeds) of \(seeds.count) seeds\(violations), \(Int(rate)) a second")
    }

    private static var problem: String { String(cString: strerror(errno)) }
}
