import AWSClient
import Testing
import Workflow

@testable import Providers

@Suite("Errors of AWS in a provider's terms")
struct EC2ErrorMappingTests {
    @Test(
        "Codes mean what the table says",
        arguments: [
            ("InvalidAMIID.NotFound", ProviderError.Code.imageNotFound, false),
            ("InvalidAMIID.Unavailable", .imageNotFound, false),
            ("InsufficientInstanceCapacity", .capacity, false), ("InsufficientHostCapacity", .capacity, false),
            ("InsufficientFreeAddressesInSubnet", .capacity, false), ("Unsupported", .capacity, false),
            ("VcpuLimitExceeded", .quota, false), ("InstanceLimitExceeded", .quota, false),
            ("MaxSpotInstanceCountExceeded", .quota, false), ("UnauthorizedOperation", .forbidden, false),
            ("OperationNotPermitted", .terminationProtected, false),
            ("InvalidInstanceID.NotFound", .instanceNotFound, true),
            ("InvalidInstanceID.Malformed", .invalidRequest, false), ("IncorrectInstanceState", .invalidState, false),
            ("IdempotentParameterMismatch", .invalidRequest, false), ("RequestLimitExceeded", .throttled, true),
            ("InternalError", .unavailable, true), ("AuthFailure", .unauthenticated, false),
            ("InvalidSubnetID.NotFound", .invalidRequest, false), ("InvalidGroup.NotFound", .invalidRequest, false),
            ("InvalidParameterValue", .invalidRequest, false),
        ])
    func codes(_ serviceCode: String, _ code: ProviderError.Code, _ isRetryable: Bool) {
        let error = EC2ErrorMapping.error(
            FakeAWS.failure(serviceCode), operation: "launch web-1", region: "eu-central-1")
        #expect(error.code == code)
        #expect(error.isRetryable == isRetryable)
        #expect(error.operation == "launch web-1")
        #expect(error.detail.contains("eu-central-1"))
        #expect(error.detail.contains("as AWS words it"))
        #expect(error.detail.contains(serviceCode))
    }

    @Test(
        "Without a known code the kind decides",
        arguments: [
            (AWSError.Kind.unreachable, ProviderError.Code.unavailable), (.serviceFailure, .unavailable),
            (.throttled, .throttled), (.noCredentials, .unauthenticated), (.expiredCredentials, .unauthenticated),
            (.accessDenied, .forbidden), (.noRegion, .invalidRequest), (.rejected, .invalidRequest),
            (.malformedAnswer, .malformedAnswer), (.cancelled, .cancelled),
        ])
    func kinds(_ kind: AWSError.Kind, _ code: ProviderError.Code) {
        let error = EC2ErrorMapping.error(
            FakeAWS.failure("NeverHeardOf", kind: kind), operation: "x", region: "")
        #expect(error.code == code)
    }

    @Test("A long message is cut")
    func bounded() {
        var failure = FakeAWS.failure("UnauthorizedOperation", kind: .accessDenied)
        failure.detail = String(repeating: "x", count: 5000)
        let error = EC2ErrorMapping.error(failure, operation: "x", region: "r")
        #expect(error.detail.count < 500)
    }

    @Test("Only lack of room moves a launch to its next alternative")
    func room() {
        #expect(EC2ErrorMapping.meansNoRoom(FakeAWS.failure("InsufficientInstanceCapacity")))
        #expect(EC2ErrorMapping.meansNoRoom(FakeAWS.failure("InsufficientFreeAddressesInSubnet")))
        for code in ["VcpuLimitExceeded", "UnauthorizedOperation", "InternalError", "InvalidAMIID.NotFound"] {
            #expect(!EC2ErrorMapping.meansNoRoom(FakeAWS.failure(code)))
        }
    }
}
