/// Makes answers to DescribeInstances as large and as detailed as EC2's.
enum SampleAnswer {
    static func document(instances: Int) -> String {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n"
        text += "    <requestId>fdcdcab1-ae5c-489e-9c33-4637c5dda355</requestId>\n    <reservationSet>\n"
        for number in 0..<instances { text += reservation(number) }
        return text + "    </reservationSet>\n</DescribeInstancesResponse>\n"
    }

    private static func hex(_ number: Int) -> String {
        let digits = String(number * 2_654_435_761 + 0x0a1b_2c3d_4e5f, radix: 16)
        return String(String(repeating: "0", count: 17) + digits).suffix(17).description
    }

    private static func reservation(_ number: Int) -> String {
        let id = hex(number)
        let address = "10.\(number / 65_536).\(number / 256 % 256).\(number % 256)"
        var text = "        <item><reservationId>r-\(id)</reservationId><ownerId>123456789012</ownerId><groupSet/>"
        text += "<instancesSet><item><instanceId>i-\(id)</instanceId><imageId>ami-\(id)</imageId>"
        text += "<instanceState><code>16</code><name>running</name></instanceState>"
        text += "<privateDnsName>ip-\(address).eu-central-1.compute.internal</privateDnsName>"
        text += "<dnsName>ec2-\(address).eu-central-1.compute.amazonaws.com</dnsName><reason/>"
        text += "<keyName>deploy</keyName><amiLaunchIndex>0</amiLaunchIndex><productCodes/>"
        text += "<instanceType>m5.large</instanceType><launchTime>2027-01-15T08:00:00.000Z</launchTime>"
        text += "<placement><availabilityZone>eu-central-1a</availabilityZone><groupName/><tenancy>default</tenancy>"
        text += "</placement><monitoring><state>disabled</state></monitoring><subnetId>subnet-\(id)</subnetId>"
        text +=
            "<vpcId>vpc-\(id)</vpcId><privateIpAddress>\(address)</privateIpAddress><ipAddress>\(address)</ipAddress>"
        text += "<sourceDestCheck>true</sourceDestCheck>" + groups(id)
        text += "<architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType>"
        text += "<rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping>" + devices(id) + "</blockDeviceMapping>"
        text += "<virtualizationType>hvm</virtualizationType><clientToken>\(id)-\(id)</clientToken>" + tags(number)
        text += "<hypervisor>xen</hypervisor>" + interface(id, address)
        text += "<iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/web</arn><id>AIPA\(id)</id>"
        text += "</iamInstanceProfile><ebsOptimized>true</ebsOptimized><cpuOptions><coreCount>1</coreCount>"
        text += "<threadsPerCore>2</threadsPerCore></cpuOptions><capacityReservationSpecification>"
        text += "<capacityReservationPreference>open</capacityReservationPreference></capacityReservationSpecification>"
        text += "<hibernationOptions><configured>false</configured></hibernationOptions><enclaveOptions>"
        text += "<enabled>false</enabled></enclaveOptions><metadataOptions><state>applied</state>"
        text += "<httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit>"
        text += "<httpEndpoint>enabled</httpEndpoint><httpProtocolIpv6>disabled</httpProtocolIpv6>"
        text += "<instanceMetadataTags>disabled</instanceMetadataTags></metadataOptions>"
        text += "<maintenanceOptions><autoRecovery>default</autoRecovery></maintenanceOptions>"
        return text + "<platformDetails>Linux/UNIX</platformDetails></item></instancesSet></item>\n"
    }

    private static func groups(_ id: String) -> String {
        let all = (0..<3).map {
            "<item><groupId>sg-\(id)\($0)</groupId><groupName>web &amp; more \($0)</groupName></item>"
        }
        return "<groupSet>" + all.joined() + "</groupSet>"
    }

    private static func devices(_ id: String) -> String {
        (0..<3).map {
            "<item><deviceName>/dev/xvd\($0)</deviceName><ebs><volumeId>vol-\(id)\($0)</volumeId>"
                + "<status>attached</status><attachTime>2027-01-15T08:00:01.000Z</attachTime>"
                + "<deleteOnTermination>true</deleteOnTermination></ebs></item>"
        }.joined()
    }

    private static func tags(_ number: Int) -> String {
        let all = (0..<12).map {
            "<item><key>team:tag-\($0)</key><value>wert-ä-\(number)-\($0)-long enough</value></item>"
        }
        return "<tagSet>" + all.joined() + "</tagSet>"
    }

    private static func interface(_ id: String, _ address: String) -> String {
        "<networkInterfaceSet><item><networkInterfaceId>eni-\(id)</networkInterfaceId><subnetId>subnet-\(id)</subnetId>"
            + "<vpcId>vpc-\(id)</vpcId><description/><ownerId>123456789012</ownerId><status>in-use</status>"
            + "<macAddress>02:aa:bb:cc:dd:ee</macAddress><privateIpAddress>\(address)</privateIpAddress>"
            + "<privateDnsName>ip-\(address).eu-central-1.compute.internal</privateDnsName>"
            + "<sourceDestCheck>true</sourceDestCheck>" + groups(id)
            + "<attachment><attachmentId>eni-attach-\(id)</attachmentId><deviceIndex>0</deviceIndex>"
            + "<status>attached</status><attachTime>2027-01-15T08:00:00.000Z</attachTime>"
            + "<deleteOnTermination>true</deleteOnTermination></attachment><privateIpAddressesSet><item>"
            + "<privateIpAddress>\(address)</privateIpAddress><primary>true</primary></item></privateIpAddressesSet>"
            + "<ipv6AddressesSet/><interfaceType>interface</interfaceType></item></networkInterfaceSet>"
    }
}
