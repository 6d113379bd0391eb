#!/usr/bin/env python3
"""The demo's web service: a small real HTTP/1.1 server, patched by upgrading the package demo-web.

Listens on $ADDRESS:$PORT. `/` names the instance and the version, `/health` is JSON, `/slow?milliseconds=N` takes
its time. On SIGTERM it accepts nothing more, finishes the requests in flight and exits.
"""
import json
import os
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

VERSION = "@VERSION@"
BROKEN = "@BROKEN@"  # "no", "answers" (every request gets a 500) or "start" (does not start at all)
INSTANCE = os.environ.get("INSTANCE_ID", "unknown")
NAME = os.environ.get("INSTANCE_NAME", INSTANCE)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "demo-web/" + VERSION
    disable_nagle_algorithm = True
    timeout = 60

    def setup(self):
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self):
        self.server.connections.discard(self.connection)
        super().finish()

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/slow":
            print("demo-web: a slow request has begun", flush=True)
            wanted = parse_qs(url.query).get("milliseconds", ["500"])[0]
            time.sleep(min(int(wanted) if wanted.isdigit() else 500, 30000) / 1000)
        if BROKEN == "answers":
            self.answer(500, "text/plain", "demo-web %s cannot read its settings\n" % VERSION)
        elif url.path == "/health":
            self.answer(200, "application/json", json.dumps({"status": "UP", "version": VERSION, "instance": INSTANCE}) + "\n")
        elif url.path in ("/", "/slow"):
            self.answer(200, "text/plain", "%s demo-web %s\n" % (NAME, VERSION))
        else:
            self.answer(404, "text/plain", "not found\n")

    do_HEAD = do_GET

    def answer(self, status, kind, text):
        body = text.encode()
        if self.server.is_stopping:
            self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close" if self.close_connection else "keep-alive")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format, *arguments):
        if arguments and str(arguments[1] if len(arguments) > 1 else "").startswith("5"):
            super().log_message(format, *arguments)


class Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128
    is_stopping = False
    connections = set()

    def stop(self):
        self.is_stopping = True
        self.shutdown()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RD)  # ends idle keep-alive connections, not answers being written
            except OSError:
                pass


def main():
    if BROKEN == "start":
        sys.exit("demo-web %s: cannot load its settings" % VERSION)
    address, port = os.environ.get("ADDRESS", "127.0.0.1"), int(os.environ.get("PORT", "8080"))
    server = Server((address, port), Handler)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.stop).start() if not server.is_stopping else None)
    print("demo-web %s serves %s on %s:%d" % (VERSION, INSTANCE, address, port), flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    print("demo-web %s has stopped" % VERSION, flush=True)


main()
