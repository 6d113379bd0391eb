#!/usr/bin/env python3
"""What scripts/lxd-lab does below the level of a shell: choosing a network, and leaving nothing behind.

    lxd-lab.py register FOLDER [BRIDGE]     chooses bridge and subnet, remembers what the machine was like, prints the choice
    lxd-lab.py restore FOLDER BRIDGE SUBNET remembers the choice of before again, unless it is remembered
    lxd-lab.py end FOLDER                   ends and deletes everything of the lab in FOLDER, however it was left
    lxd-lab.py began PROCESS                prints when a process began; exit code 1 when there is none
    lxd-lab.py watch FOLDER PROCESS BEGAN   leaves behind what waits until this process is gone, then does what `end` does
    lxd-lab.py serve ADDRESS PORT FOLDER    serves the files of FOLDER over HTTP
    lxd-lab.py is-serving ADDRESS PORT      exit code 0 when something listens there
"""
import functools
import hashlib
import http.server
import ipaddress
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

# One file for each lab of this machine, so that the last one to go puts back what the first one found.
REGISTRY = "/run/changeover-lxd-labs"
FORWARDING = "/proc/sys/net/ipv4/ip_forward"
PATIENCE_SECONDS = 30
# The daemon and its helpers (`lxd forkproxy` and the like), what watches an instance, and the bridge's DHCP server.
PROGRAMS = ("lxd", "dnsmasq", "[lxc")
FILES = ("lxd", "repository", "lab.env", "lab.new", "lxd.log", "lxd.out", "lxd.pid", "repository.log", ".lxc")


def output(*command):
    """What a command prints; nothing where it fails or does not exist."""
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30).stdout
    except FileNotFoundError:
        return ""


def read(path):
    with open(path, "rb") as file:
        return file.read().decode(errors="replace")


