"""One swap and fifty against moto, and the same replacements by Terraform's create_before_destroy, in one run.

Called by scripts/benchmark. Both tools speak to the same kind of server (moto, in a process of its own, fresh for every
run), replace instances behind a target group, and are measured from outside: wall time, requests counted at the server,
and the peak of the resident memory of the whole process tree, sampled every 10 ms.

Terraform is taken from the PATH and its AWS provider from the folder that TF_PLUGIN_MIRROR names (a filesystem mirror);
without them its columns stay empty, and the table says so.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORLD = ROOT / "Tests/EndToEndTests/Support/moto/moto_world.py"
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

PLAYBOOK = """
apiVersion: changeover/v1
kind: Playbook
metadata: {{name: bench}}
provider: ec2
patch: {{scope: none}}
launch: {{image: same, inherit: [type, subnet, securityGroups, role, key, tags]}}
checks: [check.yaml]
traffic:
  - targetGroup: {{arn: "{group}", port: 8080}}
promote: {{approval: auto}}
drain: {{timeout: 5s}}
bake: {{for: 0s}}
"""

CHECK = """
apiVersion: changeover/v1
kind: HealthCheck
metadata: {name: web}
defaults: {interval: 100ms, successThreshold: 1, stableFor: 0s, phase: [baseline, verify, bake, rollback]}
checks:
  - id: answers
    http: {port: 8080, path: /}
    assert: [{status: 200}]
"""

TERRAFORM = """
terraform {{
  required_providers {{
    aws = {{ source = "hashicorp/aws" }}
  }}
}}
variable "image" {{}}
provider "aws" {{
  region = "{region}"
  access_key = "bench"
  secret_key = "bench"
  skip_credentials_validation = true
  skip_metadata_api_check = true
  skip_requesting_account_id = true
  endpoints {{
    ec2 = "{endpoint}"
    elbv2 = "{endpoint}"
  }}
}}
resource "aws_instance" "web" {{
  count = {count}
  ami = var.image
  instance_type = "t3.micro"
  subnet_id = "{subnet}"
  vpc_security_group_ids = ["{security_group}"]
  lifecycle {{ create_before_destroy = true }}
}}
resource "aws_lb_target_group_attachment" "web" {{
  count = {count}
  target_group_arn = "{group}"
  target_id = aws_instance.web[count.index].id
  port = 8080
  lifecycle {{ create_before_destroy = true }}
}}
"""


class World:
    """moto with machines, fresh for one measurement."""

    def __init__(self, instances):
        self.process = subprocess.Popen(
            [sys.executable, WORLD, "--instances", str(instances)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.facts = json.loads(self.process.stdout.readline())
        self.endpoint = "http://127.0.0.1:%d" % self.facts["port"]

    def calls(self):
        with urllib.request.urlopen(self.endpoint + "/_counts") as answer:
            return sum(json.load(answer).values())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def tree_bytes(root):
    """The resident memory of a process and its descendants."""
    children, resident = {}, {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            fields = pathlib.Path("/proc", entry, "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(entry))
        resident[int(entry)] = int(fields[21]) * PAGE_BYTES
    total, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        total += resident.get(process, 0)
        waiting += children.get(process, [])
    return total


def measured(arguments, folder, environment, accepts=(0,)):
    """Runs a command; wall time in seconds and peak memory in bytes."""
    began = time.monotonic()
    with open(folder / "output.txt", "ab") as output:
        process = subprocess.Popen(
            arguments, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    peak, ended = [0], threading.Event()

    def watch():
        while not ended.wait(0.01):
            peak[0] = max(peak[0], tree_bytes(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    wall = time.monotonic() - began
    ended.set()
    watcher.join()
    if code not in accepts:
        sys.exit("%s ended with %d:\n%s" % (arguments[0], code, (folder / "output.txt").read_text()[-3000:]))
    return wall, peak[0]


def swap(program, count):
    """Changeover: from the command to the held originals."""
    with World(count) as world, tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        image, group = world.facts["images"]["good"], world.facts["targetGroup"]
        (folder / "playbook.yaml").write_text(PLAYBOOK.format(group=group))
        (folder / "check.yaml").write_text(CHECK)
        environment = {
            "PATH": os.environ["PATH"], "HOME": name, "AWS_ENDPOINT_URL": world.endpoint,
            "AWS_REGION": world.facts["region"], "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench",
        }
        before = world.calls()
        wall, peak = measured(
            [program, "swap", *world.facts["instances"], "--playbook", "playbook.yaml", "--max-in-flight", str(count)],
            folder, environment)
        return wall, world.calls() - before, peak


def terraform(count):
    """Terraform: one apply that replaces what an apply before has made, with create_before_destroy."""
    with World(1) as world, tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        facts = world.facts
        (folder / "main.tf").write_text(
            TERRAFORM.format(
                region=facts["region"], endpoint=world.endpoint, count=count, subnet=facts["subnets"][0],
                security_group=facts["securityGroup"], group=facts["targetGroup"]))
        mirror = os.environ["TF_PLUGIN_MIRROR"]
        (folder / "terraform.rc").write_text(
            'provider_installation { filesystem_mirror { path = "%s" } }\n' % mirror)
        environment = {
            "PATH": os.environ["PATH"], "HOME": name, "TF_CLI_CONFIG_FILE": str(folder / "terraform.rc"),
            "CHECKPOINT_DISABLE": "1",
        }
        program = shutil.which("terraform")
        apply = [program, "apply", "-auto-approve", "-no-color", "-parallelism=50"]
        measured([program, "init", "-no-color"], folder, environment)
        measured([*apply, "-var", "image=" + facts["images"]["good"]], folder, environment)
        before = world.calls()
        wall, peak = measured([*apply, "-var", "image=" + facts["images"]["broken"]], folder, environment)
        return wall, world.calls() - before, peak


def median(runs):
    return [statistics.median(column) for column in zip(*runs)]


def row(what, count, ours, theirs):
    wall, calls, peak = ours
    text = "| %s | %.2f s | %.1f | %.0f MB |" % (what, wall, calls / count, peak / 1e6)
    if theirs is None:
        return text + " – | – | – | – |"
    return text + " %.2f s | %.1f | %.0f MB | %.1f × as fast, %.1f × fewer calls, %.1f × less memory |" % (
        theirs[0], theirs[1] / count, theirs[2] / 1e6, theirs[0] / wall, theirs[1] / calls, theirs[2] / peak)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    has_terraform = bool(shutil.which("terraform") and os.environ.get("TF_PLUGIN_MIRROR"))
    print("Replacing instances against moto; medians of %d runs. Calls are a replaced instance's.\n" % options.runs)
    print("| instances | Changeover: wall | calls | memory | Terraform: wall | calls | memory | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    for count in (1, 50):
        ours, theirs = [], []
        for _ in range(options.runs):  # in turns, so that both meet the same machine
            ours.append(swap(options.program, count))
            if has_terraform:
                theirs.append(terraform(count))
        print(row(count, count, median(ours), median(theirs) if theirs else None), flush=True)
    if not has_terraform:
        print("\nTerraform was left out: it is not on the PATH, or TF_PLUGIN_MIRROR does not name a mirror of its AWS provider.")


main()
