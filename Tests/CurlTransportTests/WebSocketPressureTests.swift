import Glibc
import Testing

@testable import CurlTransport

extension TransportTests {
    @Suite struct WebSocketPressure {
        static let bound = Duration.milliseconds(100)

        let server: WebSocketServer
        let transport: CurlTransport

        init() throws {
            server = try WebSocketServer.shared
            transport = try CurlTransport(configuration: .init(streamBufferBytes: 64 * 1024))
        }

        private func endsInTime(
            with code: TransportError.Code = .cancelled, _ task: Task<TransportError, any Error>,
            _ end: () async -> Void
        ) async throws {
            let start = ContinuousClock.now
            await end()
            #expect(try await task.value.code == code)
            #expect(start.duration(to: .now) < Self.bound)
        }

        @Test(arguments: [false, true])
        func aSlowConsumerHoldsTheServerUp(isSecured: Bool) async throws {
            let name = uniqueName()
            let request = isSecured ? server.secured("flow/\(name)") : server.request("flow/\(name)")
            let socket = try await transport.opened(request)
            try await server.wait(for: "stalled/\(name)")
            // Nothing is to do meanwhile: the driver sleeps.
            let before = Self.processorSeconds()
            try await ContinuousClock().sleep(for: .milliseconds(500))
            #expect(Self.processorSeconds() - before < 0.2)
            var expected: UInt64 = 0
            while let message = try await socket.receive() {
                #expect(message.bytes.count == 1000)
                #expect(message.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } == expected / 20 * 20)
                expected += 1
            }
            #expect(expected == 20_000)
            #expect(socket.peerClose?.code == 1000)
        }

        @Test func aSlowConsumerOfAPeerThatHasGoneCostsNothing() async throws {
            let tight = try CurlTransport(configuration: .init(streamBufferBytes: 1))
            var request = HTTPRequest(url: "http://unix.test/abrupt")
            request.options.unixSocketPath = server.file("ws.socket")
            let socket = try await tight.opened(request)
            let before = Self.processorSeconds()
            try await ContinuousClock().sleep(for: .milliseconds(500))
            #expect(Self.processorSeconds() - before < 0.2)
            #expect(try await socket.receive() == .text(Array("first".utf8)))
            let error = try await failure { () async throws(TransportError) in try await socket.receive() }
            #expect(error.code == .reset)
        }

        private static func processorSeconds() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }

        @Test func closingDoesNotWaitForAConsumer() async throws {
            let name = uniqueName()
            let options = WebSocketOptions(closeTimeout: .seconds(60))
            let socket = try await transport.opened(server.request("flow/\(name)"), options: options)
            try await server.wait(for: "stalled/\(name)")
            await socket.close()
            #expect(socket.peerClose?.code == 1000)
            #expect(try await socket.receive() == nil)
        }

        /// Asks for a web socket whose peer does not read, over a socket that holds little.
        private func deaf(_ name: String) -> HTTPRequest {
            var request = HTTPRequest(url: "http://unix.test/deaf/\(name)")
            request.options.unixSocketPath = server.file("ws.socket")
            return request
        }

        @Test func sendersWaitForThePeer() async throws {
            let name = uniqueName()
            let socket = try await transport.opened(deaf(name))
            let tasks = (0..<2).map { _ in
                Task {
                    try await failure { () async throws(TransportError) in
                        try await socket.send(.binary([UInt8](repeating: 1, count: 1_000_000)))
                    }
                }
            }
            try await server.wait(for: "open/\(name)")
            try await endsInTime(tasks[0]) { tasks[0].cancel() }
            #expect(try await tasks[1].value.code == .cancelled)
            try await server.set("release/\(name)")
            try await server.wait(for: "gone/\(name)")
        }

        @Test func cancelledWhileReceiving() async throws {
            for _ in 0..<5 {
                let name = uniqueName()
                let socket = try await transport.opened(server.request("silent/\(name)"))
                let task = Task { try await failure { () async throws(TransportError) in try await socket.receive() } }
                try await server.wait(for: "open/\(name)")
                try await endsInTime(task) { task.cancel() }
                try await server.wait(for: "gone/\(name)")
                let later = try await failure { () async throws(TransportError) in try await socket.send(.text([])) }
                #expect(later.code == .cancelled)
            }
        }

