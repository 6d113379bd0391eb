"""Real servers on loopback, well and ill, for the table of verdicts: `servers.py` prints one line of JSON with the
ports by name and ends, with all that it started, when its standard input does."""

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = "127.0.0.1"
# Not below a temporary folder of our own, which the user that PostgreSQL runs as may not enter.
FOLDER = tempfile.mkdtemp(prefix="chg-table-", dir="/tmp")
PATHS = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
ports = {}
children = []
kept = []
UP = b'{"status":"UP"}'


def path(*names):
    return os.path.join(FOLDER, *names)


def program(name, *places):
    found = shutil.which(name, path=os.pathsep.join([*places, PATHS]))
    return found or sys.exit(f"servers.py: {name} is missing: scripts/setup test")


def closed_port():
    """A port that refuses connections as long as this process lives, since it is taken and nobody listens."""
    taken = socket.socket()
    taken.bind((HERE, 0))
    kept.append(taken)
    return taken.getsockname()[1]


def free_port():
    for _ in range(100):
        with socket.create_server((HERE, 0)) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            with contextlib.suppress(OSError):
                udp.bind((HERE, tcp.getsockname()[1]))
                return tcp.getsockname()[1]
    sys.exit("servers.py: no port")


def start(name, arguments, log=None, **more):
    with open(path((log or name) + ".log"), "ab") as output:
        child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                 start_new_session=True, **more)
    children.append(child)
    return child


