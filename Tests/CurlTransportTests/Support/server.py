"""Serves everything the transport's tests talk to, on loopback and on Unix sockets.

Prints one line of JSON that says where, then serves until its standard input ends, so that it cannot outlive the
tests. Usage: server.py DIRECTORY (for certificates and sockets)
"""

import asyncio
import ctypes
import hashlib
import json
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys

DIRECTORY = sys.argv[1]
LOOPBACK = "127.0.0.1"


class Marks:
    """Lets requests wait for what other requests do, by name."""

    def __init__(self):
        self.events = {}
        self.values = {}

    def event(self, name):
        return self.events.setdefault(name, asyncio.Event())

    def set(self, name, value=""):
        self.values[name] = value
        self.event(name).set()

    async def wait(self, name):
        await self.event(name).wait()
        return self.values.get(name, "")


marks = Marks()
connections = 0
server_names = {}


def path(name):
    return os.path.join(DIRECTORY, name)


# Certificates


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_key(name):
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path(f"{name}.key"))


def make_authority(name):
    make_key(name)
    openssl("req", "-x509", "-new", "-key", path(f"{name}.key"), "-subj", f"/CN={name}", "-days", "2",
            "-out", path(f"{name}.pem"))


def make_certificate(name, names, days=2, authority="authority"):
    make_key(name)
    with open(path(f"{name}.ext"), "w") as file:
        file.write(f"subjectAltName={names}\n")
    openssl("req", "-new", "-key", path(f"{name}.key"), "-subj", f"/CN={name}", "-out", path(f"{name}.csr"))
    openssl("x509", "-req", "-in", path(f"{name}.csr"), "-CA", path(f"{authority}.pem"),
            "-CAkey", path(f"{authority}.key"), "-CAcreateserial", "-days", str(days),
            "-extfile", path(f"{name}.ext"), "-out", path(f"{name}.pem"))


def make_certificates():
    here = "DNS:localhost,DNS:pinned.test,IP:127.0.0.1"
    make_authority("authority")
    make_authority("stranger")
    make_certificate("good", here)
    make_certificate("expired", here, days=-1)
    make_certificate("elsewhere", "DNS:elsewhere.test")
    make_certificate("unknown", here, authority="stranger")
    make_certificate("client", "DNS:client.test")
    make_key("selfsigned")
    openssl("req", "-x509", "-new", "-key", path("selfsigned.key"), "-subj", "/CN=localhost", "-days", "2",
            "-addext", f"subjectAltName={here}", "-out", path("selfsigned.pem"))


def tls_context(name, asks_client=False, newest=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path(f"{name}.pem"), path(f"{name}.key"))
    context.set_alpn_protocols(["http/1.1"])
    if asks_client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(path("authority.pem"))
    if newest:
        context.maximum_version = newest
    context.sni_callback = lambda connection, server_name, _: server_names.__setitem__(id(connection), server_name)
    return context


# HTTP/1.1