def listed(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []


# Choosing


def networks_in_use(but=None):
    """What this machine routes to, and its own addresses; one interface may be left out."""
    routes = json.loads(output("ip", "-json", "-4", "route", "show", "table", "all") or "[]")
    links = json.loads(output("ip", "-json", "-4", "address") or "[]")
    names = [route["dst"] for route in routes if route["dst"] != "default" and route.get("dev") != but]
    names += ["%(local)s/%(prefixlen)d" % address for link in links if link.get("ifname") != but
              for address in link["addr_info"]]
    return [ipaddress.ip_network(name, strict=False) for name in names]


def has_address(link, subnet):
    links = json.loads(output("ip", "-json", "-4", "address", "show", "dev", link) or "[]")
    return any(ipaddress.ip_address(address["local"]) in subnet for link in links for address in link.get("addr_info", []))


def default_mtu():
    """A bridge must not promise more than what packets go out by: not every network says that one was too long."""
    routes = json.loads(output("ip", "-json", "-4", "route", "show", "default") or "[]")
    return int(read("/sys/class/net/%s/mtu" % routes[0]["dev"])) if routes else 1500


def choose(folder, wanted):
    used = networks_in_use()
    used += [ipaddress.ip_network(entry["subnet"]) for entry in registered().values()]
    links = os.listdir("/sys/class/net")
    if wanted in links:
        sys.exit("lxd-lab: there is an interface %s already" % wanted)
    for number in range(1000):
        hashed = hashlib.sha256(("%s %d" % (folder, number)).encode()).digest()
        bridge = wanted or "clab" + hashed[:4].hex()
        # 10.176.0.0 to 10.239.255.255: neither what people nor what other tools choose first.
        subnet = ipaddress.ip_network("10.%d.%d.0/24" % (176 + hashed[4] % 64, hashed[5]))
        if bridge not in links and not any(subnet.overlaps(other) for other in used):
            return bridge, subnet
    sys.exit("lxd-lab: no subnet is free between 10.176.0.0 and 10.239.255.255")


def register(folder, wanted=""):
    bridge, subnet = choose(folder, wanted)
    remember(folder, bridge, subnet)
    print("bridge=%s\ngateway=%s\nsubnet=%s\nmtu=%d" % (bridge, subnet[1], subnet, default_mtu()))


def restore(folder, bridge, subnet):
    subnet = ipaddress.ip_network(subnet)
    others = registered()
    if others.get(bridge, {}).get("folder") == folder:
        return
    used = networks_in_use(but=bridge) + [ipaddress.ip_network(entry["subnet"]) for entry in others.values()]
    is_foreign = os.path.isdir("/sys/class/net/" + bridge) and not has_address(bridge, subnet)
    if bridge in others or is_foreign or any(subnet.overlaps(other) for other in used):
        sys.exit("lxd-lab: somebody else has %s or %s by now, so this lab cannot go on; lxd-lab stop %s" % (bridge, subnet, folder))
    remember(folder, bridge, subnet)


def remember(folder, bridge, subnet):
    before = {"forwarding": read(FORWARDING).strip(), "hadTable": has_table()}
    for other in registered().values():
        before = {key: other[key] for key in before}
    os.makedirs(REGISTRY, exist_ok=True)
    draft = os.path.join(REGISTRY, ".%s.%d" % (bridge, os.getpid()))
    with open(draft, "w") as file:
        json.dump({"folder": folder, "subnet": str(subnet), **before}, file)
    os.rename(draft, os.path.join(REGISTRY, bridge))


def registered():
    names = [name for name in listed(REGISTRY) if not name.startswith(".")]
    return {name: json.loads(read(os.path.join(REGISTRY, name))) for name in names}


def bridges(folder):
    """Those of a lab: what is registered, or else what its own files say and nobody else has."""
    entries = registered()
    found = [bridge for bridge, entry in entries.items() if entry["folder"] == folder]
    for name in ("lab.env", "lab.new"):
        path = os.path.join(folder, name)
        told = dict(line.split("=", 1) for line in read(path).splitlines() if "=" in line) if os.path.exists(path) else {}
        bridge = told.get("bridge")
        if bridge and bridge not in entries and has_address(bridge, ipaddress.ip_network(told["subnet"])):
            found.append(bridge)
    return found


def deregister(name, entry):
    os.remove(os.path.join(REGISTRY, name))
    if registered():
        return
    os.rmdir(REGISTRY)
    if read(FORWARDING).strip() != entry["forwarding"]:
        with open(FORWARDING, "w") as file:
            file.write(entry["forwarding"])
    if has_table() and not entry["hadTable"] and not chains():
        output("nft", "delete", "table", "inet", "lxd")


# Ending processes


def instances(folder):
    """The folders of the lab's containers, whose names are those of the instances."""
    pools = os.path.join(folder, "lxd", "storage-pools")
    folders = [os.path.join(pools, pool, "containers") for pool in listed(pools)]
    return [os.path.join(containers, name) for containers in folders for name in listed(containers)]


def instance_roots(folder):
    """The root folders of the lab's instances, as a process that has one of them as its root sees it."""
    roots = set()
    for instance in instances(folder):
        try:
            status = os.stat(os.path.join(instance, "rootfs"))
            roots.add((status.st_dev, status.st_ino))
        except OSError:
            pass
    return roots


def own_words(arguments, command):
    """What follows the command in the arguments of a process of this very script; nothing for any other process."""
    is_own = os.path.basename("".join(arguments[1:2])) == os.path.basename(__file__)
    return arguments[3:] if is_own and arguments[2:3] == [command] else []


def watches(arguments, folder):
    return own_words(arguments, "watch")[:1] == [folder]


def belongs(process, folder, roots):
    """Whether a process is the lab's: it runs in one of its instances, or is LXD's own and names the lab."""
    lab = os.path.join(folder, "lxd")
    if process == os.getpid():
        return False
    try:
        status = os.stat("/proc/%d/root/" % process)
        if (status.st_dev, status.st_ino) in roots:
            return True
        arguments = read("/proc/%d/cmdline" % process).split("\0")
        if os.path.join(folder, "repository") in own_words(arguments, "serve") or watches(arguments, folder):
            return True
        if os.path.basename(arguments[0].split(" ")[0]) not in PROGRAMS:
            return False
        # The title of what watches an instance is one word: `[lxc monitor] FOLDER/lxd/containers NAME`.
        words = " ".join(arguments).replace("=", " ").split(" ")
        if any(word == lab or word.startswith(folder + "/") for word in words):
            return True
        return "LXD_DIR=" + lab in read("/proc/%d/environ" % process).split("\0")
    except OSError:  # it has ended
        return False


def end_processes(folder):
    """Ends them all, and returns the control groups that they were in."""
    groups = set()
    roots = instance_roots(folder)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := [int(name) for name in os.listdir("/proc") if name.isdigit() and belongs(int(name), folder, roots)]:
        if time.monotonic() > deadline:
            sys.exit("lxd-lab: these processes do not end, even by SIGKILL: %s" % left)
        for process in left:
            groups |= cgroups_of(process)
        for process in left:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)
    return groups


