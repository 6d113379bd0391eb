import Foundation
import Providers
import Testing
import Workflow

extension LXDTests {
    /// Commands by the OpenSSH client, to a real server, a real sudo and real shells of a container.
    @Suite struct SSHTests {
        /// One container whose server runs, with users that are each a case.
        private struct Machine {
            let world: LXDWorld
            let address: String
            let connections: SSHConnections

            func runner(
                _ user: String = "admin", sudo: Bool = false, key: String? = "user", known: String = "known"
            ) -> any CommandRunner {
                let settings = SSHSettings(
                    user: user, identityFile: key.map { "\(world.folder)/\($0)" },
                    hostKeys: .knownHosts("\(world.folder)/\(known)"), usesSudo: sudo)
                let instance = Instance(
                    id: InstanceID("web-1"), name: "web-1", state: .running, image: ImageID("lab"), address: address)
                return connections.runner(for: instance, of: ProviderName("lab"), settings: settings, console: { "" })
            }
        }

        private static let preparation = """
            set -e
            ssh-keygen -A >/dev/null
            for user in admin asker plain hanger; do
                useradd --create-home --shell /bin/bash $user
                install -d -m 700 -o $user -g $user /home/$user/.ssh
                printf '%s\\n' "$1" >/home/$user/.ssh/authorized_keys
                chown $user: /home/$user/.ssh/authorized_keys
            done
            useradd --create-home --shell /usr/sbin/nologin nobodys
            cp -a /home/admin/.ssh /home/nobodys/ && chown -R nobodys: /home/nobodys/.ssh
            echo 'admin ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/admin
            echo 'asker ALL=(ALL) ALL' >/etc/sudoers.d/asker
            echo 'asker:secret' | chpasswd
            echo 'sleep 8640' >/home/hanger/.bashrc
            systemctl unmask ssh.service >/dev/null 2>&1
            systemctl start ssh.service
            """

