"""Says how a world of moto_world.py is, by boto3 and nothing of ours: instances, targets and address, as JSON."""

import json
import sys

import boto3

port, region = int(sys.argv[1]), sys.argv[2]


def client(service):
    return boto3.client(
        service, region_name=region, endpoint_url="http://127.0.0.1:%d" % port, aws_access_key_id="looking",
        aws_secret_access_key="looking")


ec2, elb = client("ec2"), client("elbv2")
instances = {
    instance["InstanceId"]: {
        "state": instance["State"]["Name"],
        "image": instance["ImageId"],
        "type": instance["InstanceType"],
        "subnet": instance.get("SubnetId"),
        # AWS tells the groups of the first interface as the instance's as well; moto not where a launch names them there.
        "securityGroups": [group["GroupId"] for group in instance["NetworkInterfaces"][0]["Groups"]]
        if instance.get("NetworkInterfaces")
        else [group["GroupId"] for group in instance.get("SecurityGroups", [])],
        "tags": {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])},
    }
    for page in ec2.get_paginator("describe_instances").paginate()
    for reservation in page["Reservations"]
    for instance in reservation["Instances"]
}
targets = {
    health["Target"]["Id"]: health["TargetHealth"]["State"]
    for group in elb.describe_target_groups()["TargetGroups"]
    for health in elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
}
addresses = {
    address["AllocationId"]: address.get("InstanceId", "") for address in ec2.describe_addresses()["Addresses"]
}
print(json.dumps({"instances": instances, "targets": targets, "addresses": addresses}))
