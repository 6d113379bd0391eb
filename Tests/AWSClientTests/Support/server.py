"""Answers the tests of AWSClient on loopback until its standard input ends.

POST /script/<name>   the answers to requests under /s/<name>, as a JSON list of objects:
                      status, headers, body, fault ("reset": close without an answer, "truncate": close within the
                      body, "hang": answer when /release/<name> was asked for)
GET  /log/<name>      the requests under /s/<name> so far, as a JSON list
GET  /wait/<name>/<n> the same, as soon as there are n
POST /sts             the Security Token Service: its key tells the role and who assumed it
     /imds/           the instance's metadata; GET /container: a container's credentials
"""

import email.utils
import json
import re
import socket
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

state = threading.Condition()
scripts, logs, released = {}, {}, set()

ROLE = """<{0}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{0}Result><Credentials>
<AccessKeyId>{1}</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></{0}Result></{0}Response>"""


def credentials(key):
    return json.dumps({"AccessKeyId": key, "SecretAccessKey": "metadata-secret", "Token": "metadata-token",
                       "Code": "Success", "Expiration": "2099-01-01T00:00:00Z"})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(timestamp, usegmt=True)

    def answer(self, body, status=200, headers=(), declared=None):
        data = body.encode()
        self.send_response_only(status)
        names = {name.lower() for name in dict(headers)}
        if "date" not in names:
            self.send_header("Date", self.date_time_string())
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data) if declared is None else declared))
        self.end_headers()
        self.wfile.write(data)

    def drop(self):
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def scripted(self, name, body):
        with state:
            logs.setdefault(name, []).append({
                "method": self.command, "path": self.path, "headers": dict(self.headers.items()),
                "body": body.decode("utf-8", "replace"), "connection": self.client_address[1]})
            queue = scripts.get(name, [])
            step = queue.pop(0) if queue else {"status": 599, "body": "the script has ended"}
            state.notify_all()
            if step.get("fault") == "hang":
                state.wait_for(lambda: name in released)
        if step.get("fault") == "reset":
            return self.drop()
        content = step.get("body", "")
        if step.get("fault") == "truncate":
            self.answer(content, step.get("status", 200), step.get("headers", {}), len(content) + 1000)
            return self.drop()
        self.answer(content, step.get("status", 200), step.get("headers", {}))

    def sts(self, body):
        form = dict(urllib.parse.parse_qsl(body.decode()))
        signer = re.search(r"Credential=([^/]+)/", self.headers.get("Authorization", ""))
        key = "+".join(["ROLE", form["RoleArn"].split("/")[-1], form.get("ExternalId", "-"),
                        form.get("DurationSeconds", "-"), signer.group(1) if signer else "unsigned",
                        form.get("WebIdentityToken", "-")])
        self.answer(ROLE.format(form["Action"], key), 200, {"Content-Type": "text/xml"})

    def imds(self):
        path = self.path.removeprefix("/imds")
        if self.command == "PUT" and path == "/latest/api/token":
            if self.headers.get("x-aws-ec2-metadata-token-ttl-seconds") != "21600":
                return self.answer("", 400)
            return self.answer("imds-session")
        if self.headers.get("x-aws-ec2-metadata-token") != "imds-session":
            return self.answer("", 401)
        role = "/latest/meta-data/iam/security-credentials/"
        if path == role:
            return self.answer("the-role")
        return self.answer(credentials("INSTANCE")) if path == role + "the-role" else self.answer("", 404)

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urllib.parse.urlsplit(self.path).path.split("/")
        kind, name = parts[1], parts[2] if len(parts) > 2 else ""
        with state:
            if kind == "script":
                scripts[name] = json.loads(body)
            elif kind == "release":
                released.add(name)
                state.notify_all()
            elif kind == "wait":
                state.wait_for(lambda: len(logs.get(name, [])) >= int(parts[3]))
            log = json.dumps(logs.get(name, []))
        if kind == "s":
            self.scripted(name, body)
        elif kind == "sts":
            self.sts(body)
        elif kind == "imds":
            self.imds()
        elif kind == "container":
            key = "CONTAINER+" + self.headers.get("Authorization", "-")
            self.answer(credentials(key))
        else:
            self.answer(log)

    do_GET = do_POST = do_PUT = handle_any


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that has gone is what some tests are about."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