        private func with(_ body: @Sendable (Machine) async throws -> Void) async throws {
            try await LXDWorld.with { world in
                for name in ["user", "stranger", "other"] {
                    let made = try world.start(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", name])
                    guard try await made.end() == 0 else { throw Failed(made.transcript) }
                }
                try await world.launch("web-1")
                let user = try String(contentsOfFile: "\(world.folder)/user.pub", encoding: .utf8)
                _ = try await world.exec(
                    "web-1", "sh", "-c", Self.preparation, "sh", user.trimmingCharacters(in: .whitespacesAndNewlines))
                let address = try await world.address(of: "web-1")
                let key = try await world.exec("web-1", "cat", "/etc/ssh/ssh_host_ed25519_key.pub")
                try world.write("\(address) \(key)\n", to: "known")
                let other = try String(contentsOfFile: "\(world.folder)/other.pub", encoding: .utf8)
                try world.write("\(address) \(other)", to: "known-wrong")
                try world.write("", to: "known-none")
                let connections = SSHConnections(
                    controlFolders: ["\(world.folder)/c"], keysFolder: "\(world.folder)/k")
                do {
                    try await body(Machine(world: world, address: address, connections: connections))
                } catch {
                    await connections.close()
                    throw error
                }
                await connections.close()
            }
        }

        /// The error of a command, which is printed: it is what an operator reads.
        private func failure(
            _ what: String, _ runner: any CommandRunner, _ command: Command = Command(["true"])
        ) async -> CommandError? {
            do throws(CommandError) {
                let result = try await runner.run(command)
                Issue.record("\(what): \(result)")
                return nil
            } catch {
                print("SSH: \(what): \(error)")
                return error
            }
        }

        @Test func refusals() async throws {
            try await with { machine in
                let changed = await failure("wrong host key", machine.runner(known: "known-wrong"))
                #expect(changed?.code == .unreachable)
                #expect(changed?.detail.contains("another one than the known one") == true)
                let unknown = await failure("unknown host key", machine.runner(known: "known-none"))
                #expect(unknown?.code == .unreachable && unknown?.detail.contains("is not known") == true)
                let none = await failure("no key", machine.runner(key: nil))
                #expect(none?.code == .unreachable && none?.detail.contains("a key of the agent or of ~/.ssh") == true)
                let missing = await failure("no such key file", machine.runner(key: "gone"))
                #expect(missing?.code == .unreachable && missing?.detail.contains("identityFile") == true)
                let stranger = await failure("wrong key", machine.runner(key: "stranger"))
                #expect(stranger?.code == .unreachable)
                #expect(stranger?.detail.contains("refuses the user admin or the key") == true)
                let user = await failure("no such user", machine.runner("nobody-here"))
                #expect(user?.code == .unreachable && user?.detail.contains("nobody-here") == true)
                let shell = await failure("no login shell", machine.runner("nobodys"))
                #expect(shell?.code == .notPermitted)
                #expect(shell?.detail.contains("the login shell of nobodys runs no commands") == true)
                let asks = await failure("sudo asks", machine.runner("asker", sudo: true))
                #expect(asks?.code == .notPermitted && asks?.detail.contains("a password is required") == true)
                #expect(asks?.detail.contains("asker ALL=(ALL) NOPASSWD: ALL") == true)
                let plain = await failure("no sudo for this user", machine.runner("plain", sudo: true))
                #expect(plain?.code == .notPermitted)

                let began = ContinuousClock.now
                let hanging = await failure(
                    "hanging shell", machine.runner("hanger"), Command(["touch", "/tmp/ran"], timeout: .seconds(3)))
                #expect(began.duration(to: .now) < .seconds(20))
                #expect(hanging?.code == .unreachable)
                #expect(hanging?.detail.contains("the login shell began nothing within 3s") == true)
                _ = try await machine.world.exec("web-1", "pkill", "-f", "sleep 8640")
                let pause = try await machine.runner().run(Command(["sleep", "0.5"]))
                #expect(pause.exitCode == 0)
                #expect(try await machine.world.exec("web-1", "sh", "-c", "test -e /tmp/ran || echo no") == "no")

                _ = try await machine.world.exec("web-1", "systemctl", "stop", "ssh.service")
                // As a user for whom no connection is open: those that are stay.
                let stopped = await failure("no server", machine.runner("nobody-here"))
                #expect(stopped?.code == .unreachable && stopped?.detail.contains("nothing listens") == true)
            }
        }

        @Test func commands() async throws {
            try await with { machine in
                let admin = machine.runner(sudo: true)
                let who = try await admin.run(
                    Command(["sh", "-c", "id -un; echo $WORD"], environment: ["WORD": "a 'b'"]))
                #expect(who.output == "root\na 'b'\n" && who.errorOutput == "")
                let bytes = try await admin.run(Command(["printf", "a\\377\\000\\r\\n\\200"]))
                #expect(bytes.output == "a\u{FFFD}\0\r\n\u{FFFD}")
                let much = try await admin.run(
                    Command(["head", "-c", "100000000", "/dev/zero"], timeout: .minutes(2), outputLimitBytes: 1 << 16))
                #expect(much.exitCode == 0 && much.isTruncated && much.output.utf8.count == 1 << 16)

                let slow = try await admin.run(
                    Command(["sh", "-c", "trap '' TERM; sleep 8641 & sleep 8641"], timeout: .seconds(2)))
                #expect(slow.termination == .timedOut)
                let left = try await machine.world.exec("web-1", "sh", "-c", "pgrep -f '[s]leep 8641' || echo none")
                #expect(left == "none")
                for _ in 0..<20 { #expect(try await admin.run(Command(["true"])).exitCode == 0) }
                let log = try await machine.world.exec("web-1", "journalctl", "-u", "ssh", "-o", "cat")
                #expect(log.components(separatedBy: "Accepted publickey for admin").count == 2)
            }
        }

        @Test func theProgramPinsWhatTheConsoleShows() async throws {
            try await with { machine in
                let world = machine.world
                let ssh = "{user: admin, identityFile: user, hostKeys: console}"
                var settings = LXDTexts.Settings()
                settings.provider = "{socket: \(LXDLab.socket), commands: {ssh: \(ssh)}}"
                try world.configure(settings)
                let before = try await world.run(["check", "run", "healthchecks/patched.yaml", "--target", "web-1"])
                #expect(before.code == 3, "\(before.transcript)")
                #expect(before.transcript.contains("shows no host keys"), "\(before.transcript)")
                _ = try await world.exec(
                    "web-1", "sh", "-c",
                    "{ echo -----BEGIN SSH HOST KEY KEYS-----; cat /etc/ssh/ssh_host_*_key.pub; "
                        + "echo -----END SSH HOST KEY KEYS-----; } >/dev/console")
                let run = try await world.run(["check", "run", "healthchecks/patched.yaml", "--target", "web-1"])
                #expect(run.code == 2 && !run.transcript.contains("host keys"), "\(run.transcript)")
                let file = world.store + "/host-keys/lab-web-1.known_hosts"
                let pinned = try String(contentsOfFile: file, encoding: .utf8)
                #expect(pinned.contains("web-1 ssh-ed25519 "))
                let held = try world.start(["pgrep", "-f", "ssh .*\(world.store)/"])
                #expect(try await held.end() == 1, "a connection is left behind: \(held.transcript)")
                // Set up anew: the pinned keys stay, and the message says what to do.
                _ = try await world.exec(
                    "web-1", "sh", "-c",
                    "rm /etc/ssh/ssh_host_*; ssh-keygen -A >/dev/null; systemctl restart ssh.service")
                let changed = try await world.run(["check", "run", "healthchecks/patched.yaml", "--target", "web-1"])
                #expect(changed.code == 3, "\(changed.transcript)")
                #expect(changed.transcript.contains("delete \(file)"), "\(changed.transcript)")
                #expect(try String(contentsOfFile: file, encoding: .utf8) == pinned)
                print("SSH: pinned key changed: \(changed.output)")
            }
        }
    }
}
