"""Serves the web sockets that the transport's tests talk to, on loopback, over TLS, and on a Unix socket.

It speaks RFC 6455 by itself, so that it can break it. Prints one line of JSON that says where, then serves until its
standard input ends. Usage: websocket_server.py DIRECTORY (for certificates and the socket)
"""

import asyncio
import base64
import hashlib
import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys

DIRECTORY = sys.argv[1]
events = {}


def path(name):
    return os.path.join(DIRECTORY, name)


def event(name):
    return events.setdefault(name, asyncio.Event())


def make_certificate(name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", path(f"{name}.key"), "-out", path(f"{name}.pem")], check=True, capture_output=True)


def tls_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path("server.pem"), path("server.key"))
    # Would be chosen if it were offered.
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(path("client.pem"))
    return context


# Frames


def frame(opcode, payload, final=True, reserved=0):
    first = (0x80 if final else 0) | reserved | opcode
    if len(payload) < 126:
        return struct.pack("!BB", first, len(payload)) + payload
    if len(payload) < 65536:
        return struct.pack("!BBH", first, 126, len(payload)) + payload
    return struct.pack("!BBQ", first, 127, len(payload)) + payload


async def read_frame(reader):
    first, second = await reader.readexactly(2)
    assert first & 0x80 and not first & 0x70, "a whole frame without extensions"
    assert second & 0x80, "a client masks"
    length = second & 0x7F
    if length == 126:
        length, = struct.unpack("!H", await reader.readexactly(2))
        assert length > 125, "the shortest length"
    elif length == 127:
        length, = struct.unpack("!Q", await reader.readexactly(8))
        assert length > 65535, "the shortest length"
    mask = await reader.readexactly(4)
    masked = await reader.readexactly(length)
    key = int.from_bytes(mask * (length // 4 + 1), "big") >> (8 * (4 - length % 4))
    payload = (int.from_bytes(masked, "big") ^ key).to_bytes(length, "big") if length else b""
    return first & 0x0F, payload


def reset(writer):
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def until_gone(reader, name):
    """Waits for the client's end, and tells that it came."""
    try:
        while await reader.read(65536):
            pass
    except OSError:
        pass
    event(f"gone/{name}").set()


async def echo(reader, writer):
    while True:
        opcode, payload = await read_frame(reader)
        if opcode == 10:
            payload = b"pong " + payload
            opcode = 1
        writer.write(frame(opcode, payload))
        await writer.drain()
        if opcode == 8:
            return


async def flow(reader, writer, name, total):
    """Sends messages of 1,000 bytes, and tells when the client has stopped reading for a while."""
    sent = 0
    while sent < total:
        writer.write(frame(2, struct.pack("!Q", sent) + b"x" * 992) * 20)
        draining = asyncio.ensure_future(writer.drain())
        done, _ = await asyncio.wait([draining], timeout=0.3)
        if not done:
            event(f"stalled/{name}").set()
        await draining
        sent += 20
    writer.write(frame(8, struct.pack("!H", 1000)))
    await writer.drain()
    await until_gone(reader, name)


async def behave(route, name, reader, writer):
    """Does what a path asks for once the web socket is open."""
    simple = {
        "fragments": frame(1, b"one ", False) + frame(0, b"two ", False) + frame(9, b"between") + frame(0, b"three")
        + frame(2, b"", False) + frame(0, b""),
        "empty": frame(1, b"") + frame(2, b""),
        "reserved": frame(1, b"x", reserved=0x40),
        "masked": struct.pack("!BB", 0x81, 0x81) + b"\0\0\0\0x",
        "unknown": frame(3, b"x"),
        "continuation": frame(0, b"x"),
        "interleaved": frame(1, b"x", False) + frame(1, b"y"),
        "long-control": frame(9, b"x" * 126),
        "split-control": frame(9, b"x", False),
        "half-code": frame(8, b"x"),
        "large": frame(2, b"x" * 1001),
        "large-fragments": frame(2, b"x" * 600, False) + frame(0, b"x" * 401),
        "huge": struct.pack("!BBQ", 0x82, 127, 1 << 63),
        "goodbye": frame(1, b"last") + frame(8, struct.pack("!H", 4000) + b"enough"),
        "no-code": frame(8, b""),
        "invalid-text": frame(1, b"\xff\xfe"),
    }
    if route == "echo":
        await echo(reader, writer)
    elif route in simple:
        writer.write(simple[route])
        await writer.drain()
        answers = []
        while True:
            opcode, payload = await read_frame(reader)
            answers.append([opcode, payload.hex()])
            if opcode == 8:
                break
        events[f"answers/{name}"] = answers
        event(f"closed/{name}").set()
    elif route == "bytewise":
        for byte in frame(1, b"slow") + frame(2, b"y" * 200):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.0005)
        await until_gone(reader, name)
    elif route == "pings":
        writer.write(b"".join(frame(9, str(number).encode()) for number in range(3)))
        await echo(reader, writer)
    elif route == "abrupt":
        writer.write(frame(1, b"first"))
        await writer.drain()
    elif route == "cut":
        writer.write(frame(1, b"first") + frame(1, b"second")[:-2])
        await writer.drain()
    elif route == "reset":
        await read_frame(reader)
        reset(writer)
    elif route == "flow":
        await flow(reader, writer, name, 20_000)
    elif route == "deaf":
        writer.transport.pause_reading()
        event(f"open/{name}").set()
        await event(f"release/{name}").wait()
        writer.transport.resume_reading()
        await until_gone(reader, name)
    elif route == "silent":
        event(f"open/{name}").set()
        await until_gone(reader, name)


# Upgrades


async def upgrade(route, name, headers, reader, writer):
    key = headers.get("sec-websocket-key", "")
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    fields = {"Upgrade": "WebSocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Accept": accept}
    early = b""
    if route == "wrong-accept":
        fields["Sec-WebSocket-Accept"] = base64.b64encode(b"x" * 20).decode()
    elif route == "no-upgrade":
        del fields["Upgrade"]
    elif route == "extension":
        fields["Sec-WebSocket-Extensions"] = "permessage-deflate"
    elif route == "subprotocol":
        fields["Sec-WebSocket-Protocol"] = "chat"
    elif route == "early":
        early = frame(1, b"early")
    elif route == "interim":
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
    lines = "".join(f"{field}: {value}\r\n" for field, value in fields.items())
    writer.write(f"HTTP/1.1 101 Switching Protocols\r\n{lines}\r\n".encode() + early)
    await writer.drain()
    await behave("echo" if route in ("early", "interim", "subprotocol") else route, name, reader, writer)


REFUSALS = {
    "forbidden": b"HTTP/1.1 403 Forbidden\r\nContent-Length: 12\r\nX-Why: secret\r\n\r\nnot for you\n",
    "chunked": b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnot \r\n7;x=y\r\nfor you\r\n0\r\n\r\n",
    "lengthless": b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\nnot for you",
    "endless": b"HTTP/1.1 500 Error\r\nContent-Length: 10000000\r\n\r\n" + b"x" * 100_000,
    "garbage": b"220 this is not HTTP\r\n\r\n",
    "nothing": b"",
    "big-head": b"HTTP/1.1 101 Ok\r\n" + b"X-Filler: " + b"y" * 300_000 + b"\r\n\r\n",
}


async def serve(reader, writer):
    try:
        block = await reader.readuntil(b"\r\n\r\n")
        first, *lines = block.decode().rstrip("\r\n").split("\r\n")
        route, _, name = first.split(" ")[1].split("?")[0].strip("/").partition("/")
        headers = {field.lower(): value.strip() for field, _, value in (line.partition(":") for line in lines)}
        if route == "wait":
            await event(name).wait()
            body = json.dumps(events.get("answers/" + name.partition("/")[2], []))
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
        elif route == "set":
            event(name).set()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        elif route == "request":
            body = json.dumps([first, headers])
            writer.write(f"HTTP/1.1 400 Bad\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        elif route == "mute":
            event(f"open/{name}").set()
            await until_gone(reader, name)
        elif route in REFUSALS:
            writer.write(REFUSALS[route])
            if route in ("forbidden", "chunked", "endless"):
                await writer.drain()
                await until_gone(reader, name)
        else:
            await upgrade(route, name, headers, reader, writer)
        await writer.drain()
    except (asyncio.IncompleteReadError, OSError):
        pass
    finally:
        writer.close()


async def main():
    make_certificate("server")
    make_certificate("client")
    plain = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 20)
    secured = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls_context(), limit=1 << 20)
    await asyncio.start_unix_server(serve, path("ws.socket"), limit=1 << 20)
    print(json.dumps({name: server.sockets[0].getsockname()[1] for name, server in
                      [("plain", plain), ("secured", secured)]}), flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(0, lambda: os.read(0, 4096) or ended.set())
    await ended.wait()
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    os._exit(0)


asyncio.run(main())
