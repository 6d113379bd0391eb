internal import Foundation
internal import Providers
internal import Workflow

// Systems Manager: as much as a swap without patches needs.
extension FacadeState {
    private struct SendCommand: Decodable {
        var InstanceIds: [String]
        var DocumentName: String
        var Parameters: [String: [String]]?
    }

    private struct GetCommandInvocation: Decodable {
        var CommandId: String
        var InstanceId: String
    }

    private struct GetParameter: Decodable {
        var Name: String
    }

    mutating func systemsManagerAnswer(_ request: CloudRequest) throws(CloudRefusal) -> HTTPAnswer {
        switch request.action {
        case "SendCommand":
            let wanted = try decode(SendCommand.self, request)
            for id in wanted.InstanceIds where truth(id)?.instance.state != .running {
                throw CloudRefusal("InvalidInstanceId", "Instances not in a valid state for account")
            }
            let command = UUID().uuidString.lowercased()
            commands[command] = wanted.InstanceIds.first
            return json([
                "Command": .fields([
                    "CommandId": .text(command), "Status": .text("Pending"),
                    "DocumentName": .text(wanted.DocumentName),
                ])
            ])
        case "GetCommandInvocation":
            let wanted = try decode(GetCommandInvocation.self, request)
            guard commands[wanted.CommandId] == wanted.InstanceId else {
                throw CloudRefusal("InvocationDoesNotExist", "")
            }
            return json([
                "CommandId": .text(wanted.CommandId), "InstanceId": .text(wanted.InstanceId),
                "Status": .text("Success"), "StatusDetails": .text("Success"), "ResponseCode": .number(0),
                "StandardOutputContent": .text(""), "StandardErrorContent": .text(""),
            ])
        case "DescribeInstanceInformation":
            let running = records.keys.filter { truth($0)?.instance.state == .running }.sorted()
            return json([
                "InstanceInformationList": .list(
                    running.map { .fields(["InstanceId": .text($0), "PingStatus": .text("Online")]) })
            ])
        case "GetParameter":
            let wanted = try decode(GetParameter.self, request)
            guard wanted.Name == "/images/newest" else { throw CloudRefusal("ParameterNotFound", "") }
            return json([
                "Parameter": .fields(["Name": .text(wanted.Name), "Value": .text(EC2Facade.newerImage)])
            ])
        default: throw CloudRefusal("UnknownOperationException", "")
        }
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ request: CloudRequest) throws(CloudRefusal) -> Value {
        do { return try JSONDecoder().decode(type, from: Data(request.json)) } catch {
            throw CloudRefusal("ValidationException", "\(error)")
        }
    }

    private enum JSON: Encodable {
        case text(String)
        case number(Int)
        case list([JSON])
        case fields([String: JSON])

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let value): try container.encode(value)
            case .number(let value): try container.encode(value)
            case .list(let value): try container.encode(value)
            case .fields(let value): try container.encode(value)
            }
        }
    }

    private func json(_ fields: [String: JSON]) -> HTTPAnswer {
        HTTPAnswer(
            status: 200, fields: [HTTPMessage.Field("Content-Type", "application/x-amz-json-1.1")],
            body: Array((try? JSONEncoder().encode(fields)) ?? Data()))
    }
}
