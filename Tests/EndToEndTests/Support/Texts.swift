/// What a playbook of the tests says about timing and approval.
struct Policy: Sendable {
    var approval = "auto"
    var bake = "1s"
    var hold = "1h"
    var drain = "2s"
    var checks = ["healthchecks/web.yaml", "healthchecks/patched.yaml"]
    var image = DemoImage.Kind.demo

    /// A swap that waits for nothing, of instances with nothing to patch.
    static let quick = Policy(bake: "0s", drain: "100ms", checks: ["healthchecks/web.yaml"], image: .bare)
}

/// The files of a fixture.
enum Texts {
    static func configuration(store: String = ".changeover") -> String {
        """
        apiVersion: changeover/v1
        kind: Configuration
        store: {folder: \(store)}
        provider: local
        providers: {local: {local: {root: .changeover/local, images: img/images}}}

        """
    }

    static func playbook(_ policy: Policy) -> String {
        """
        apiVersion: changeover/v1
        kind: Playbook
        metadata: {name: default, description: for the tests}
        checks: [\(policy.checks.joined(separator: ", "))]
        traffic: [{haproxy: {socket: haproxy.sock, backend: web, port: 8080}}]
        promote: {approval: \(policy.approval)}
        bake: {for: \(policy.bake)}
        drain: {timeout: \(policy.drain)}
        retire: {hold: \(policy.hold)}

        """
    }

    /// A check file; `headers` and `more` go into its one http check as they are.
    static func check(headers: String = "", more: String = "") -> String {
        """
        apiVersion: changeover/v1
        kind: HealthCheck
        metadata: {name: web, description: the demo answers}
        defaults: {interval: 200ms, timeout: 2s, startupGrace: 10s, successThreshold: 2, stableFor: 500ms,
                   failureThreshold: 2, deadline: 20s, phase: [baseline, verify, bake, rollback]}
        checks:
          - id: health
            http: {port: 8080, path: /health\(headers)}
            assert: [{status: 200}, {json: {path: $.status, equals: UP}}]
        \(more)
        """
    }

    /// A check that one answer decides; the bare image answers everything with 200.
    static let quickCheck = quickCheck(named: "web", status: 200, phases: "baseline, verify, bake, rollback")

    static func quickCheck(named name: String, status: Int, phases: String) -> String {
        """
        apiVersion: changeover/v1
        kind: HealthCheck
        metadata: {name: \(name), description: one answer decides}
        defaults: {interval: 100ms, timeout: 2s, startupGrace: 10s, successThreshold: 1, stableFor: 0s,
                   failureThreshold: 1, deadline: 20s, phase: [\(phases)]}
        checks:
          - id: health
            http: {port: 8080, path: /health}
            assert: [{status: \(status)}]

        """
    }

    static let patched = """
        apiVersion: changeover/v1
        kind: HealthCheck
        metadata: {name: patched, description: nothing is left to patch}
        checks:
          - id: packages
            patched: {scope: all, refresh: required, rebootRequired: forbid}
            phase: [verify]
            interval: 500ms
            timeout: 60s
            startupGrace: 0s
            successThreshold: 1
            stableFor: 0s
            failureThreshold: 1
            deadline: 1m

        """

    static func haproxy(folder: String, port: Int, address: String) -> String {
        """
        global
            stats socket \(folder)/haproxy.sock mode 600 level admin
            hard-stop-after 1s
            max-spread-checks 20
        defaults
            mode http
            timeout connect 2s
            timeout client 30s
            timeout server 30s
            timeout check 2s
        frontend public
            bind 127.0.0.1:\(port)
            default_backend web
        backend web
            balance roundrobin
            option httpchk
            http-check send meth GET uri /health ver HTTP/1.1 hdr Host demo
            http-check expect status 200
            default-server inter 300ms rise 1 fall 3
            server web-1 \(address):8080 check

        """
    }
}
