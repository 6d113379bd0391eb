import Foundation
import Testing

@testable import AWSClient

@Suite("Region and endpoints")
struct ConfigurationTests {
    private func resolved(
        _ environment: [String: String] = [:], config: String = "", settings: AWSSettings = AWSSettings()
    ) throws -> ResolvedSettings {
        let folder = try TemporaryFolder()
        let path = try folder.write("config", config)
        let own = ["AWS_CONFIG_FILE": path, "HOME": folder.path]
        return try ResolvedSettings(settings: settings, environment: own.merging(environment) { $1 })
    }

    private func kind(_ body: () throws -> Void) -> AWSError.Kind? {
        do {
            try body()
            return nil
        } catch {
            return (error as? AWSError)?.kind
        }
    }

    @Test("The region: settings, AWS_REGION, AWS_DEFAULT_REGION, profile")
    func region() throws {
        let config = "[default]\nregion = d-4\n"
        let both = ["AWS_REGION": "b-2", "AWS_DEFAULT_REGION": "c-3"]
        #expect(try resolved(both, config: config, settings: AWSSettings(region: "a-1")).region() == "a-1")
        #expect(try resolved(both, config: config).region() == "b-2")
        #expect(try resolved(["AWS_DEFAULT_REGION": "c-3"], config: config).region() == "c-3")
        #expect(try resolved(config: config).region() == "d-4")
        let none = try resolved()
        #expect(kind { _ = try none.region() } == .noRegion)
    }

    @Test(
        "A region that is none gets into no URL",
        arguments: [
            "evil.example.com/", "a@b", "EU-central-1", "-a", "a-", "ä", "a b", String(repeating: "a", count: 64),
        ])
    func badRegion(_ region: String) throws {
        let resolved = try resolved(["AWS_REGION": region])
        #expect(kind { _ = try resolved.endpoint(of: .ec2) } == .noRegion)
    }

    @Test("AWS's own endpoints")
    func own() throws {
        #expect(
            try resolved(["AWS_REGION": "eu-central-1"]).endpoint(of: .elbv2).origin
                == "https://elasticloadbalancing.eu-central-1.amazonaws.com")
        #expect(
            try resolved(["AWS_REGION": "cn-north-1"]).endpoint(of: .ec2).origin
                == "https://ec2.cn-north-1.amazonaws.com.cn")
    }

    @Test("Endpoints that somebody gave, in order")
    func order() throws {
        let config =
            "[default]\nregion = r-1\nservices = mine\nendpoint_url = http://e\n"
            + "[services mine]\nec2 =\n  endpoint_url = http://d\nelastic_load_balancing_v2 =\n  endpoint_url = http://x\n"
        var environment = ["AWS_ENDPOINT_URL_EC2": "http://b", "AWS_ENDPOINT_URL": "http://c"]
        let origin = { (environment: [String: String], settings: AWSSettings) throws in
            try resolved(environment, config: config, settings: settings).endpoint(of: .ec2).origin
        }
        #expect(try origin(environment, AWSSettings(endpoint: "http://a:1/")) == "http://a:1")
        #expect(try origin(environment, AWSSettings()) == "http://b")
        environment["AWS_ENDPOINT_URL_EC2"] = nil
        #expect(try origin(environment, AWSSettings()) == "http://c")
        environment["AWS_ENDPOINT_URL"] = ""
        #expect(try origin(environment, AWSSettings()) == "http://d")
        #expect(try resolved(config: config).endpoint(of: .elbv2).origin == "http://x")
        #expect(try resolved(config: config).endpoint(of: .ssm).origin == "http://e")
        let ignoring = try resolved(
            ["AWS_ENDPOINT_URL": "http://c", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"], config: config)
        #expect(try ignoring.endpoint(of: .ec2).origin == "https://ec2.r-1.amazonaws.com")
        let dangling = try resolved(config: "[default]\nservices = nowhere\nregion = r\n")
        #expect(kind { _ = try dangling.endpoint(of: .ec2) } == .configuration)
    }

    @Test(
        "What is no endpoint",
        arguments: [
            "", "ec2", "ftp://a", "http://", "http://a b", "http://u:p@a", "http://a?x=1", "http://a#f", "https:///x",
            "http://a\\b", "http://ä",
        ])
    func noEndpoint(_ url: String) throws {
        let resolved = try resolved(["AWS_REGION": "r-1"], settings: AWSSettings(endpoint: url))
        #expect(kind { _ = try resolved.endpoint(of: .ec2) } == .configuration)
    }

    @Test("Host, port and path")
    func parts() throws {
        #expect(try Endpoint("https://a:443").host == "a")
        #expect(try Endpoint("http://a:443/b/").path == "/b/")
        #expect(try Endpoint("http://[::1]:5000").host == "[::1]:5000")
    }

    @Test("Authorities and attempts")
    func others() throws {
        let config = "[default]\nca_bundle = ~/ca.pem\nmax_attempts = 7\n"
        #expect(try resolved(["HOME": "/h"], config: config).authorities == "/h/ca.pem")
        #expect(try resolved(["AWS_CA_BUNDLE": "/b"], config: config).authorities == "/b")
        #expect(try resolved(config: config).maxAttempts() == 7)
        let wrong = try resolved(["AWS_MAX_ATTEMPTS": "many"])
        #expect(kind { _ = try wrong.maxAttempts() } == .configuration)
    }

    @Test("A file that cannot be understood is named with its line and without its content")
    func broken() throws {
        do {
            _ = try resolved(config: "[default]\naws_secret_access_key canary-secret\n")
            Issue.record("it was understood")
        } catch let error as AWSError {
            #expect(error.kind == .configuration)
            #expect(error.detail.contains("line 2"))
            #expect(!error.detail.contains("canary"))
        }
    }

    @Test("A named pipe in place of a file does not make anybody wait")
    func pipe() throws {
        let folder = try TemporaryFolder()
        #expect(mkfifo("\(folder.path)/config", 0o600) == 0)
        #expect(SmallFile.read("\(folder.path)/config") == .missing)
        #expect(SmallFile.read(folder.path) == .missing)
    }
}