def accepts(port, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection((HERE, port), 1):
            return
        time.sleep(0.02)
    sys.exit(f"servers.py: nothing listens on {port}: {ports}")


def web():
    """nginx, and HAProxy before it."""
    for name in ["nginx", "maintenance", "broken", "typed", "moved", "hanging", "haproxy", "noserver", "late",
                 "sorry", "haproxyhanging"]:
        ports[name] = free_port()
    types = "default_type application/json;"
    sites = {
        "nginx": types + "return 200 '{\"status\":\"UP\"}';", "broken": "return 503 'no';",
        "maintenance": "default_type text/html; return 200 '<h1>Maintenance</h1>';",
        "typed": types + "return 200 '{\"status\":[\"UP\"]}';",
        "moved": f"return 302 http://{HERE}:{ports['nginx']}/;",
        "hanging": f"proxy_pass http://{HERE}:{ports['silent']};",
    }
    blocks = "".join(f"server {{ listen {HERE}:{ports[name]}; location / {{ {rule} }} }}\n"
                     for name, rule in sites.items())
    folders = "".join(f"{kind}_temp_path {path(kind)};\n"
                   for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
    with open(path("nginx.conf"), "w") as file:
        file.write(f"daemon off; master_process off; pid {path('nginx.pid')}; error_log stderr;\n"
                   f"events {{}}\nhttp {{ access_log off; {folders}{blocks} }}\n")
    start("nginx", [program("nginx"), "-p", FOLDER, "-c", path("nginx.conf"), "-e", "stderr"])
    dead = closed_port()
    with open(path("haproxy.cfg"), "w") as file:
        file.write(f"""defaults
  mode http
  timeout connect 2s
  timeout client 20s
  timeout server 20s
frontend good
  bind {HERE}:{ports['haproxy']}
  default_backend nginx
frontend noserver
  bind {HERE}:{ports['noserver']}
  default_backend dead
frontend late
  bind {HERE}:{ports['late']}
  default_backend late
frontend hanging
  bind {HERE}:{ports['haproxyhanging']}
  default_backend hanging
frontend sorry
  bind {HERE}:{ports['sorry']}
  http-request return status 200 content-type text/html string "We are sorry"
backend nginx
  server a {HERE}:{ports['nginx']}
backend dead
  retries 0
  server a {HERE}:{dead}
backend late
  timeout server 200ms
  server a {HERE}:{ports['silent']}
backend hanging
  server a {HERE}:{ports['silent']}
""")
    start("haproxy", [program("haproxy"), "-db", "-f", path("haproxy.cfg")])


def redis():
    for name, more in [("redis", []), ("redislocked", ["--requirepass", "x"]), ("redisstopped", [])]:
        ports[name] = free_port()
        os.mkdir(path(name))
        child = start(name, [program("redis-server"), "--port", str(ports[name]), "--bind", HERE, "--save", "",
                             "--appendonly", "no", "--dir", path(name), *more])
        accepts(ports[name])
        if name == "redisstopped":
            child.send_signal(signal.SIGSTOP)


def postgres():
    """A good one; standbys, of which one lets nobody in and one answers readers; and one that hangs."""
    places = sorted((os.path.join("/usr/lib/postgresql", version, "bin")
                     for version in os.listdir("/usr/lib/postgresql")), reverse=True) \
        if os.path.isdir("/usr/lib/postgresql") else []
    # PostgreSQL refuses to run as root.
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    other = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    base = path("postgres")
    os.mkdir(base)
    if account:
        os.chmod(FOLDER, 0o711)
        os.chown(base, account.pw_uid, account.pw_gid)
    data = os.path.join(base, "good")
    subprocess.run([program("initdb", *places), "-D", data, "-U", "table", "-A", "trust", "--no-sync", "-E", "UTF8",
                    "--locale=C"], check=True, stdout=subprocess.DEVNULL, cwd=base, **other)
    for name in ["starting", "standby", "stopped"]:
        subprocess.run(["cp", "-r", data, os.path.join(base, name)], check=True, **other)
    for name, more in [("good", []), ("starting", ["hot_standby=off"]), ("standby", ["hot_standby=on"]),
                       ("stopped", [])]:
        folder = os.path.join(base, name)
        if more:
            subprocess.run(["touch", os.path.join(folder, "standby.signal")], check=True, **other)
            more = [*more, "restore_command=false", "primary_conninfo="]
        port = ports["postgres" if name == "good" else "postgres" + name] = free_port()
        settings = ["listen_addresses=" + HERE, f"port={port}", "unix_socket_directories=", "fsync=off",
                    "shared_buffers=8MB", *more]
        child = start("postgres-" + name, [program("postgres", *places), "-D", folder,
                                           *[part for setting in settings for part in ("-c", setting)]],
                      cwd=base, **other)
        child.ends = signal.SIGQUIT
        if name == "stopped":
            accepts(port)
            child.send_signal(signal.SIGSTOP)
    ready = program("pg_isready", *places)
    for name, wanted in [("postgres", 0), ("postgresstandby", 0), ("postgresstarting", 1)]:
        end = time.monotonic() + 15
        command = [ready, "-q", "-U", "table", "-h", HERE, "-p", str(ports[name]), "-t", "2"]
        while subprocess.run(command).returncode != wanted:
            if time.monotonic() > end:
                with open(path("postgres-" + (name[len("postgres"):] or "good") + ".log")) as log:
                    sys.exit(f"servers.py: {name} does not get ready: {log.read()[-900:]}")
            time.sleep(0.05)
    return os.path.dirname(ready)


def dnsmasq():
    for name in ["dnsmasq", "dnsstopped"]:
        ports[name] = free_port()
        child = start(name, [
            program("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
            "--bind-interfaces", f"--listen-address={HERE}", f"--port={ports[name]}", "--pid-file=", "--user=",
            "--log-facility=-", "--host-record=web.test,192.0.2.1", "--local=/test/"])
        accepts(ports[name])
        if name == "dnsstopped":
            child.send_signal(signal.SIGSTOP)


def lying_dns(name, change):
    """Answers every question with an address; `change` says how it lies."""
    server = socket.socket(type=socket.SOCK_DGRAM)
    server.bind((HERE, 0))
    ports[name] = server.getsockname()[1]

    def run():
        while True:
            query, peer = server.recvfrom(512)
            record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + bytes([192, 0, 2, 1])
            answer = query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + query[12:] + record
            server.sendto(change(query, answer), peer)

    threading.Thread(target=run, daemon=True).start()


def talk(name, handle):
    """A TCP server; `handle` is given each connection and closes it by returning."""
    listener = socket.create_server((HERE, 0), backlog=64)
    ports[name] = listener.getsockname()[1]

    def one(connection):
        with contextlib.suppress(OSError), connection:
            handle(connection)

    def run():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=run, daemon=True).start()


def say(text, then=None):
    def handle(connection):
        connection.sendall(text)
        if then:
            then(connection)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
    return handle


def reply(text, then=None):
    """Sends a text once a request has come."""
    def handle(connection):
        connection.recv(4096)
        say(text, then)(connection)
    return handle


def wait(_):
    threading.Event().wait(30)


def mail(greeting=b"220 mail.test ESMTP\r\n", answer=b"250 mail.test\r\n"):
    """Takes mail and throws it away."""
    def handle(connection):
        connection.sendall(greeting)
        for line in connection.makefile("rb"):
            if line[:4].upper() == b"QUIT":
                connection.sendall(b"221 bye\r\n")
                return
            connection.sendall(answer)
            if answer.startswith(b"421"):
                return
    return handle


def drip(connection):
    for byte in UP:
        time.sleep(1)
        connection.sendall(bytes([byte]))


def flood(piece, total):
    def pour(connection):
        sent = 0
        while sent < total:
            connection.sendall(piece)
            sent += len(piece)
    return pour


def sockets():
    gigabyte, block = 1 << 30, b"x" * (1 << 16)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    length = lambda count: head + b"Content-Length: %d\r\n\r\n" % count
    talk("silent", wait)
    talk("up", reply(length(len(UP)) + UP))
    talk("long", reply(length(1000) + UP))
    talk("garbage", reply(b"HTTP/1.1 fine\r\n\r\n"))
    talk("banner", say(b"SSH-2.0-OpenSSH_9.2\r\n"))
    talk("mute", reply(b""))
    talk("headless", reply(head))
    talk("empty", reply(length(0)))
    talk("null", reply(length(15) + b'{"status":null}'))
    talk("cased", reply(length(15) + b'{"status":"up"}'))
    talk("twice", reply(length(32) + b'{"status":"UP","status":"DOWN" }'))
    talk("drip", reply(length(len(UP)), drip))
    talk("dripheader", reply(b"HTTP/1.1 200 OK\r\nX: ", drip))
    talk("gigabyte", reply(length(gigabyte), flood(block, gigabyte)))
    chunk = b"10000\r\n" + block + b"\r\n"
    talk("chunks", reply(head + b"Transfer-Encoding: chunked\r\n\r\n", flood(chunk, gigabyte)))
    talk("header", reply(head + b"X-Long: ", flood(block, gigabyte)))
    talk("stream", say(b"", flood(block, gigabyte)))
    talk("loading", say(b"-LOADING Redis is loading the dataset in memory\r\n"))
    talk("echo", lambda connection: connection.sendall(connection.recv(4096)))
    talk("smtp", mail())
    talk("smtprefusing", say(b"554 mail.test has no service\r\n"))
    talk("smtpbusy", mail(answer=b"421 mail.test is busy\r\n"))
    lying_dns("dnsother", lambda query, answer: bytes([query[0] ^ 1]) + answer[1:])
    lying_dns("dnsname", lambda query, answer: answer.replace(b"\xc0\x0c", b"\x05other\x00", 1))
    lying_dns("dnsaddress", lambda query, answer: answer[:-1] + b"\x63")
    lying_dns("dnsempty", lambda query, answer: answer[:6] + b"\0\0" + answer[8:-16])
    lying_dns("dnsrefused", lambda query, answer: answer[:3] + b"\x85\0\1\0\0" + answer[8:-16])
    lying_dns("dnsgarbage", lambda query, answer: answer[:-6])


def end():
    for child in children:
        with contextlib.suppress(OSError):
            child.send_signal(signal.SIGCONT)
            child.send_signal(getattr(child, "ends", signal.SIGKILL))
    for child in children:
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    shutil.rmtree(FOLDER, ignore_errors=True)


def main():
    ports["closed"] = closed_port()
    sockets()
    web()
    work = [threading.Thread(target=part) for part in (redis, dnsmasq)]
    for thread in work:
        thread.start()
    programs = postgres()
    for thread in work:
        thread.join()
    for name in ["nginx", "haproxy"]:
        accepts(ports[name])
    print(json.dumps({"ports": ports, "postgresPrograms": programs}), flush=True)
    sys.stdin.read()


code = 0
try:
    main()
except BaseException as problem:
    print(problem if isinstance(problem, SystemExit) else traceback.format_exc(), file=sys.stderr, flush=True)
    code = 1
finally:
    end()
    os._exit(code)
