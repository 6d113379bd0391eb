"""Speaks with an EC2 façade by boto3, which knows the real services' protocols; prints "ok" when all is as it should be."""

import os
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

port, web, group, allocation = sys.argv[1:5]
key, secret, token = (os.environ.pop("AWS_" + name) for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"))
IMAGE = "ami-00000000000000001"


def client(service, region="eu-central-1"):
    return boto3.client(
        service, region_name=region, endpoint_url="http://127.0.0.1:" + port, aws_access_key_id=key,
        aws_secret_access_key=secret, aws_session_token=token, config=Config(retries={"total_max_attempts": 1}))


ec2, elb, ssm = client("ec2"), client("elbv2"), client("ssm")


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, (code, error)
    else:
        raise AssertionError("not refused with " + code)


def one(**arguments):
    return ec2.describe_instances(**arguments)["Reservations"][0]["Instances"][0]


def targets(**arguments):
    answer = elb.describe_target_health(TargetGroupArn=group, **arguments)["TargetHealthDescriptions"]
    return {health["Target"]["Id"]: health["TargetHealth"]["State"] for health in answer}


def until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.01)


launch = dict(
    ImageId=IMAGE, MinCount=1, MaxCount=1, ClientToken="t1", UserData="hello", SubnetId="subnet-0000000000000000b",
    TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "new & <x>"}]}])
refused("DryRunOperation", ec2.run_instances, **launch, DryRun=True)
made = ec2.run_instances(**launch)["Instances"][0]
new = made["InstanceId"]
assert ec2.run_instances(**launch)["Instances"][0]["InstanceId"] == new
assert made["Tags"] == [{"Key": "Name", "Value": "new & <x>"}] and made["ClientToken"] == "t1"
assert made["SubnetId"] == "subnet-0000000000000000b" and made["Placement"]["AvailabilityZone"] == "eu-central-1b"
refused("IdempotentParameterMismatch", ec2.run_instances, **{**launch, "UserData": "other"})
refused("InvalidAMIID.NotFound", ec2.run_instances, ImageId="ami-07", MinCount=1, MaxCount=1)
refused("InvalidInstanceID.NotFound", ec2.describe_instances, InstanceIds=["i-0000000000000ffff"])
refused("InvalidInstanceID.Malformed", ec2.describe_instances, InstanceIds=["x"])
until(lambda: one(InstanceIds=[new])["State"]["Name"] == "running")
assert one(Filters=[{"Name": "tag:Name", "Values": ["new*"]}])["InstanceId"] == new
for number in range(5):
    ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, ClientToken="more-%d" % number)
pages = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5}))
assert [len(page["Reservations"]) for page in pages] == [5, 2], [len(page["Reservations"]) for page in pages]
data = ec2.get_launch_template_data(InstanceId=new)["LaunchTemplateData"]
assert data["ImageId"] == IMAGE and data["BlockDeviceMappings"][0]["Ebs"]["VolumeType"] == "gp3", data
assert data["NetworkInterfaces"][0]["Groups"] == [made["SecurityGroups"][0]["GroupId"]], data
attribute = ec2.describe_instance_attribute(InstanceId=new, Attribute="userData")["UserData"]["Value"]
assert attribute == data["UserData"] == "aGVsbG8=", attribute
assert ec2.describe_images(ImageIds=[IMAGE])["Images"][0]["State"] == "available"

elb.register_targets(TargetGroupArn=group, Targets=[{"Id": new}])
until(lambda: targets() == {web: "healthy", new: "healthy"})
elb.deregister_targets(TargetGroupArn=group, Targets=[{"Id": web, "Port": 8080}])
assert targets()[web] == "draining"
until(lambda: targets() == {new: "healthy"})
assert targets(Targets=[{"Id": web}]) == {web: "unused"}
elb.deregister_targets(TargetGroupArn=group, Targets=[{"Id": web}])
attributes = elb.describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
assert attributes[0]["Key"] == "deregistration_delay.timeout_seconds"
assert elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]["TargetType"] == "instance"
refused("TargetGroupNotFound", elb.describe_target_groups, TargetGroupArns=["arn:none"])
refused("InvalidTarget", elb.register_targets, TargetGroupArn=group, Targets=[{"Id": "i-0000000000000ffff"}])

assert ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0]["InstanceId"] == web
refused(
    "Resource.AlreadyAssociated", ec2.associate_address, AllocationId=allocation, InstanceId=new,
    AllowReassociation=False)
association = ec2.associate_address(AllocationId=allocation, InstanceId=new)["AssociationId"]
assert ec2.associate_address(AllocationId=allocation, InstanceId=new)["AssociationId"] == association
ec2.disassociate_address(AssociationId=association)
refused("InvalidAssociationID.NotFound", ec2.disassociate_address, AssociationId=association)

ec2.create_tags(Resources=[new], Tags=[{"Key": "k", "Value": "v"}])
ec2.delete_tags(Resources=[new], Tags=[{"Key": "k", "Value": "other"}])
assert {"Key": "k", "Value": "v"} in one(InstanceIds=[new])["Tags"]
ec2.delete_tags(Resources=[new], Tags=[{"Key": "k"}])
assert "k" not in [tag["Key"] for tag in one(InstanceIds=[new])["Tags"]]
change = ec2.stop_instances(InstanceIds=[web])["StoppingInstances"][0]
assert (change["PreviousState"]["Name"], change["CurrentState"]["Name"]) == ("running", "stopping")
until(lambda: one(InstanceIds=[web])["State"]["Name"] == "stopped")
ec2.start_instances(InstanceIds=[web])
until(lambda: one(InstanceIds=[web])["State"]["Name"] == "running")
command = ssm.send_command(
    InstanceIds=[new], DocumentName="AWS-RunShellScript", Parameters={"commands": ["true"]})["Command"]["CommandId"]
assert ssm.get_command_invocation(CommandId=command, InstanceId=new)["Status"] == "Success"
refused("InvocationDoesNotExist", ssm.get_command_invocation, CommandId=command, InstanceId=web)
assert "login" in ec2.get_console_output(InstanceId=new)["Output"]
ec2.terminate_instances(InstanceIds=[new])
until(lambda: one(InstanceIds=[new])["State"]["Name"] == "terminated")
refused("IncorrectInstanceState", ec2.start_instances, InstanceIds=[new])
refused("SignatureDoesNotMatch", client("ec2", "us-west-2").describe_instances)
key = "AKIANOBODY"
refused("AuthFailure", client("ec2").describe_instances)
print("ok")
