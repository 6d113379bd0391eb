import CurlTransport
import Testing

extension TransportTests {
    @Suite struct Load {
        /// Gives the same sequence of numbers on every run (SplitMix64).
        struct Numbers: RandomNumberGenerator {
            var state: UInt64

            mutating func next() -> UInt64 {
                state &+= 0x9E37_79B9_7F4A_7C15
                var mixed = state
                mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
                mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
                return mixed ^ (mixed >> 31)
            }
        }

        enum Outcome: Hashable {
            case correct
            case wrong
            case failed(TransportError.Code)
        }

        let server: TestServer

        init() throws {
            server = try TestServer.shared
        }

        private static func outcome(
            _ number: Int,
            _ run: () async throws(TransportError) -> [UInt8]
        ) async -> Outcome {
            do throws(TransportError) {
                return try await run() == Array("\(number)".utf8) ? .correct : .wrong
            } catch {
                return .failed(error.code)
            }
        }

        @Test(arguments: [64, 500])
        func concurrentRequests(connections: Int) async throws {
            let configuration = CurlTransport.Configuration(maxConnections: 500, maxConnectionsPerHost: connections)
            let transport = try CurlTransport(configuration: configuration)
            let outcomes = await withTaskGroup(of: Outcome.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        await Self.outcome(number) { () async throws(TransportError) in
                            try await transport.send(HTTPRequest(url: server.url("number/\(number)"))).body
                        }
                    }
                }
                return await group.reduce(into: [Outcome: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(outcomes == [.correct: 500])
            await transport.shutdown()
        }

        @Test func sequentialRequests() async throws {
            let transport = try CurlTransport()
            var fresh = 0
            for number in 0..<2_000 {
                let response = try await transport.send(HTTPRequest(url: server.url("number/\(number)")))
                #expect(response.body == Array("\(number)".utf8))
                if !response.reusedConnection { fresh += 1 }
            }
            #expect(fresh == 1)
        }

        @Test func randomCancellations() async throws {
            let configuration = CurlTransport.Configuration(maxConnections: 16, maxConnectionsPerHost: 8)
            let transport = try CurlTransport(configuration: configuration)
            var numbers = Numbers(state: 1)
            var outcomes: [Outcome: Int] = [:]
            for round in 0..<40 {
                let tasks = (0..<100).map { index in
                    let number = round * 100 + index
                    let kind = Int.random(in: 0..<4, using: &numbers)
                    return Task { await Self.run(number, kind: kind, transport, server) }
                }
                for task in tasks.shuffled(using: &numbers) {
                    for _ in 0..<Int.random(in: 0..<20, using: &numbers) { await Task.yield() }
                    if Bool.random(using: &numbers) { task.cancel() }
                }
                for task in tasks { outcomes[await task.value, default: 0] += 1 }
            }
            #expect(outcomes.values.reduce(0, +) == 4_000)
            #expect(Set(outcomes.keys).isSubset(of: [.correct, .failed(.cancelled)]))
            #expect(outcomes[.correct, default: 0] >= 1_000)
            #expect(outcomes[.failed(.cancelled), default: 0] >= 500)
            await transport.shutdown()
        }

        /// Fetches a number in one of the ways there are.
        private static func run(
            _ number: Int,
            kind: Int,
            _ transport: CurlTransport,
            _ server: TestServer
        ) async -> Outcome {
            let request = HTTPRequest(url: server.url("number/\(number)"))
            return await outcome(number) { () async throws(TransportError) in
                switch kind {
                case 0, 1:
                    return try await transport.send(request).body
                case 2:
                    var body: [UInt8] = []
                    for try await chunk in try await transport.stream(request).chunks { body += chunk }
                    return body
                default:
                    let line = "\(number)\n"
                    let exchange = RawExchange(
                        endpoint: .tcp(host: "127.0.0.1", port: server.ports.raw),
                        send: Array(line.utf8),
                        finish: .bytes(11 + line.utf8.count)
                    )
                    return Array(try await transport.exchange(exchange).received.dropFirst(11).dropLast())
                }
            }
        }

        @Test func shutdownRaces() async throws {
            var numbers = Numbers(state: 2)
            for _ in 0..<20 {
                let transport = try CurlTransport(configuration: .init(maxConnectionsPerHost: 4))
                let tasks = (0..<30).map { number in
                    let kind = Int.random(in: 0..<4, using: &numbers)
                    return Task { await Self.run(number, kind: kind, transport, server) }
                }
                for _ in 0..<Int.random(in: 0..<200, using: &numbers) { await Task.yield() }
                await transport.shutdown()
                for task in tasks {
                    #expect([.correct, .failed(.shutdown)].contains(await task.value))
                }
            }
        }
    }
}
