/// The scripts that begin an update and look how it stands; constant text, everything else comes as arguments.
enum UpdateScript {
    /// The login may not update the machine; `EX_NOPERM` of sysexits.h.
    static let notPermittedExitCode: Int32 = 77
    /// The update could not be begun just now; `EX_TEMPFAIL` of sysexits.h.
    static let notStartedExitCode: Int32 = 75
    /// The most bytes of output that one look brings.
    static let lookBytes = 256 << 10

    /// Begins an update; arguments: token, scope, `yes` or `no` for gems, seconds, the worker's text.
    ///
    /// The folder gets its name with everything in it. Two workers that are started at once take the lock one after the
    /// other, and the second finds the result.
    static let begin = ScriptSections.prologue + SystemScript.family + folder + permission + starting

    /// Prints how an update stands and what it printed; arguments: token, offset, the most bytes.
    ///
    /// How it stands is asked first: of an update that has ended everything is printed by then.
    static let progress =
        ScriptSections.prologue + folder + #"""
            offset=$2 limit=$3 log=$state/output.log
            if [ ! -d "$state" ]; then
                [ ! -e "$updates" ] || [ -x "$updates" ] || exit 77
                echo 'changeover-update absent 0 0'
                exit 0
            fi
            if [ ! -x "$state" ]; then exit 77; fi
            if ended; then status=ended; elif running; then status=running; elif ended; then status=ended
            else status=interrupted; fi
            part() { tail -c "+$((offset + 1))" "$log" | head -c "$1"; }
            count=$(($(part "$limit" | wc -c)))
            cut=$(part "$count" | tail -n 1 | wc -c)
            # An unfinished line waits for its end, unless it is longer than a look.
            if [ "$count" -gt 0 ] && [ "$(part "$count" | tail -c 1 | wc -l)" -eq 0 ] && [ "$((cut))" -lt "$limit" ]; then
                count=$((count - cut))
            fi
            echo "changeover-update $status $((offset + count)) $(($(wc -c <"$log")))"
            part "$count"

            """#

    /// Prints the record of an update that has ended; argument: token.
    static let result = ScriptSections.prologue + folder + "cat \"$state/result\"\n"

    /// Prints what would be in an update's way; argument: `yes` or `no` for gems.
    static let findings =
        ScriptSections.prologue + SystemScript.family + UpdatePackageScript.locks + #"""
            section family echo "$family"
            identity() { if [ -n "$root" ]; then [ -w "$root/var/lib" ] && echo 0; else id -u; fi; }
            section identity identity
            missing() {
                for tool in flock setsid timeout awk stat mktemp; do command -v "$tool" >/dev/null || echo "$tool"; done
                [ "$1" != yes ] || command -v gem >/dev/null || echo gem
            }
            section missing missing "$1"
            section locks holder
            # Each file system once, with where it is mounted and how many KiB are free.
            space() {
                for place in / /usr /var /var/cache /boot; do
                    [ -z "$root" ] || [ "$place" != /boot ] || continue
                    [ -d "$root$place" ] || continue
                    df -Pk "$root$place" | awk -v place="$place" 'NR == 2 { print place, $4, $6 }'
                done
            }
            section space space
            [ "$family" != apt ] || section audit dpkg --audit
            if [ -z "$root" ]; then section boot cat /proc/sys/kernel/random/boot_id; else section root-elsewhere true; fi

            """#

    /// Prints the id of the present boot; nothing on a machine that has none of its own.
    static let bootID =
        ScriptSections.prologue + #"""
            [ -n "$root" ] || cat /proc/sys/kernel/random/boot_id

            """#

    private static let folder = #"""
        updates=$root/var/lib/changeover/updates
        state=$updates/$1
        ended() { [ "$(tail -n 1 "$state/result" 2>/dev/null)" = '@@end end 0' ]; }
        running() {
            flock -n -s -E 99 "$state/lock" true
            [ "$?" -eq 99 ]
        }

        """#

    private static let permission = #"""
        if { [ -z "$root" ] && [ "$(id -u)" -ne 0 ]; } || { [ -n "$root" ] && [ ! -w "$root/var/lib" ]; }; then
            echo "the login $(id -un) may not write to $root/var/lib" >&2
            exit 77
        fi
        for tool in flock setsid timeout awk; do
            command -v "$tool" >/dev/null && continue
            echo "the machine has no $tool" >&2
            exit 69
        done
        if [ "$2" != none ] && [ -z "$family" ]; then
            echo 'no package manager that Changeover knows (apt, dnf) on the machine' >&2
            exit 69
        fi

        """#

    private static let starting = #"""
        (umask 022 && mkdir -p "${updates%/*}") || exit 1
        umask 077
        mkdir -p "$updates" || exit 1
        create() {
            new=$updates/.new.$1.$$
            rm -rf "$new"
            mkdir "$new" && : >"$new/output.log" && : >"$new/lock" || return 1
            mv -T "$new" "$state" 2>/dev/null || rm -rf "$new"
            [ -d "$state" ] || return 1
            # The ten newest records stay; names hold neither spaces nor line feeds.
            ls -1t "$updates" | tail -n +11 | while read -r other; do
                [ ! -s "$updates/$other/result" ] || rm -rf "${updates:?}/$other"
            done
            find "$updates" -maxdepth 1 -name '.new.*' -mmin +60 -exec rm -rf {} + 2>/dev/null
            true
        }
        # begin_worker FOLDER SCOPE GEMS SECONDS: starts the worker where no end of a connection reaches it.
        begin_worker() {
            if [ -z "$root" ] && [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then
                unit=changeover-update-${state##*/} collect=
                ! systemd-run --help 2>/dev/null | grep -q -e --collect || collect=--collect
                systemctl reset-failed "$unit.service" 2>/dev/null
                systemd-run --quiet $collect --unit="$unit" --description='Changeover updates this machine' \
                    /bin/sh "$state/worker" "$@" </dev/null >>"$state/start.log" 2>&1 && return 0
                ! systemctl is-active --quiet "$unit.service" || return 0
            fi
            setsid nohup /bin/sh "$state/worker" "$@" </dev/null >/dev/null 2>>"$state/start.log" \
                3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
        }
        if [ ! -d "$state" ] && ! create "$1"; then
            echo "nothing can be written to $updates: is the disk full, or read-only?" >&2
            exit 1
        fi
        if ended || running; then exit 0; fi
        # Under a new name, since a shell reads its script little by little.
        printf '%s' "$5" >"$state/worker.$$" && mv -f "$state/worker.$$" "$state/worker" || exit 1
        sync "$state/worker" 2>/dev/null
        begin_worker "$state" "$2" "$3" "$4"
        tries=0
        until running || ended; do
            tries=$((tries + 1))
            if [ "$tries" -gt 100 ]; then
                echo "the update does not start: $(tail -n 3 "$state/start.log" | tr '\n' ' ')" >&2
                exit 75
            fi
            sleep 0.1
        done

        """#
}
