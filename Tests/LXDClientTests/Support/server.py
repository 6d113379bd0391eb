"""Answers as the tests of the LXD client tell it to, on a Unix socket and over TLS.

Prints one line of JSON that says where, then serves until its standard input ends.
Usage: server.py DIRECTORY (for certificates and the socket)

`POST /script` takes {"METHOD /path": [ANSWER, ...]}: requests for that path, whatever their query, are given these
answers in turn, the last one again and again. An answer has `status`, `headers`, `body` (text, or any JSON value),
`delayMilliseconds` and `then`: what becomes of the connection instead of or after the answer (`close`, `reset`, `truncate`, `hang`, `stay`).
`POST /log` takes a path and returns the requests for it so far.
"""

import asyncio
import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys

DIRECTORY = sys.argv[1]
scripts = {}
log = {}


def path(name):
    return os.path.join(DIRECTORY, name)


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_certificate(name, names):
    """Makes a self-signed certificate, as LXD does for itself and for its clients."""
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes", "-days", "2",
            "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}",
            "-keyout", path(f"{name}.key"), "-out", path(f"{name}.crt"))


def tls_context(name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path(f"{name}.crt"), path(f"{name}.key"))
    # Go offers HTTP/2 first.
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(path("client.crt"))
    return context


def reset(writer):
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def answer(request, reader, writer):
    """Answers one request; returns whether the connection goes on."""
    key = f"{request['method']} {request['path'].split('?')[0]}"
    if key == "POST /script":
        scripts.update(json.loads(request["body"]))
        told = {"status": 200}
    elif key == "POST /log":
        told = {"status": 200, "body": log.get(request["body"].decode(), [])}
    else:
        log.setdefault(key, []).append({
            "query": request["path"].partition("?")[2], "headers": request["headers"],
            "body": request["body"].decode("utf-8", "replace"), "connection": id(writer)})
        waiting = scripts.get(key, [{"status": 404, "body": {
            "type": "error", "error": "not scripted", "error_code": 404, "metadata": None}}])
        told = waiting.pop(0) if len(waiting) > 1 else waiting[0]
    await asyncio.sleep(told.get("delayMilliseconds", 0) / 1000)
    then = told.get("then", "stay")
    if then == "close" and "status" not in told:
        return False
    if then == "reset":
        reset(writer)
        return False
    if then == "hang":
        await reader.read(1)
        return False
    body = told.get("body", "")
    body = (body if isinstance(body, str) else json.dumps(body)).encode()
    headers = "".join(f"{name}: {value}\r\n" for name, value in told.get("headers", {}).items())
    length = len(body) + (1000 if then == "truncate" else 0)
    writer.write(f"HTTP/1.1 {told['status']} Test\r\n{headers}Content-Length: {length}\r\n\r\n".encode() + body)
    await writer.drain()
    return then == "stay"


async def read_request(reader):
    block = await reader.readuntil(b"\r\n\r\n")
    first, *lines = block.decode().rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return {"method": method, "path": target, "headers": headers, "body": body}


async def serve(reader, writer):
    try:
        while await answer(await read_request(reader), reader, writer):
            pass
    except (asyncio.IncompleteReadError, OSError):
        pass
    finally:
        writer.close()


async def listen(name):
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls_context(name))
    return server.sockets[0].getsockname()[1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def main():
    make_certificate("client", "DNS:client.test")
    make_certificate("stranger", "DNS:stranger.test")
    make_certificate("here", "DNS:localhost,IP:127.0.0.1")
    make_certificate("elsewhere", "DNS:lxd.test")
    await asyncio.start_unix_server(serve, path("lxd.socket"))
    abandoned = socket.socket(socket.AF_UNIX)
    abandoned.bind(path("abandoned.socket"))
    abandoned.close()
    print(json.dumps({"here": await listen("here"), "elsewhere": await listen("elsewhere"), "refused": free_port()}),
          flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(0, lambda: os.read(0, 4096) or ended.set())
    await ended.wait()
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    os._exit(0)


asyncio.run(main())
