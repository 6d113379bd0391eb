import AWSClient
import Workflow

extension TrafficError {
    /// Puts an error of an AWS call into a router's terms.
    ///
    /// - Parameters:
    ///   - resource: what the call was about, as it stands in messages.
    ///   - permission: the permission that the call needs.
    init(_ error: AWSError, router: RouterName, resource: String, permission: String) {
        let said = error.description
        switch error.kind {
        case .unreachable, .serviceFailure, .throttled:
            self.init(.unavailable, router: router, detail: said)
        case .noCredentials, .expiredCredentials, .invalidCredentials:
            // They may be renewed while the swap waits, so the deadline of the step decides.
            self.init(.unavailable, router: router, detail: said)
        case .accessDenied:
            self.init(
                .refused, router: router,
                detail: "\(said); allow \(permission) on \(resource) to the credentials that Changeover uses, see "
                    + "docs/iam/ec2-observe.json and docs/iam/ec2-shift.json")
        case .noRegion, .configuration:
            self.init(.invalidRequest, router: router, detail: said)
        case .rejected:
            self.init(rejection: error, router: router, resource: resource)
        case .malformedAnswer, .dryRunAllowed:
            self.init(.malformedAnswer, router: router, detail: said)
        case .cancelled:
            self.init(.cancelled, router: router, detail: said)
        }
    }

    private init(rejection error: AWSError, router: RouterName, resource: String) {
        let said = error.description
        switch error.serviceCode {
        case "TargetGroupNotFound":
            self.init(
                .notFound, router: router,
                detail: "\(said); there is no target group \(resource) in this region: correct `arn` in the "
                    + "playbook, or the region")
        case "InvalidAddress.NotFound", "InvalidAllocationID.NotFound":
            self.init(
                .notFound, router: router,
                detail: "\(said); this account has no Elastic address \(resource) in this region: correct `address` "
                    + "in the playbook, or the region")
        case "InvalidTarget":
            self.init(
                .refused, router: router,
                detail: "\(said); the target must run in the network (VPC) of \(resource) and have a type that the "
                    + "group takes")
        case "TooManyTargets", "TooManyRegistrationsForTargetId", "TooManyUniqueTargetGroupsPerLoadBalancer":
            self.init(
                .refused, router: router,
                detail: "\(said); take targets out of \(resource) that are not needed, or have the quota raised")
        case "Resource.AlreadyAssociated":
            self.init(
                .refused, router: router,
                detail: "\(said); \(resource) was free a moment ago and somebody else has taken it since, so it was "
                    + "left there")
        case "InvalidInstanceID":
            self.init(
                .refused, router: router,
                detail: "\(said); the instance must run or be stopped and have one network interface to take "
                    + "\(resource)")
        case "InvalidInstanceID.NotFound":
            self.init(
                .refused, router: router, detail: "\(said); the instance is not known, or not known yet")
        case "Gateway.NotAttached":
            self.init(
                .refused, router: router,
                detail: "\(said); the instance's network (VPC) needs an internet gateway to take \(resource)")
        case "ValidationError", "InvalidParameterValue", "MissingParameter", "InvalidAllocationID.Malformed":
            self.init(.invalidRequest, router: router, detail: "\(said); correct the route in the playbook")
        default:
            self.init(error.isRetryable ? .unavailable : .refused, router: router, detail: said)
        }
    }
}
