import Foundation
import Testing

@testable import CurlTransport

@Suite struct WebSocketFrames {
    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// Lengths about the end of a block; the digests are those of `sha1sum`.
    @Test(arguments: [
        (0, "da39a3ee5e6b4b0d3255bfef95601890afd80709"), (1, "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        (55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"), (56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
        (63, "03f09f5b158a7a8cdad920bddc29b81c18a551f5"), (64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
        (65, "11655326c708d70319be2610e8a57d9a5b959d3b"), (1000, "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
    ])
    func digests(count: Int, expected: String) {
        #expect(hexadecimal(SHA1.digest(Array(repeating: UInt8(ascii: "a"), count: count))) == expected)
    }

    @Test func base64() {
        // RFC 4648, section 10.
        let vectors = ["": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "foobar": "Zm9vYmFy"]
        for (text, expected) in vectors { #expect(Base64.encode(Array(text.utf8)) == expected) }
        #expect(Base64.encode([0xFB, 0xFF, 0xBF]) == "+/+/")
    }

    @Test func handshakeOfTheRFC() throws {
        let request = HTTPRequest(
            url: "http://server.example.com:80?a=b#c",
            headers: [HTTPHeader(name: "Sec-WebSocket-Protocol", value: "chat, superchat")])
        let plan = try WebSocketPlan(request, WebSocketOptions(), key: "dGhlIHNhbXBsZSBub25jZQ==")
        #expect(plan.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(plan.subprotocols == ["chat", "superchat"])
        let lines = String(decoding: plan.upgrade, as: UTF8.self).components(separatedBy: "\r\n")
        #expect(lines.first == "GET /?a=b HTTP/1.1")
        #expect(lines.contains("Host: server.example.com:80"))
        #expect(lines.contains("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
        #expect(lines.suffix(2) == ["", ""])
    }

    @Test func keysAndMasksDiffer() throws {
        let keys = try (0..<20).map { _ in try WebSocketPlan(HTTPRequest(url: "http://a/"), .init()).accept }
        #expect(Set(keys).count == 20)
        let masks = (0..<20).map { _ in Array(WebSocketFrame.encode(.text, [])[2...]) }
        #expect(Set(masks).count == 20)
    }

    @Test func framesOfTheRFC() {
        // RFC 6455, section 5.7.
        let hello = WebSocketFrame.encode(.text, Array("Hello".utf8), mask: 0x37FA_213D)
        #expect(hello == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
        let bytes = [UInt8](repeating: 0, count: 65_536)
        #expect(WebSocketFrame.encode(.binary, Array(bytes[..<126]), mask: 0).prefix(4) == [0x82, 0xFE, 0, 126])
        #expect(WebSocketFrame.encode(.binary, Array(bytes[1...]), mask: 0).prefix(4) == [0x82, 0xFE, 0xFF, 0xFF])
        #expect(
            WebSocketFrame.encode(.binary, bytes, mask: 0).prefix(10) == [0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0])
    }

    @Test func closeFramesAreCut() throws {
        #expect(WebSocketFrame.encode(WebSocketClose(code: 1005)).count == 6)
        let long = WebSocketFrame.encode(WebSocketClose(code: 1000, reason: String(repeating: "ü", count: 100)))
        #expect(long[1] & 0x7F == 124)
        #expect(long.count == 6 + 124)
    }

    /// A server's frames, not masked.
    private func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] { [first, UInt8(payload.count)] + payload }

    @Test(arguments: 1...9)
    func decodesPiecesOfAnySize(size: Int) throws {
        let bytes =
            frame(0x01, [1, 2]) + frame(0x89, [3]) + frame(0x80, [4]) + [0x82, 126, 0, 200]
            + [UInt8](repeating: 7, count: 200) + frame(0x8A, []) + frame(0x88, [3, 0xE8, 111])
        var decoder = WebSocketDecoder(maxMessageBytes: 200)
        var events: [WebSocketDecoder.Event] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            try decoder.decode(bytes[start..<min(start + size, bytes.count)]) { events.append($0) }
        }
        #expect(
            events == [
                .ping([3]), .message(.text([1, 2, 4])), .message(.binary([UInt8](repeating: 7, count: 200))), .pong,
                .close(WebSocketClose(code: 1000, reason: "o")),
            ])
    }

    @Test func garbageNeverCrashes() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var bytes = (0..<40).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            // Most begin well, so that not all end at the first byte.
            bytes[0] &= 0x8F
            bytes[1] &= 0x7F
            var decoder = WebSocketDecoder(maxMessageBytes: 64)
            var count = 0
            do throws(WebSocketDecoder.Fault) {
                try decoder.decode(bytes[...]) { _ in count += 1 }
            } catch {
                #expect([1002, 1009].contains(error.closeCode))
            }
            #expect(count <= 20)
        }
    }

    @Test func chunks() {
        func decode(_ text: String) -> String? {
            ChunkedBody.decode(Array(text.utf8)).map {
                "\(String(decoding: $0.body, as: UTF8.self))\($0.isComplete ? "." : "")"
            }
        }
        #expect(decode("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n") == "abcde.")
        #expect(decode("3\r\nab") == "ab")
        #expect(decode("3") == "")
        #expect(decode("x\r\n") == nil)
        #expect(decode("-1\r\n") == nil)
        #expect(decode("fffffffff\r\n") == nil)
    }
}
