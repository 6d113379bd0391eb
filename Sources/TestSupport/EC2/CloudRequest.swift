internal import Foundation

/// One request to a service of AWS, taken apart.
public struct CloudRequest: Sendable, Hashable {
    /// The services that the façade speaks.
    public enum Service: String, Sendable, Hashable {
        /// Elastic Compute Cloud.
        case ec2
        /// Elastic Load Balancing, the version with target groups.
        case elasticloadbalancing
        /// Systems Manager.
        case ssm
        /// Security Token Service.
        case sts
    }

    /// The service.
    public var service: Service
    /// The action, such as `RunInstances`.
    public var action: String
    /// The form parameters of the query protocol, flattened as they were sent.
    public var parameters: [String: String]
    /// The body of the JSON protocol.
    public var json: [UInt8]

    /// Takes a request apart; `nil` when it is none of a service that is known.
    public init?(_ message: HTTPMessage) {
        if let target = message["X-Amz-Target"], target.hasPrefix("AmazonSSM.") {
            self.init(service: .ssm, action: String(target.dropFirst(10)), parameters: [:], json: message.body)
            return
        }
        let parameters = Self.form(message.body)
        let versions: [String: Service] = [
            "2016-11-15": .ec2, "2015-12-01": .elasticloadbalancing, "2011-06-15": .sts,
        ]
        guard let action = parameters["Action"], let service = versions[parameters["Version"] ?? ""] else { return nil }
        self.init(service: service, action: action, parameters: parameters, json: [])
    }

    private init(service: Service, action: String, parameters: [String: String], json: [UInt8]) {
        self.service = service
        self.action = action
        self.parameters = parameters
        self.json = json
    }

    /// Whether it asks only whether it would be allowed.
    public var isDryRun: Bool { parameters["DryRun"]?.lowercased() == "true" }

    /// Whether it can change anything: its action's verb is none of those that only read.
    public var isMutating: Bool { !isDryRun && !["Describe", "Get", "List"].contains { action.hasPrefix($0) } }

    /// The values of a list of scalars, such as `InstanceId.1`, in their order.
    func list(_ name: String) -> [String] {
        entries(name).compactMap { parameters["\(name).\($0)"] }
    }

    /// The numbers of a list's entries, in their order; entries may be structures.
    func entries(_ name: String) -> [Int] {
        let start = name + "."
        return Set(
            parameters.keys.filter { $0.hasPrefix(start) }.compactMap { key in
                Int(key.dropFirst(start.count).prefix { $0 != "." })
            }
        ).sorted()
    }

    /// The tags in a list of structures with `Key` and `Value`; a tag without a value has `nil`.
    func tags(_ name: String) -> [(key: String, value: String?)] {
        entries(name).compactMap { number in
            parameters["\(name).\(number).Key"].map { ($0, parameters["\(name).\(number).Value"]) }
        }
    }

    private static func form(_ body: [UInt8]) -> [String: String] {
        var result: [String: String] = [:]
        for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            result[decoded(halves[0])] = halves.count > 1 ? decoded(halves[1]) : ""
        }
        return result
    }

    private static func decoded(_ text: Substring) -> String {
        let spaced = text.replacingOccurrences(of: "+", with: " ")
        return spaced.removingPercentEncoding ?? spaced
    }
}

/// A refusal in the words of a service.
public struct CloudRefusal: Error, Sendable, Hashable {
    /// The code, such as `InvalidInstanceID.NotFound`.
    public var code: String
    /// The message for people.
    public var message: String
    /// The HTTP status.
    public var status: Int

    /// Creates a refusal.
    public init(_ code: String, _ message: String, status: Int = 400) {
        self.code = code
        self.message = message
        self.status = status
    }

    /// The refusal as a service writes it.
    func answer(of service: CloudRequest.Service) -> HTTPAnswer {
        let code = XMLText.escaped(code)
        let message = XMLText.escaped(message)
        switch service {
        case .ec2:
            return HTTPAnswer(
                status, type: "text/xml;charset=UTF-8",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>\(code)</Code><Message>\(message)"
                    + "</Message></Error></Errors><RequestID>\(UUID().uuidString.lowercased())</RequestID></Response>")
        case .elasticloadbalancing, .sts:
            return HTTPAnswer(
                status, type: "text/xml",
                "<ErrorResponse><Error><Type>\(status < 500 ? "Sender" : "Receiver")</Type><Code>\(code)</Code><Message>"
                    + "\(message)</Message></Error><RequestId>\(UUID().uuidString.lowercased())</RequestId></ErrorResponse>"
            )
        case .ssm:
            let body = try? JSONEncoder().encode(["__type": self.code, "message": self.message])
            return HTTPAnswer(
                status: status, fields: [HTTPMessage.Field("Content-Type", "application/x-amz-json-1.1")],
                body: Array(body ?? Data()))
        }
    }
}
