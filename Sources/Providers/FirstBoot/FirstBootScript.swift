import Workflow

/// The script that brings a machine up to date on its first boot.
///
/// Constant text; of the policy only its enumerations are put in, so that nothing from tags or files can become part
/// of it. It may be run again at any time: an interrupted run is begun anew on the next boot, and after its own reboot,
/// proven by a changed boot id, it only reports. Until its end, what runs it again on the next boot stays in place:
/// cloud-init's hook, or our unit where there is no cloud-init.
struct FirstBootScript: Sendable {
    let policy: PatchPolicy

    /// The whole script.
    var text: String {
        """
        #!/bin/sh
        # Changeover: brings this machine up to date on its first boot.
        SCOPE=\(policy.scope.rawValue) GEMS=\(policy.gems ? "yes" : "no") REBOOT=\(policy.reboot.rawValue)

        """ + Self.reporting + Self.apt + Self.dnf + Self.reboot + Self.main
    }

    private static let reporting = #"""
        set -u
        umask 022
        root=${CHANGEOVER_FIRST_BOOT_ROOT:-}
        state=$root/var/lib/changeover
        hook=$root/var/lib/cloud/scripts/per-boot/zz-changeover-first-boot
        # Where there is no cloud-init, this unit runs the script; it was written before the first boot.
        unit=$root/etc/systemd/system/changeover-first-boot.service
        wants=$root/etc/systemd/system/multi-user.target.d/changeover.conf
        PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
        export PATH LC_ALL=C LANGUAGE=C DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a UCF_FORCE_CONFFOLD=1
        boot_id=$(cat "$root/proc/sys/kernel/random/boot_id" 2>/dev/null) || boot_id=unknown

        report() {
            text=$(printf '%s' "$2" | tr -c 'A-Za-z0-9 ._:/+,()-' ' ' | cut -c1-200)
            # On a full disk the last report that could be written stays.
            printf '{"status":"%s","detail":"%s","bootId":"%s"}\n' "$1" "$text" "$boot_id" \
                >"$state/first-boot.new" && mv "$state/first-boot.new" "$state/first-boot.json"
            written=$?
            echo "changeover: first-boot $1 $text"
            if [ -w "$root/dev/console" ]; then
                echo "changeover: first-boot $1 $text" >"$root/dev/console"
            fi 2>/dev/null
            return "$written"
        }
        leave() { rm -f "$hook" "$wants" "$unit" "$state/first-boot.phase"; }
        # An end that nobody can read is a failure, which cloud-init or the unit then shows.
        finish() {
            leave
            report finished "$1" || exit 1
            exit 0
        }
        fail() {
            leave
            report failed "$1"
            exit 1
        }
        # Repositories and mirrors may not be reachable in the first seconds of a machine.
        retry() {
            tries=1
            until "$@"; do
                code=$?
                [ "$tries" -lt 5 ] || return "$code"
                sleep $((tries * 10))
                tries=$((tries + 1))
            done
        }

        """#

    /// `install --only-upgrade` of what the simulation takes from a security archive: unattended-upgrade installs by
    /// its own configuration, which on Debian is more than security updates.
    private static let apt = #"""
        run_apt() {
            apt-get -y -q -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confdef \
                -o Dpkg::Options::=--force-confold -o APT::Get::Always-Include-Phased-Updates=true "$@" </dev/null
        }
        patch_apt() {
            report running 'updating the package lists'
            dpkg --configure -a --force-confdef --force-confold </dev/null || fail 'dpkg --configure -a failed'
            retry run_apt -o APT::Update::Error-Mode=any update || fail 'apt-get update failed'
            if [ "$SCOPE" = security ]; then
                updates=$(apt-get -q -s -o APT::Get::Always-Include-Phased-Updates=true dist-upgrade) ||
                    fail 'apt-get cannot list the updates'
                names=$(printf '%s\n' "$updates" | sed -n 's/^Inst \([^ ]*\) .*[Ss]ecurity.*$/\1/p')
                report running "installing $(printf '%s\n' "$names" | grep -c .) security updates"
                # Package names hold neither spaces nor wildcards.
                [ -z "$names" ] || run_apt install --only-upgrade $names || fail 'apt-get install failed'
            else
                report running 'installing all updates'
                run_apt dist-upgrade || fail 'apt-get dist-upgrade failed'
            fi
        }
        kernels_apt() { dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' 'linux-image-*' 2>/dev/null; }
        needs_reboot_apt() {
            [ ! -e "$root/run/reboot-required" ] && [ ! -e "$root/var/run/reboot-required" ] || return 0
            case $(needrestart -b -k -r l 2>/dev/null | sed -n 's/^NEEDRESTART-KSTA: *//p') in
                2 | 3) return 0 ;;
            esac
            [ "$(kernels_apt)" != "$kernels" ]
        }

