import Workflow

/// Names what an original has that its replacement cannot be given; pure.
struct EC2CarryOver: Sendable {
    let observation: EC2Observation
    let facts: EC2OriginalFacts

    /// The most tags that an instance may have (EC2 User Guide, Tag restrictions), without room for our own.
    private static let tagLimit = 45
    /// Volumes attached later than this after the root disk were not part of the launch.
    private static let launchLength = Span.minutes(2)

    private var original: Instance { observation.instance }

    /// One finding each, obstacles first.
    var findings: [PreflightFinding] {
        kindFindings + protectionFindings + placementFindings + diskFindings + networkFindings + notes
    }

    private func obstacle(_ code: String, _ message: String) -> PreflightFinding {
        PreflightFinding(.obstacle, code: code, message: message)
    }

    private var kindFindings: [PreflightFinding] {
        var found: [PreflightFinding] = []
        if let group = original.tags["aws:autoscaling:groupName"] {
            found.append(
                obstacle(
                    "auto-scaling",
                    "\(original.id) belongs to the Auto Scaling group \(group), which would replace it by itself; "
                        + "start an instance refresh of the group with a patched image instead."))
        }
        if let owner = observation.managedBy {
            found.append(
                obstacle("managed", "\(original.id) is managed by \(owner), which alone may replace it; ask it to."))
        }
        if original.properties[EC2Property.lifecycle] == "spot" {
            found.append(
                obstacle(
                    "spot",
                    "\(original.id) is a spot instance, which cannot be kept stopped safely as a way back; let its "
                        + "fleet or request replace it, or run it on demand."))
        }
        if original.properties[EC2Property.type] == nil || original.properties[EC2Property.subnet] == nil {
            found.append(
                obstacle("network", "\(original.id) is in no subnet of a VPC, so its place cannot be given again."))
        }
        let count = EC2Inheritance.tags(of: original).count
        if count > Self.tagLimit {
            found.append(
                obstacle(
                    "tags",
                    "\(original.id) has \(count) tags and an instance may have 50; Changeover needs five of its own, "
                        + "so remove some or leave `tags` out of `inherit`."))
        }
        return found
    }

    private var protectionFindings: [PreflightFinding] {
        var found: [PreflightFinding] = []
        if facts.isTerminationProtected {
            found.append(
                obstacle(
                    "termination-protection",
                    "\(original.id) is protected against termination, so it could not be retired; take the "
                        + "protection off yourself if that is meant."))
        }
        if facts.isStopProtected {
            found.append(
                obstacle(
                    "stop-protection",
                    "\(original.id) is protected against being stopped, so it could not be retired; take the "
                        + "protection off yourself if that is meant."))
        }
        return found
    }

    private var placementFindings: [PreflightFinding] {
        var found: [PreflightFinding] = []
        if original.properties[EC2Property.tenancy] == "host" || observation.hostID != nil {
            found.append(
                obstacle(
                    "dedicated-host",
                    "\(original.id) runs on a dedicated host (\(observation.hostID ?? "unknown")), where there may be "
                        + "no room for a second one; swap it by hand."))
        }
        if let outpost = observation.outpost {
            found.append(obstacle("outpost", "\(original.id) runs on the Outpost \(outpost), which is not supported."))
        }
        if let reservation = observation.capacityReservation {
            found.append(
                PreflightFinding(
                    .warning, code: "capacity-reservation",
                    message: "\(original.id) uses the capacity reservation \(reservation); the replacement is launched "
                        + "outside of it."))
        }
        if !observation.licenses.isEmpty {
            found.append(
                PreflightFinding(
                    .warning, code: "licence",
                    message: "\(original.id) has licence configurations, which the replacement is not given: "
                        + "\(observation.licenses.joined(separator: ", "))."))
        }
        return found
    }

    private var diskFindings: [PreflightFinding] {
        if original.properties[EC2Property.rootDeviceType] == "instance-store" {
            return [
                obstacle(
                    "instance-store",
                    "\(original.id) boots from an instance store, so it cannot be stopped and kept as a way back.")
            ]
        }
        let root = observation.rootVolume
        var found: [PreflightFinding] = []
        for volume in observation.volumes where volume.device != root?.device {
            if let attached = volume.attachedAt, let since = root?.attachedAt,
                attached.since(since) > Self.launchLength
            {
                found.append(
                    obstacle(
                        "volume",
                        "The volume \(volume.id) (\(volume.device)) was attached to \(original.id) after its launch; "
                            + "its data cannot be carried over: detach it, or move the data elsewhere."))
            } else if !volume.isDeletedOnTermination {
                found.append(
                    obstacle(
                        "volume",
                        "The volume \(volume.id) (\(volume.device)) of \(original.id) is to outlive it, so it holds "
                            + "data that cannot be carried over: detach it, or move the data elsewhere."))
            } else {
                found.append(
                    PreflightFinding(
                        .warning, code: "volume",
                        message: "The volume \(volume.id) (\(volume.device)) is made anew for the replacement, as at "
                            + "launch; what was written to it stays with \(original.id)."))
            }
        }
        return found
    }

    private var networkFindings: [PreflightFinding] {
        var found: [PreflightFinding] = []
        for interface in observation.interfaces {
            if interface.deviceIndex != 0 {
                found.append(
                    obstacle(
                        "network-interface",
                        "\(original.id) has the additional network interface \(interface.id), which cannot be on two "
                            + "instances at once."))
            }
            if !interface.secondaryAddresses.isEmpty {
                found.append(
                    obstacle(
                        "secondary-address",
                        "The interface \(interface.id) of \(original.id) has the secondary private addresses "
                            + "\(interface.secondaryAddresses.joined(separator: ", ")), which cannot be carried over."))
            }
            if interface.prefixCount > 0 {
                found.append(
                    obstacle(
                        "address-prefix",
                        "The interface \(interface.id) of \(original.id) has delegated address prefixes, which cannot "
                            + "be carried over."))
            }
        }
        if original.properties[EC2Property.sourceDestinationCheck] == "false" {
            found.append(
                obstacle(
                    "source-destination-check",
                    "\(original.id) forwards packets (its source/destination check is off), which a launch cannot set; "
                        + "routes to it would have to be moved as well."))
        }
        return found
    }

    private var notes: [PreflightFinding] {
        var found = [
            PreflightFinding(
                .note, code: "private-address",
                message: "The replacement gets another private address than "
                    + "\(observation.primaryInterface?.primaryAddress ?? "the original's").")
        ]
        if let primary = observation.primaryInterface, let address = primary.publicAddress {
            let isElastic = primary.publicAddressOwner != "amazon" && primary.publicAddressOwner != nil
            found.append(
                PreflightFinding(
                    isElastic ? .warning : .note, code: isElastic ? "elastic-address" : "public-address",
                    message: isElastic
                        ? "The elastic address \(address) moves only when the playbook routes it; without that it "
                            + "stays with \(original.id)."
                        : "The replacement gets another public address than \(address)."))
        }
        found.append(
            PreflightFinding(
                .note, code: "disk",
                message: "The replacement starts with the image's disk; files written on \(original.name) stay there."))
        return found
    }
}