# What processes leave


def cgroups_of(process):
    """Where in each hierarchy liblxc put a process: down to `lxc.payload.NAME` or `lxc.monitor.NAME`."""
    try:
        lines = read("/proc/%d/cgroup" % process).splitlines()
    except OSError:
        return set()
    found = set()
    for line in lines:
        _, controllers, path = line.split(":", 2)
        parts = path.split("/")
        for place, part in enumerate(parts):
            if part.startswith(("lxc.payload.", "lxc.monitor.")):
                found.add((controllers, "/".join(parts[:place + 1])))
    return found


def hierarchies():
    """Mount points of the control groups by controller; the empty name is version 2."""
    points = {}
    for line in read("/proc/self/mounts").splitlines():
        _, point, kind, options = line.split(" ")[:4]
        for option in [""] if kind == "cgroup2" else options.split(",") if kind == "cgroup" else []:
            points.setdefault(option, point)
    return points


def abandoned_cgroups(folder):
    """Those named after the lab's instances that have no process: whoever could have told their paths is dead."""
    names = "|".join(re.escape(os.path.basename(instance)) for instance in instances(folder))
    pattern = re.compile("lxc\\.(payload|monitor)\\.(%s)(-[0-9]+)?" % names)
    for controller, point in hierarchies().items():
        for name in filter(pattern.fullmatch, listed(point)) if names else []:
            # Another LXD's instance may have the same name.
            if not any(read(os.path.join(below, "cgroup.procs")) for below, _, _ in os.walk(os.path.join(point, name))):
                yield controller, "/" + name


def remove_cgroups(groups):
    points = hierarchies()
    deadline = time.monotonic() + PATIENCE_SECONDS
    for controllers, path in groups:
        top = points.get(controllers.split(",")[0], "/nowhere") + path
        while left := [folder for folder, _, _ in os.walk(top, topdown=False)]:
            for folder in left:
                try:
                    os.rmdir(folder)
                except OSError:
                    pass  # a process that was killed is still about to end, or a group below stays
            if not os.path.isdir(top):
                break
            if time.monotonic() > deadline:
                sys.exit("lxd-lab: the control group %s cannot be removed" % top)
            time.sleep(0.05)


def unmount(folder):
    for _ in range(100):  # mounts may be stacked
        points = [line.split(" ")[4] for line in read("/proc/self/mountinfo").splitlines()]
        points = [point for point in points if point.startswith(folder.replace(" ", "\\040") + "/")]
        if not points:
            return
        for point in sorted(points, key=len, reverse=True):
            output("umount", "--lazy", point.replace("\\040", " "))
    sys.exit("lxd-lab: cannot unmount %s" % points)


def has_table():
    return "table inet lxd" in output("nft", "list", "tables")