        @Test func cancelledWhileOpening() async throws {
            let name = uniqueName()
            let request = server.request("mute/\(name)")
            let task = Task {
                try await failure { () async throws(TransportError) in try await transport.webSocket(request) }
            }
            try await server.wait(for: "open/\(name)")
            try await endsInTime(task) { task.cancel() }
            try await server.wait(for: "gone/\(name)")
        }

        @Test func cancelledWhileClosing() async throws {
            let name = uniqueName()
            let options = WebSocketOptions(closeTimeout: .seconds(60))
            let socket = try await transport.opened(server.request("silent/\(name)"), options: options)
            let task = Task { await socket.close() }
            try await server.wait(for: "open/\(name)")
            let start = ContinuousClock.now
            task.cancel()
            await task.value
            #expect(start.duration(to: .now) < Self.bound)
        }

        @Test func cancellationsRaceWithMessages() async throws {
            // Whoever comes first, every waiting task is answered once, and nothing is left open.
            let transport = try CurlTransport(configuration: .init(maxWebSockets: 4))
            for round in 0..<200 {
                let socket = try await transport.opened(server.request("echo"))
                let task = Task { () async -> Result<WebSocketMessage?, TransportError> in
                    do throws(TransportError) {
                        try await socket.send(.text([1]))
                        return .success(try await socket.receive())
                    } catch {
                        return .failure(error)
                    }
                }
                for _ in 0..<round % 20 { await Task.yield() }
                task.cancel()
                switch await task.value {
                case .success(let message): #expect(message == .text([1]))
                case .failure(let error): #expect(error.code == .cancelled)
                }
            }
        }

        @Test func shutdownEndsEverything() async throws {
            let transport = try CurlTransport()
            let names = (0..<4).map { _ in uniqueName() }
            var tasks: [Task<TransportError, any Error>] = []
            let silent = try await transport.opened(server.request("silent/\(names[0])"))
            tasks.append(Task { try await failure { () async throws(TransportError) in try await silent.receive() } })
            let mute = server.request("mute/\(names[1])")
            tasks.append(
                Task { try await failure { () async throws(TransportError) in try await transport.webSocket(mute) } })
            let deaf = try await transport.opened(deaf(names[2]))
            tasks.append(
                Task {
                    try await failure { () async throws(TransportError) in
                        try await deaf.send(.binary([UInt8](repeating: 1, count: 1_000_000)))
                    }
                })
            let closing = try await transport.opened(
                server.request("silent/\(names[3])"), options: WebSocketOptions(closeTimeout: .seconds(60)))
            let closed = Task { await closing.close() }
            for name in names { try await server.wait(for: "open/\(name)") }
            await transport.shutdown()
            for task in tasks { #expect(try await task.value.code == .shutdown) }
            await closed.value
            let later = try await failure { () async throws(TransportError) in try await silent.receive() }
            #expect(later.code == .shutdown)
            try await server.set("release/\(names[2])")
            for name in names { try await server.wait(for: "gone/\(name)") }
        }

        @Test func droppingTheLastReferenceClosesTheConnection() async throws {
            let name = uniqueName()
            var socket: WebSocket? = try await transport.opened(server.request("silent/\(name)"))
            #expect(socket?.head.status == 101)
            socket = nil
            try await server.wait(for: "gone/\(name)")
        }

        @Test func aWebSocketKeepsTheTransport() async throws {
            var transport: CurlTransport? = try CurlTransport()
            let socket = try #require(try await transport?.opened(server.request("echo")))
            transport = nil
            try await socket.send(.text([1]))
            #expect(try await socket.receive() == .text([1]))
        }

        @Test func twoReadersAreOneTooMany() async throws {
            let name = uniqueName()
            let socket = try await transport.opened(server.request("silent/\(name)"))
            async let codes = withTaskGroup(of: TransportError.Code?.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        do throws(TransportError) {
                            _ = try await socket.receive()
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                // One is refused; the other waits until the end.
                let first = await group.next() ?? nil
                group.cancelAll()
                return [first, await group.next() ?? nil]
            }
            #expect(await codes == [.invalidRequest, .cancelled])
        }
    }
}