        """#

    /// Amazon Linux 2023 keeps to the repositories of its image's day unless `releasever` says otherwise.
    private static let dnf = #"""
        run_dnf() {
            release=
            if [ "$tool" = dnf ] && grep -Eq '^ID="?amzn"?$' "$root/etc/os-release" 2>/dev/null; then
                release=--releasever=latest
            fi
            "$tool" -y $release "$@" </dev/null
        }
        patch_dnf() {
            security=
            [ "$SCOPE" != security ] || security=--security
            report running "installing updates with $tool $security"
            retry run_dnf makecache || fail "$tool makecache failed"
            run_dnf upgrade $security || fail "$tool upgrade failed"
        }
        kernels_dnf() { rpm -qa 'kernel*' 2>/dev/null | sort; }
        needs_reboot_dnf() {
            if command -v needs-restarting >/dev/null; then
                needs-restarting -r >/dev/null 2>&1 || return 0
            fi
            [ "$(kernels_dnf)" != "$kernels" ]
        }

        """#

    private static let reboot = #"""
        # The rest of cloud-init ends first; what it has not done yet would otherwise be done twice or never.
        reboot_machine() {
            waiting='sync; systemctl reboot || shutdown -r now'
            [ -e "$wants" ] || waiting="timeout 300 cloud-init status --wait; $waiting"
            if command -v systemd-run >/dev/null; then
                systemd-run --quiet --no-block --unit=changeover-reboot /bin/sh -c "$waiting" && return 0
            fi
            shutdown -r +1
        }

        """#

    private static let main = #"""
        mkdir -p "$state" || exit 1
        phase=
        [ ! -r "$state/first-boot.phase" ] || read -r phase earlier <"$state/first-boot.phase"
        if [ "$phase" = rebooting ]; then
            [ "$earlier" != "$boot_id" ] || exit 0
            finish 'updated and rebooted'
        fi
        if [ "$phase" = patching ]; then
            [ "$earlier" != "$boot_id" ] || exit 0
            report running 'beginning anew after an interruption'
        fi
        # A copy of this script goes on after a reboot, its own or not.
        if [ "$0" != "$state/first-boot.sh" ]; then
            cp "$0" "$state/first-boot.sh" || fail 'cannot write to /var/lib/changeover'
        fi
        if [ ! -e "$wants" ]; then
            mkdir -p "${hook%/*}"
            printf '#!/bin/sh\nexec /bin/sh /var/lib/changeover/first-boot.sh\n' >"$hook"
            chmod 755 "$hook"
        fi
        echo "patching $boot_id" >"$state/first-boot.phase"

        if command -v apt-get >/dev/null; then
            tool=apt family=apt
        elif command -v dnf >/dev/null; then
            tool=dnf family=dnf
        elif command -v yum >/dev/null; then
            tool=yum family=dnf
        else
            fail 'no package manager that Changeover knows (apt, dnf or yum)'
        fi
        kernels=$(kernels_$family)
        patch_$family
        if [ "$GEMS" = yes ] && command -v gem >/dev/null; then
            report running 'updating gems'
            retry gem update --no-document </dev/null || fail 'gem update failed'
        fi
        if needs_reboot_$family; then
            [ "$REBOOT" = if-required ] || finish 'updated; a reboot is pending and the policy says never'
            echo "rebooting $boot_id" >"$state/first-boot.phase"
            report running 'rebooting'
            reboot_machine || fail 'the machine cannot be rebooted'
            exit 0
        fi
        finish 'updated, no reboot needed'

        """#
}