def chains():
    items = json.loads(output("nft", "--json", "list", "table", "inet", "lxd") or '{"nftables": []}')["nftables"]
    return [item["chain"]["name"] for item in items if "chain" in item]


def remove_rules(bridge):
    """LXD names its chains, or comments its rules, after the bridge; the table is shared by every LXD of the machine."""
    for name in chains() if has_table() else []:
        if name.endswith("." + bridge):
            output("nft", "delete", "chain", "inet", "lxd", name)
    for tool in ("iptables", "ip6tables"):
        # Asking for a table makes it, so ask only for those that are there.
        for table in output("cat", "/proc/net/%s_names" % tool.replace("tables", "_tables")).split():
            for line in output(tool, "-w", "-t", table, "-S").splitlines():
                comment = '"generated for LXD network %s"' % bridge
                if line.startswith("-A") and comment in line:
                    words = line.replace(comment, "@").split()[1:]
                    words = [comment.strip('"') if word == "@" else word for word in words]
                    output(tool, "-w", "-t", table, "-D", *words)


def remove_locks(folder):
    """liblxc keeps locks in a folder named after that of the instances, outside of it."""
    path = "/run/lxc/lock" + os.path.join(folder, "lxd")
    shutil.rmtree(path, ignore_errors=True)
    try:
        while path != "/run":
            path = os.path.dirname(path)
            os.rmdir(path)
    except OSError:
        pass  # others have locks in it


def unload_profiles(folder):
    profiles = os.path.join(folder, "lxd", "security", "apparmor", "profiles")
    if os.path.isdir("/sys/kernel/security/apparmor"):
        for name in listed(profiles):
            output("apparmor_parser", "--remove", os.path.join(profiles, name))


def end(folder):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # from here on nothing is left half done
    groups = end_processes(folder)
    unmount(folder)
    unload_profiles(folder)
    remove_cgroups(groups | set(abandoned_cgroups(folder)))
    remove_locks(folder)
    for bridge in bridges(folder):
        if os.path.isdir("/sys/class/net/" + bridge):
            output("ip", "link", "delete", bridge)
        remove_rules(bridge)
        if entry := registered().get(bridge):
            deregister(bridge, entry)
    for name in listed(folder):
        path = os.path.join(folder, name)
        if name not in FILES and not name.startswith(".work."):
            continue
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            os.remove(path)
    if os.path.isdir(folder) and not os.listdir(folder):
        os.rmdir(folder)


# Watching


def beginning(process):
    """When a process began, as /proc says it: a number that is used again has another. None once it has ended."""
    try:
        fields = read("/proc/%d/stat" % process).rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def began(process):
    print(beginning(int(process)) or sys.exit(1))


def watch(folder, process, since):
    for name in os.listdir("/proc"):  # the last one asked for is the one that counts
        try:
            if name.isdigit() and int(name) != os.getpid() and watches(read("/proc/%s/cmdline" % name).split("\0"), folder):
                os.kill(int(name), signal.SIGKILL)
        except OSError:
            pass  # it has ended
    if os.fork():
        os._exit(0)
    os.setsid()
    os.chdir("/")
    while beginning(int(process)) == since:
        time.sleep(1)
    end(folder)


# The repository


class Files(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send_error(self, code, message=None, explain=None):
        """Keeps the connection, unlike the original: apt has more requests under way on it."""
        self.send_response(code, message)
        self.send_header("Content-Length", "0")
        self.end_headers()


def serve(address, port, folder):
    handler = functools.partial(Files, directory=folder)
    http.server.ThreadingHTTPServer((address, int(port)), handler).serve_forever()


def is_serving(address, port):
    try:
        socket.create_connection((address, int(port)), timeout=2).close()
    except OSError:
        sys.exit(1)


def main():
    commands = {"register": register, "restore": restore, "end": end, "began": began, "watch": watch, "serve": serve,
                "is-serving": is_serving}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])


main()