def head(status, length=None, headers=()):
    lines = [f"HTTP/1.1 {status} Test", *headers]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def pattern(count):
    block = bytes(i * 7 % 251 for i in range(251))
    return (block * (count // 251 + 1))[:count]


def reset(writer):
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def until_gone(reader, name):
    """Waits for the client to close, and marks that it did."""
    try:
        await reader.read(1)
    except OSError:
        pass
    marks.set(f"gone/{name}")


async def hang(reader, writer, name):
    marks.set(f"arrived/{name}")
    gone = asyncio.ensure_future(until_gone(reader, name))
    released = asyncio.ensure_future(marks.wait(f"release/{name}"))
    done, _ = await asyncio.wait([gone, released], return_when=asyncio.FIRST_COMPLETED)
    gone.cancel()
    released.cancel()
    # Both must have let go of the reader before the next request is read.
    await asyncio.gather(gone, released, return_exceptions=True)
    return released in done


async def flow(writer, name, total):
    """Sends a long body, and marks when the client has stopped reading for a while."""
    writer.write(head(200, total))
    sent = 0
    while sent < total:
        block = pattern(min(65536, total - sent))
        writer.write(block)
        draining = asyncio.ensure_future(writer.drain())
        done, _ = await asyncio.wait([draining], timeout=0.3)
        if not done:
            marks.set(f"stalled/{name}", str(sent))
        await draining
        sent += len(block)
    marks.set(f"stalled/{name}", str(total))


async def respond(request, reader, writer):
    """Answers one request; returns whether the connection goes on."""
    route, *arguments = request["path"].split("?")[0].strip("/").split("/")
    name = "/".join(arguments)

    async def answer(status, body=b"", headers=()):
        writer.write(head(status, len(body), headers) + (b"" if request["method"] == "HEAD" else body))
        await writer.drain()
        return True

    if route == "echo":
        facts = {key: request[key] for key in ("method", "path", "headers", "connection", "server_name", "subject")}
        facts["length"] = len(request["body"])
        facts["sha256"] = hashlib.sha256(request["body"]).hexdigest()
        return await answer(200, json.dumps(facts).encode(), ["Content-Type: application/json"])
    if route == "echo-body":
        return await answer(200, request["body"])
    if route == "number":
        return await answer(200, name.encode())
    if route == "bytes":
        return await answer(200, pattern(int(name)))
    if route == "status":
        return await answer(int(name))
    if route == "redirect":
        left = int(name)
        return await answer(302, b"moved", [f"Location: /redirect/{left - 1}"]) if left else await answer(200, b"end")
    if route == "duplicates":
        return await answer(200, b"", ["Set-Cookie: a=1", "X-Other: x", "set-cookie:  b=2 ", "X-Empty:"])
    if route == "interim":
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        return await answer(200, b"final", ["X-Final: yes"])
    if route == "trailers":
        writer.write(head(200, None, ["Transfer-Encoding: chunked", "Trailer: X-Sum"]))
        writer.write(b"5\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n")
        return True
    if route == "big-head":
        return await answer(200, b"", [f"X-{i}: {'v' * 1000}" for i in range(400)])
    if route == "nonsense":
        writer.write(b"220 this is not HTTP\r\n")
        return False
    if route == "hang":
        return await answer(200, b"released") if await hang(reader, writer, name) else False
    if route == "partial":
        writer.write(head(200, 1000) + b"0123456789")
        await writer.drain()
        await hang(reader, writer, name)
        return False
    if route == "drip":
        writer.write(head(200, 1000))
        while not writer.is_closing():
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(1)
        return False
    if route == "flow":
        await flow(writer, arguments[0], int(arguments[1]))
        return True
    if route == "reset":
        reset(writer)
        return False
    if route == "close":
        return False
    if route == "reset-midway":
        writer.write(head(200, 1000) + b"0123456789")
        await writer.drain()
        await marks.wait(f"release/{name}")
        reset(writer)
        return False
    if route == "truncate":
        writer.write(head(200, 1000) + b"0123456789")
        return False
    if route == "wait":
        return await answer(200, (await marks.wait(name)).encode())
    if route == "set":
        marks.set(name)
        return await answer(200)
    return await answer(404)


async def read_request(reader, facts):
    block = await reader.readuntil(b"\r\n\r\n")
    first, *lines = block.decode().rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = [line.split(":", 1) for line in lines]
    headers = [[name, value.strip()] for name, value in headers]
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    body = await reader.readexactly(length)
    return {**facts, "method": method, "path": target, "headers": headers, "body": body}


async def serve_http(reader, writer):
    global connections
    connections += 1
    secured = writer.get_extra_info("ssl_object")
    certificate = writer.get_extra_info("peercert") or {}
    facts = {
        "connection": connections,
        "server_name": server_names.get(id(secured)),
        "subject": [value for part in certificate.get("subject", ()) for _, value in part],
    }
    try:
        while await respond(await read_request(reader, facts), reader, writer):
            pass
    except (asyncio.IncompleteReadError, OSError):
        pass
    finally:
        server_names.pop(id(secured), None)
        writer.close()


# Raw bytes


async def serve_raw(reader, writer):
    """Greets, then echoes lines until one says how to end."""
    writer.write(b"220 ready\r\n")
    try:
        while line := await reader.readline():
            word = line.strip()
            if word == b"quit":
                writer.write(b"bye\r\n")
                break
            if word == b"reset":
                reset(writer)
                return
            if word.startswith(b"bytes "):
                writer.write(pattern(int(word[6:])))
                await writer.drain()
            elif word.startswith(b"hang "):
                await hang(reader, writer, word[5:].decode())
                break
            else:
                writer.write(line)
    except OSError:
        pass
    writer.close()


async def serve_echo(reader, writer):
    """Sends everything back until the client closes."""
    try:
        while block := await reader.read(65536):
            writer.write(block)
            await writer.drain()
    except OSError:
        pass
    writer.close()


def full_backlog():
    """Returns a port whose queue of connections is full, so that no further one is established."""
    listener = socket.socket()
    listener.bind((LOOPBACK, 0))
    listener.listen(0)
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    return listener.getsockname()[1], [listener, *fillers]


def free_port():
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


# HTTP/2, by nginx


NGINX = """
{user} daemon off; worker_processes 1; pid {directory}/nginx.pid; error_log stderr error;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_max_body_size 16m; http2_max_concurrent_streams 128;
  client_body_temp_path {directory}/t1; proxy_temp_path {directory}/t2; fastcgi_temp_path {directory}/t3;
  uwsgi_temp_path {directory}/t4; scgi_temp_path {directory}/t5;
  server {{
    listen 127.0.0.1:{clear} http2;
    listen 127.0.0.1:{secured} ssl http2;
    ssl_certificate {directory}/good.pem; ssl_certificate_key {directory}/good.key;
    root {directory};
    location / {{ return 200 "$server_protocol $request_method $request_uri $http_host $ssl_server_name"; }}
    location /file {{ try_files $uri =404; }}
    location /through/ {{ proxy_pass http://127.0.0.1:{plain}/; proxy_buffering off; }}
  }}
}}
"""


def start_nginx(plain):
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if not program:
        return None, None
    ports = {"clear": free_port(), "secured": free_port(), "plain": plain}
    with open(path("file"), "wb") as file:
        file.write(pattern(1_000_000))
    with open(path("nginx.conf"), "w") as file:
        # The worker must be able to read the private directory.
        user = "user root;" if os.geteuid() == 0 else ""
        file.write(NGINX.format(directory=DIRECTORY, user=user, **ports))
    # Dies with this process even if this process is killed.
    die_with_parent = lambda: ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    process = subprocess.Popen([program, "-p", DIRECTORY, "-c", path("nginx.conf"), "-e", "stderr"],
                               stdout=sys.stderr, preexec_fn=die_with_parent)
    return process, ports


async def nginx_ready(ports):
    while True:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, ports["secured"])
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.01)


