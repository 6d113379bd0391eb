"""A small cloud for tests: moto's server, and machines for its instances.

moto (https://docs.getmoto.org) keeps the books of EC2, ELBv2 and SSM and has no machines behind them. What is added here,
and is ours and not moto's:

* an HTTP service at the private address of each running instance, port 8080 (the network lies below 127.43.0.0/16, so that
  these addresses are loopback ones); it answers 200, or 500 where the instance's image is the one named "broken";
* an agent: SendCommand runs its script with sh in a folder of the instance, GetCommandInvocation gives what came of it;
* devices, kinds of volumes and user data in the answers to GetLaunchTemplateData, where moto has placeholders or nothing;
* a count of the requests of each action, at /_counts.

Prints one line of JSON about the world when it is ready, and ends when its standard input ends or its parent dies.
"""

import argparse
import collections
import io
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

os.environ["MOTO_ENABLE_ISO_REGIONS"] = "false"
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]  # ours alone, for moto and for boto3

import boto3  # noqa: E402
from moto.ec2.models import ec2_backends  # noqa: E402
from moto.ec2.responses.launch_templates import LaunchTemplates  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from moto.ssm import models as ssm_models  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402

ACCOUNT = "123456789012"
SERVICE_PORT = 8080
HOLDING_PORT = 8079


class Machines:
    """The HTTP services of the running instances, all served by one thread."""

    def __init__(self, region, broken):
        self.region, self.broken = region, broken
        self.listeners = {}
        self.lock = threading.Lock()
        self.selector = selectors.DefaultSelector()
        self.wake_read, self.wake_write = socket.socketpair()
        self.selector.register(self.wake_read, selectors.EVENT_READ, None)
        threading.Thread(target=self.serve, daemon=True).start()

    def follow(self):
        """Opens and closes services so that exactly the running instances have one."""
        wanted = {
            instance.private_ip: instance.id
            for instance in ec2_backends[ACCOUNT][self.region].all_instances()
            if instance.state == "running" and (instance.private_ip or "").startswith("127.43.")
        }
        with self.lock:
            for address in set(self.listeners) - set(wanted):
                listener = self.listeners.pop(address)
                self.selector.unregister(listener)
                listener.close()
            for address in set(wanted) - set(self.listeners):
                listener = socket.create_server((address, SERVICE_PORT), backlog=64)
                self.listeners[address] = listener
                self.selector.register(listener, selectors.EVENT_READ, wanted[address])
        self.wake_write.send(b"x")

    def serve(self):
        while True:
            for key, _ in self.selector.select():
                if key.data is None:
                    self.wake_read.recv(64)
                    continue
                try:
                    connection, _ = key.fileobj.accept()
                except OSError:
                    continue
                with connection:
                    connection.settimeout(2)
                    try:
                        if connection.recv(4096):
                            connection.sendall(self.answer(key.data))
                    except OSError:
                        pass

    def answer(self, instance):
        found = ec2_backends[ACCOUNT][self.region].get_instance(instance)
        is_well = found.image_id != self.broken["id"]
        body = json.dumps({"status": "UP" if is_well else "DOWN", "instance": instance}).encode()
        status = b"200 OK" if is_well else b"500 Internal Server Error"
        head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        return head % (status, len(body)) + body


class Agent:
    """Runs the scripts that SendCommand brings."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="moto-agent-")
        original = ssm_models.SimpleSystemManagerBackend.send_command
        agent = self

        def send_command(backend, **arguments):
            command = original(backend, **arguments)
            for invocation in command.invocations:
                invocation.update(Status="InProgress", StatusDetails="InProgress", ResponseCode=-1)
                script = "\n".join(command.parameters.get("commands", []))
                threading.Thread(target=agent.run, args=(invocation, script), daemon=True).start()
            return command

        ssm_models.SimpleSystemManagerBackend.send_command = send_command

    def run(self, invocation, script):
        home = os.path.join(self.folder, invocation["InstanceId"])
        os.makedirs(home, exist_ok=True)
        done = subprocess.run(
            ["sh", "-c", script], cwd=home, capture_output=True, text=True, stdin=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "HOME": home})
        status = "Success" if done.returncode == 0 else "Failed"
        invocation.update(
            ResponseCode=done.returncode, StandardOutputContent=done.stdout, StandardErrorContent=done.stderr,
            StatusDetails=status)
        invocation["Status"] = status  # last: whoever sees it sees the rest


def complete_launch_template_data():
    """Puts into moto's answers what AWS's have."""
    original = LaunchTemplates.get_launch_template_data

    def get_launch_template_data(response):
        answer = original(response)
        data = answer.result["LaunchTemplateData"]
        instance = response.ec2_backend.get_instance(response._get_param("InstanceId"))
        for mapping, (device, disk) in zip(data["BlockDeviceMappings"], instance.block_device_mapping.items()):
            volume = response.ec2_backend.get_volume(disk.volume_id)
            mapping["DeviceName"] = device
            mapping["Ebs"]["VolumeType"] = volume.volume_type
            mapping["Ebs"]["Encrypted"] = volume.encrypted
        if instance.user_data:
            data["UserData"] = str(instance.user_data)
        return answer

    LaunchTemplates.get_launch_template_data = get_launch_template_data


class Counter:
    """A WSGI application before moto's: counts actions and lets the machines follow what is changed."""

    def __init__(self, application, machines):
        self.application, self.machines = application, machines
        self.counts = collections.Counter()
        self.lock = threading.Lock()

    def __call__(self, environment, start):
        if environment["PATH_INFO"] == "/_counts":
            with self.lock:
                body = json.dumps(self.counts).encode()
            start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        action = self.action(environment)
        answer = list(self.application(environment, start))
        if action in ("RunInstances", "StartInstances", "StopInstances", "TerminateInstances"):
            self.machines.follow()
        return answer

    def action(self, environment):
        target = environment.get("HTTP_X_AMZ_TARGET")
        if target:
            name = target.split(".")[-1]
        else:
            length = int(environment.get("CONTENT_LENGTH") or 0)
            body = environment["wsgi.input"].read(length)
            environment["wsgi.input"] = io.BytesIO(body)
            name = urllib.parse.parse_qs(body.decode()).get("Action", ["?"])[0]
        if environment.get("HTTP_USER_AGENT", "").startswith("Boto3"):
            return name  # the test's own looks do not count
        with self.lock:
            self.counts[name] += 1
        return name


class QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type, message, *arguments):
        pass


def reserve_block():
    """Addresses 127.43.N.0/24, N from 128 on, that no other such process has; the socket holds them."""
    start = os.getpid() % 128
    for offset in range(128):
        prefix = "127.43.%d" % (128 + (start + offset) % 128)
        holder = socket.socket()
        try:
            holder.bind((prefix + ".254", HOLDING_PORT))
            holder.listen(1)
            return prefix, holder
        except OSError:
            holder.close()
    raise SystemExit("every block of loopback addresses is taken")


def build(port, region, prefix, count, user_data):
    """Makes the world with boto3, as a person would."""

    def client(service):
        return boto3.client(
            service, region_name=region, endpoint_url="http://127.0.0.1:%d" % port, aws_access_key_id="setup",
            aws_secret_access_key="setup")

    ec2, elb = client("ec2"), client("elbv2")
    vpc = ec2.create_vpc(CidrBlock=prefix + ".0/24")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=prefix + block, AvailabilityZone=region + zone)["Subnet"]["SubnetId"]
        for block, zone in ((".0/25", "a"), (".128/26", "b"))
    ]
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    images = {
        name: ec2.register_image(
            Name=name, Architecture="x86_64", RootDeviceName="/dev/xvda", VirtualizationType="hvm",
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}])["ImageId"]
        for name in ("good", "broken")
    }
    balancer = elb.create_load_balancer(Name="web", Subnets=subnets, SecurityGroups=[group], Scheme="internal")
    target_group = elb.create_target_group(
        Name="web", Protocol="HTTP", Port=SERVICE_PORT, VpcId=vpc, TargetType="instance", HealthCheckPath="/health")
    arn = target_group["TargetGroups"][0]["TargetGroupArn"]
    elb.modify_target_group_attributes(
        TargetGroupArn=arn, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "1"}])
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"], Protocol="HTTP", Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}])
    instances = []
    for number in range(1, count + 1):
        tags = [{"Key": "Name", "Value": "web-%d" % number}, {"Key": "fleet", "Value": "web"}]
        made = ec2.run_instances(
            ImageId=images["good"], InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnets[0],
            SecurityGroupIds=[group], UserData=user_data, TagSpecifications=[{"ResourceType": "instance", "Tags": tags}])
        instances.append(made["Instances"][0]["InstanceId"])
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": id} for id in instances])
    allocation = ec2.allocate_address(Domain="vpc")
    ec2.associate_address(AllocationId=allocation["AllocationId"], InstanceId=instances[0])
    return {
        "vpc": vpc, "subnets": subnets, "securityGroup": group, "images": images, "targetGroup": arn,
        "instances": instances, "allocation": allocation["AllocationId"], "publicAddress": allocation["PublicIp"],
    }


def end_with_parent(folder):
    """Ends when the parent dies, even by SIGKILL (PR_SET_PDEATHSIG asks for the thread and not for the process)."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    end(folder)


def end(folder):
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--region", default="eu-central-1")
    parser.add_argument("--instances", type=int, default=1)
    parser.add_argument("--user-data", default="#!/bin/sh\necho hello\n")
    options = parser.parse_args()
    prefix, holder = reserve_block()
    broken = {"id": None}
    complete_launch_template_data()
    machines, agent = Machines(options.region, broken), Agent()
    signal.signal(signal.SIGTERM, lambda number, frame: end(agent.folder))
    threading.Thread(target=end_with_parent, args=(agent.folder,), daemon=True).start()
    counter = Counter(DomainDispatcherApplication(create_backend_app), machines)
    server = make_server("127.0.0.1", 0, counter, threaded=True, request_handler=QuietHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    world = build(server.port, options.region, prefix, options.instances, options.user_data)
    broken["id"] = world["images"]["broken"]
    world.update(port=server.port, region=options.region)
    print(json.dumps(world), flush=True)
    sys.stdin.read()
    holder.close()
    end(agent.folder)


main()
