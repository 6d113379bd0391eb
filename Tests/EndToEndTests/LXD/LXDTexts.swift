/// The files of a world.
enum LXDTexts {
    /// What differs from test to test.
    struct Settings: Sendable {
        /// The provider, as the configuration says it.
        var provider = "{socket: \(LXDLab.socket)}"
        var traffic = ""
        var launch = "{image: same}"
        var bake = "1s"
        /// For how long a check must hold.
        var stableFor = "500ms"
        var deadlines = "{boot: 40s, patch: 60s, verify: 60s, total: 5m}"

        /// Behind HAProxy.
        static let haproxy = Settings(traffic: "{haproxy: {socket: haproxy.sock, backend: web, port: 80}}")
    }

    static func configuration(_ settings: Settings) -> String {
        """
        apiVersion: changeover/v1
        kind: Configuration
        store: {folder: .changeover}
        providers: {lab: {lxd: \(settings.provider)}}

        """
    }

    static func playbook(_ settings: Settings) -> String {
        """
        apiVersion: changeover/v1
        kind: Playbook
        metadata: {name: default, description: for the tests}
        provider: lab
        launch: \(settings.launch)
        checks: [../healthchecks/web.yaml, ../healthchecks/patched.yaml]
        \(settings.traffic.isEmpty ? "# no traffic" : "traffic: [\(settings.traffic)]")
        promote: {approval: auto}
        drain: {timeout: 2s}
        bake: {for: \(settings.bake)}
        retire: {hold: 1h}
        deadlines: \(settings.deadlines)

        """
    }

    static func check(stableFor: String) -> String {
        """
        apiVersion: changeover/v1
        kind: HealthCheck
        metadata: {name: web, description: nginx answers}
        defaults: {interval: 200ms, timeout: 2s, startupGrace: 4s, successThreshold: 2, stableFor: \(stableFor),
                   failureThreshold: 2, deadline: 30s, phase: [baseline, verify, bake, rollback]}
        checks:
          - id: health
            http: {port: 80, path: /health}
            assert: [{status: 200}, {json: {path: $.status, equals: UP}}]
          - id: configuration
            exec: {runOn: instance, interface: exitcode, command: [nginx, -t]}
            phase: [verify]
            startupGrace: 0s
            successThreshold: 1
            stableFor: 0s
            failureThreshold: 1

        """
    }

    /// A site with a mistake in nginx's configuration.
    ///
    /// Its maintainer script restarts nginx, and does not mind when that fails, like those of Debian.
    static let brokenSite = [
        "etc/nginx/sites-available/lab-site": """
        server {
            lisen 80 default_server;
            location / { return 200 "$hostname demo-web 2.0\\n"; }
        }

        """,
        "DEBIAN/postinst": "#!/bin/sh\nsystemctl restart nginx.service || true\n",
    ]
}