# Everything


async def listen(handler, context=None):
    server = await asyncio.start_server(handler, LOOPBACK, 0, ssl=context, backlog=2048, limit=1 << 20)
    return server.sockets[0].getsockname()[1]


async def main():
    make_certificates()
    plain = await listen(serve_http)
    nginx, nginx_ports = start_nginx(plain)
    busy_port, kept = full_backlog()
    where = {
        "plain": plain,
        "good": await listen(serve_http, tls_context("good")),
        "old": await listen(serve_http, tls_context("good", newest=ssl.TLSVersion.TLSv1_2)),
        "expired": await listen(serve_http, tls_context("expired")),
        "elsewhere": await listen(serve_http, tls_context("elsewhere")),
        "unknown": await listen(serve_http, tls_context("unknown")),
        "selfsigned": await listen(serve_http, tls_context("selfsigned")),
        "mutual": await listen(serve_http, tls_context("good", asks_client=True)),
        "raw": await listen(serve_raw),
        "echo": await listen(serve_echo),
        "busy": busy_port,
        "refused": free_port(),
        "http2": nginx_ports["clear"] if nginx else 0,
        "http2TLS": nginx_ports["secured"] if nginx else 0,
    }
    await asyncio.start_unix_server(serve_http, path("http.socket"))
    await asyncio.start_unix_server(serve_raw, path("raw.socket"))
    if nginx:
        await asyncio.wait_for(nginx_ready(nginx_ports), 10)
    print(json.dumps(where), flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(0, lambda: os.read(0, 4096) or ended.set())
    await ended.wait()
    if nginx:
        nginx.terminate()
        nginx.wait()
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    del kept
    os._exit(0)


asyncio.run(main())
