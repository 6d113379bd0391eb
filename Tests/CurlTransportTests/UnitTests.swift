import Testing

@testable import CurlTransport

extension TransportTests {
    @Suite struct Units {
        @Test func certificateDates() {
            #expect(CertificateDate.epochSeconds("Jan  1 00:00:00 1970 GMT") == 0)
            #expect(CertificateDate.epochSeconds("Feb 29 12:34:56 2024 GMT") == 1_709_210_096)
            #expect(CertificateDate.epochSeconds("2034-11-22 22:15:00 GMT") == 2_047_846_500)
            #expect(CertificateDate.epochSeconds("Dec 31 23:59:59 9999 GMT") == 253_402_300_799)
            for wrong in ["", "GMT", "Foo 1 00:00:00 2000 GMT", "Jan 1 00:00 2000 GMT", "Jan 1 00:00:00 2000 CET"] {
                #expect(CertificateDate.epochSeconds(wrong) == nil)
            }
        }

        @Test func foldedHeaderLines() {
            var head = ResponseHead(followsRedirects: false)
            for line in ["HTTP/1.1 200 OK\r\n", "X-A: one\r\n", "\t two \r\n", "nonsense\r\n", "X-B:\r\n", "\r\n"] {
                let isTaken = Array(line.utf8).withUnsafeBufferPointer { head.append($0) }
                #expect(isTaken)
            }
            #expect(head.isComplete)
            #expect(head.headers == [.init(name: "X-A", value: "one two"), .init(name: "X-B", value: "")])
        }

        @Test func wholeMilliseconds() {
            #expect(Duration.microseconds(1).wholeMilliseconds == 1)
            #expect(Duration.milliseconds(1_500).wholeMilliseconds == 1_500)
            #expect(Duration.zero.wholeMilliseconds == 0)
        }

        @Test func errorsDescribeThemselves() {
            let error = TransportError(code: .dns, detail: "host: unknown")
            #expect(error.description == "dns: host: unknown")
            #expect(TransportError.Code.allCases.allSatisfy { TransportError.Code(rawValue: $0.rawValue) == $0 })
        }

        @Test func secondReaderIsRefused() async throws {
            let buffer = StreamBuffer(capacity: 1)
            await withTaskGroup(of: Result<[UInt8]?, TransportError>.self) { group in
                for _ in 0..<2 { group.addTask { await buffer.next {} } }
                // Nothing has arrived, so only a refusal can end first.
                guard case .failure(let error) = await group.next() else {
                    Issue.record("nobody was refused")
                    return
                }
                #expect(error.code == .invalidRequest)
                buffer.finish(.success(()))
                #expect(await group.next() == .success(nil))
            }
        }
    }
}
