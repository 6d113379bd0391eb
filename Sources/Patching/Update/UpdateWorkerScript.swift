/// The script that updates a machine: it is written into the update's folder and runs there by itself.
///
/// Arguments: the update's folder, the scope, `yes` or `no` for gems, seconds. It is constant text. The outer part holds
/// the update's lock, records what was before and after, and ends the inner part (`work`) when its time is over. Both
/// hold the lock, and nothing that they start does, so that a service which a package starts keeps no update alive.
enum UpdateWorkerScript {
    /// The whole script.
    static let text =
        "#!/bin/sh\n# Changeover: updates this machine once, and records what that changed.\n"
        + ScriptSections.prologue + setting + UpdatePackageScript.text + recording + main

    private static let setting = #"""
        umask 022
        export PATH NEEDRESTART_MODE=a UCF_FORCE_CONFFOLD=1 HOME="${HOME:-/root}"
        state=$1 scope=$2 gems=$3 seconds=$4 part=${5:-}
        updates=${state%/*}
        log=$state/output.log
        say() { printf 'changeover: %s\n' "$*"; }
        # Since the machine's boot: the clock may be set while the update runs.
        now() {
            read -r uptime rest </proc/uptime
            echo "${uptime%%.*}"
        }
        run() { (
            exec 8>&- 9>&- </dev/null
            exec "$@"
        ); }
        ended() { [ "$(tail -n 1 "$state/result" 2>/dev/null)" = '@@end end 0' ]; }

        """# + SystemScript.family

    /// What is recorded before and after.
    ///
    /// `services` names each active service with what changes when it is restarted.
    private static let recording = #"""
        services() {
            [ -z "$root" ] && [ -d /run/systemd/system ] || return 0
            units=$(systemctl list-units --type=service --state=active --no-legend --plain --full | sed 's/ .*//')
            [ -n "$units" ] || return 0
            systemctl show --property=Id,InvocationID,ActiveEnterTimestampMonotonic -- $units
        }
        boot_id() { [ -n "$root" ] || cat /proc/sys/kernel/random/boot_id; }
        # record WHEN: prints what is installed.
        record() {
            case $family in
            apt) section "packages-$1" dpkg-query -W -f '${db:Status-Status} ${binary:Package} ${Version}\n' ;;
            dnf) section "packages-$1" rpm -qa --qf 'installed %{NAME} %{ARCH} %{EVR}\n' ;;
            esac
            if [ "$gems" = yes ] && command -v gem >/dev/null; then section "gems-$1" gem list --local; fi
        }
        # keep FILE COMMAND…: writes the whole output or nothing.
        keep() {
            file=$1
            shift
            "$@" >"$file.new" && mv -f "$file.new" "$file"
        }
        record_services() { section boot-before boot_id; section services-before services; }
        record_before() {
            [ -s "$state/before" ] || keep "$state/before" record before || return 1
            # What a reboot in the middle restarted was not the update.
            if ! grep -qxF "$(boot_id)" "$state/services" 2>/dev/null; then
                keep "$state/services" record_services || return 1
            fi
        }
        left_apt() {
            work=$state/work
            mkdir -p "$work/preferences.d"
            section states dpkg-query -W -f '${db:Status-Want} ${Package}\n'
            section upgrade simulate dist-upgrade
            section unpinned simulate -o Dir::Etc::preferences=/dev/null \
                -o Dir::Etc::preferencesparts="$work/preferences.d" -o APT::Default-Release= dist-upgrade

        """# + AptScript.reboot + #"""
            }
            left_dnf() {
                work=$state/work
                mkdir -p "$work"

            """# + DnfScript.setting + DnfScript.status + #"""
            }
            # finish: writes the result, which either is there as a whole or not at all.
            finish() {
                {
                    section family echo "$family"
                    [ ! -s "$state/failure" ] || section failure cat "$state/failure"
                    cat "$state/before" "$state/services"
                    record after
                    section boot-after boot_id
                    section services-after services
                    case $family in apt | dnf) (left_$family) ;; esac
                    section end true
                } >"$state/result.new"
                rm -rf "$state/work"
                if [ "$(tail -n 1 "$state/result.new")" != '@@end end 0' ]; then
                    say "the result cannot be written to $state: is the disk full?"
                    exit 1
                fi
                sync "$state/result.new" 2>/dev/null || sync
                mv -f "$state/result.new" "$state/result"
                sync "$state" 2>/dev/null
                true
            }

            """#

    private static let main = #"""
        # Its time is over: what is left of its process group is given 30 s more.
        end_group() {
            patience=$(($(now) + 30))
            while kill -0 -- "-$1" 2>/dev/null && [ "$(now)" -lt "$patience" ]; do run sleep 0.2; done
            kill -KILL -- "-$1" 2>/dev/null
        }
        work_within() {
            rm -f "$state/failure"
            timeout -k 30 "$1" /bin/sh "$state/worker" "$state" "$scope" "$gems" "$seconds" work &
            group=$!
            wait "$group"
            code=$?
            if [ "$(now)" -ge "$deadline" ] && [ "$code" -ne 0 ] && [ ! -s "$state/failure" ]; then
                end_group "$group"
                echo "the update did not end within $seconds s and was ended; packages may be half configured," \
                    "which the next update repairs" >"$state/failure"
                say "$(cat "$state/failure")"
            elif [ "$code" -ne 0 ] && [ ! -s "$state/failure" ]; then
                end_group "$group"
                echo "the update ended unexpectedly with code $code; see $log" >"$state/failure"
                say "$(cat "$state/failure")"
            fi
        }
        main() {
            exec </dev/null >>"$log" 2>&1 9>>"$state/lock" 8>>"$updates/lock"
            # Whoever looks how the update stands holds the lock for a moment; another worker holds it for long.
            flock -w 10 9 || exit 0
            ! ended || exit 0
            if [ -e "$state/begun" ]; then say 'going on after an interruption'; else say "updating ($scope)"; fi
            : >"$state/begun"
            deadline=$(($(now) + seconds))
            if ! flock -n 8; then
                say 'waiting for another update of Changeover on this machine'
                if ! flock -w "$seconds" 8; then
                    echo "another update of Changeover held the machine for $seconds s" >"$state/failure"
                fi
            fi
            left=$((deadline - $(now)))
            if ! record_before; then
                echo "what is installed cannot be recorded in $state: is the disk full?" >"$state/failure"
            elif [ "$left" -gt 0 ]; then
                work_within "$left"
            fi
            (
                exec 8>&- 9>&-
                finish
            ) || exit 1
            if [ -s "$state/failure" ]; then say 'ended with a failure'; else say 'ended'; fi
        }
        case $part in
        work) work ;;
        *) main ;;
        esac

        """#
}
