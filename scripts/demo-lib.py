#!/usr/bin/env python3
"""Small helpers of scripts/demo, scripts/test and .ci/run that the shell is no good at.

    demo-lib.py free-port                          prints a free TCP port of 127.0.0.1
    demo-lib.py get URL                            prints the body; fails unless the status is 200
    demo-lib.py ask SOCKET COMMAND                 prints what HAProxy answers on its runtime socket
    demo-lib.py value EXPRESSION NAME=FILE...      prints what a Python expression over JSON files gives
    demo-lib.py holds EXPRESSION NAME=FILE...      exit code 0 when it is true, 1 when it is not
    demo-lib.py processes TEXT                     prints the processes with TEXT in arguments, variables or folder
    demo-lib.py end TEXT                           ends these processes: SIGTERM, after 10 s SIGKILL
    demo-lib.py median-ms COUNT PROGRAM ARG...     runs a program COUNT times, prints the median in milliseconds
    demo-lib.py xunit FILE                         prints how many tests passed, failed and were skipped; names the last two
"""
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
import xml.etree.ElementTree


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        print(listener.getsockname()[1])


def get(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as answer:
        sys.stdout.write(answer.read().decode())


def ask(path, command):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall(command.encode() + b"\n")
        while data := connection.recv(65536):
            sys.stdout.write(data.decode())


def evaluate(expression, files):
    values = {}
    for assignment in files:
        name, _, path = assignment.partition("=")
        with open(path) as file:
            text = file.read()
        try:
            values[name] = json.loads(text)
        except ValueError:
            sys.exit("%s holds no JSON document:\n%s" % (path, text[:2000]))
    return eval(expression, values)


def value(expression, *files):
    print(evaluate(expression, files))


def holds(expression, *files):
    try:
        is_true = evaluate(expression, files)
    except (KeyError, IndexError, TypeError) as error:
        sys.exit("the JSON lacks what `%s` needs: %r" % (expression, error))
    sys.exit(0 if is_true else 1)


def describe(process):
    def read(name):
        with open("/proc/%d/%s" % (process, name), "rb") as file:
            return file.read()

    try:
        folder = os.readlink("/proc/%d/cwd" % process).encode()
        arguments = read("cmdline")
        return arguments + b"\0" + read("environ") + b"\0" + folder, arguments.replace(b"\0", b" ").decode(errors="replace")
    except OSError:  # it has ended, or belongs to somebody else
        return b"", ""


def related(text):
    """The processes that mention `text`, apart from this one; zombies mention nothing."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            everything, arguments = describe(int(name))
            if text.encode() in everything:
                found[int(name)] = arguments
    return found


def processes(text):
    for process, arguments in sorted(related(text).items()):
        print(process, arguments)


def end(text):
    deadline = time.monotonic() + 10
    number = signal.SIGTERM
    while left := related(text):
        for process in left:
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass
        time.sleep(0.1)
        if time.monotonic() > deadline + 10:
            sys.exit("these processes do not end, even by SIGKILL: %s" % left)
        number = signal.SIGKILL if time.monotonic() > deadline else 0


def median_ms(count, *command):
    times = []
    for _ in range(int(count)):
        started = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append((time.monotonic() - started) * 1000)
    print("%.1f" % statistics.median(times))


def xunit(path):
    cases = list(xml.etree.ElementTree.parse(path).iter("testcase"))
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [case for case in cases if case.find("skipped") is not None]
    print(len(cases) - len(failed) - len(skipped), len(failed), len(skipped))
    for case in failed:
        print("failed: %s.%s" % (case.get("classname"), case.get("name")))
    for case in skipped:
        print("skipped: %s.%s: %s" % (case.get("classname"), case.get("name"), case.find("skipped").text or "no reason given"))


def main():
    commands = {"free-port": free_port, "get": get, "ask": ask, "value": value, "holds": holds,
                "processes": processes, "end": end, "median-ms": median_ms, "xunit": xunit}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    try:
        commands[sys.argv[1]](*sys.argv[2:])
    except OSError as error:
        sys.exit("%s: %s" % (" ".join(sys.argv[1:3]), error))


main()
