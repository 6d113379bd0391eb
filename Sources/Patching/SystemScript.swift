/// The parts of the inspection that every distribution answers alike, and the scripts as a whole.
enum SystemScript {
    /// Reads what is left to patch; with `gems` Rubygems, too.
    static func status(gems: Bool) -> String {
        ScriptSections.prologue + workFolder
            + choice(apt: AptScript.status, dnf: DnfScript.setting + DnfScript.status) + machine
            + (gems ? GemScript.status : "")
    }

    /// Reads what is installed and running.
    static let facts = ScriptSections.prologue + choice(apt: AptScript.facts, dnf: DnfScript.facts) + running

    private static let workFolder = #"""
        work=$(mktemp -d) || exit 1
        trap 'rm -rf "$work"' EXIT
        trap 'exit 1' INT TERM HUP

        """#

    /// Sets `family` to the package manager that the machine is of, or to nothing.
    ///
    /// Some machines have both package managers, Debian's dnf for example is for building images: then the machine's own
    /// description decides (os-release(5)).
    static let family = #"""
        family() {
            apt= dnf=
            if command -v apt-get && command -v dpkg-query; then apt=apt; fi >/dev/null
            if { command -v dnf || command -v dnf5; } && command -v rpm; then dnf=dnf; fi >/dev/null
            if [ "$apt$dnf" = aptdnf ]; then
                ID= ID_LIKE=
                [ ! -r "$root/etc/os-release" ] || . "$root/etc/os-release"
                case " $ID $ID_LIKE " in
                *" debian "* | *" ubuntu "*) dnf= ;;
                *" fedora "* | *" rhel "* | *" centos "* | *" amzn "*) apt= ;;
                *) dnf= ;;
                esac
            fi
            printf '%s\n' "$apt$dnf"
        }
        family=$(family)

        """#

    /// Runs the part of the family that the machine is of.
    private static func choice(apt: String, dnf: String) -> String {
        family + #"""
            section family echo "$family"
            case $family in
            apt)

            """# + apt + ";;\ndnf)\n" + dnf + ";;\n*) exit 69 ;;\nesac\n"
    }

    /// Services, cloud-init and the release.
    ///
    /// sd_booted(3): systemd runs the machine exactly if `/run/systemd/system` is there. A process is stale when it
    /// executes a file of the system that was deleted, as every replaced library is; that needs no other tool, and
    /// needrestart, where it is installed, adds what only it knows, such as interpreters' scripts. cloud-init's exit codes
    /// differ between distributions, so its files are read.
    private static let machine = #"""
        failed_units() {
            if [ -n "$root" ]; then
                echo root-elsewhere
            elif [ -d /run/systemd/system ]; then
                systemctl show --property=NFailedUnits &&
                    systemctl list-units --state=failed --all --full --plain --no-legend --no-pager
            else
                echo "no-systemd $(cat /proc/1/comm)"
            fi
        }
        section failed-units failed_units
        stale_services() {
            if [ -n "$root" ]; then
                echo root-elsewhere
                return 0
            fi
            if ! head -c 1 /proc/1/maps >/dev/null 2>&1; then
                echo unreadable
                return 0
            fi
            pattern='^[^ ]+ ..x. [^ ]+ [^ ]+ [^ ]+ +/(usr|lib|lib32|lib64|libx32|bin|sbin|opt)/.* \(deleted\)$'
            grep -lE "$pattern" /proc/[0-9]*/maps 2>/dev/null | while read -r maps; do
                process=${maps%/maps}
                program=$(tr -d '\n' <"$process/comm" 2>/dev/null) || continue
                group=$(sed -n -e 's/^0:://p' -e 's/^[0-9]*:name=systemd://p' "$process/cgroup" 2>/dev/null | tail -n 1)
                printf 'process %s %s\n' "${group:-/}" "$program"
            done
            if command -v needrestart >/dev/null; then
                needrestart -b -l -r l 2>/dev/null | sed -n 's/^NEEDRESTART-SVC: */service /p'
            fi
            echo complete
        }
        section stale-services stale_services
        cloud_init_state() {
            if [ -n "$root" ]; then
                echo root-elsewhere
                return 0
            fi
            if command -v cloud-init >/dev/null || [ -e /etc/cloud/cloud.cfg ] || [ -d /run/cloud-init ]; then
                echo installed
            fi
            if [ -e /etc/cloud/cloud-init.disabled ] || [ -e /run/cloud-init/disabled ]; then echo disabled; fi
        }
        section cloud-init cloud_init_state
        if [ -z "$root" ]; then
            [ ! -e /run/cloud-init/result.json ] || section cloud-init-result cat /run/cloud-init/result.json
            [ ! -e /run/cloud-init/status.json ] || section cloud-init-status cat /run/cloud-init/status.json
        fi
        if [ -r "$root/etc/os-release" ]; then section os-release cat "$root/etc/os-release"; fi

        """#

    private static let running = #"""
        section kernel uname -r
        section users cat "$root/etc/passwd"
        if command -v ss >/dev/null; then section ports ss -Hltn; fi
        if [ -n "$root" ]; then
            section root-elsewhere true
            if [ -r "$root/proc/sys/kernel/random/boot_id" ]; then
                section boot cat "$root/proc/sys/kernel/random/boot_id"
            fi
        else
            section boot cat /proc/sys/kernel/random/boot_id
            section mounts cat /proc/self/mounts
            if [ -d /run/systemd/system ]; then
                section units systemctl list-units --type=service --state=active --no-legend --plain --full
            fi
        fi

        """#
}
