/// The script that supervises an instance: it needs nothing but `sh`, so an instance does not depend on our program.
enum SupervisorScript {
    /// The script's text; its arguments are the first-boot script (or nothing) and the service's command.
    static let text = #"""
        #!/bin/sh
        # Supervises one instance of Changeover's local provider: runs first boot once, then the service, which it
        # starts again whenever it ends, with growing pauses. SIGTERM ends the service and then this script.
        # Descriptor 3 carries the lock that says this instance is supervised, 4 the reservation of its address; nothing
        # else may inherit them.
        set -u
        first_boot=$1
        shift
        run=$CHANGEOVER_INSTANCE_FOLDER/run
        console=$CHANGEOVER_INSTANCE_FOLDER/console.log
        limit=1048576
        stopping= child= code=0

        say() { echo "changeover: $(date -u +%Y-%m-%dT%H:%M:%SZ) $*"; }

        # replace FILE TEXT: so that a reader never sees half of it.
        replace() { echo "$2" >"$1.new" && mv "$1.new" "$1"; }

        # The start time tells this process from a later one with the same number.
        own_start_time() {
            read -r line <"/proc/$$/stat"
            set -- ${line##*) }
            echo "${20}"
        }

        stop() {
            stopping=yes
            [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
        }

        # await: waits for $child to its very end, whatever signals come meanwhile, and sets $code.
        await() {
            [ -z "$stopping" ] || kill -TERM "$child" 2>/dev/null
            while :; do
                wait "$child"
                code=$?
                kill -0 "$child" 2>/dev/null || break
            done
            child=
        }

        # Keeps the newest half when the console output grows beyond its limit.
        bound_console() {
            while sleep 5; do
                if [ "$(wc -c <"$console")" -gt "$limit" ]; then
                    tail -c "$((limit / 2))" "$console" >"$console.new" && cat "$console.new" >"$console"
                    rm -f "$console.new"
                fi
            done
        }

        # A start is a boot, as a machine's: with an id of its own, and what was written to /run before it is gone, such as
        # the wish for a reboot.
        begin_boot() {
            kernel=$DPKG_ROOT/proc/sys/kernel/random
            read -r boot_id </proc/sys/kernel/random/uuid
            mkdir -p "$kernel" && replace "$kernel/boot_id" "$boot_id"
            rm -f "$DPKG_ROOT"/run/reboot-required*
        }

        trap stop TERM INT HUP
        rm -f "$DPKG_ROOT/run/service.pid"
        begin_boot
        [ -e "$run/first-boot" ] || replace "$run/first-boot" running
        replace "$run/supervisor" "$$ $(own_start_time)"
        # In a subshell of its own, since for a function alone the shell would keep copies of 3 and 4.
        (
            exec 3>&- 4>&-
            bound_console
        ) &
        bounder=$!

        if [ -n "$first_boot" ]; then
            say "first boot"
            "$first_boot" 3>&- 4>&- &
            child=$!
            await
            if [ -n "$stopping" ]; then
                replace "$run/first-boot" "failed first boot was stopped before it ended"
            elif [ "$code" -eq 0 ]; then
                replace "$run/first-boot" finished
            else
                replace "$run/first-boot" "failed first boot ended with exit code $code"
            fi
        elif [ "$(cat "$run/first-boot")" = running ]; then
            replace "$run/first-boot" "failed first boot was interrupted"
        fi

        delay=0
        while [ -z "$stopping" ]; do
            say "starting the service"
            started=$(date +%s)
            "$@" 3>&- 4>&- &
            child=$!
            replace "$DPKG_ROOT/run/service.pid" "$child"
            await
            [ -z "$stopping" ] || break
            [ "$(($(date +%s) - started))" -lt 10 ] || delay=0
            say "the service ended with code $code; starting it again in $delay s"
            if [ "$delay" -gt 0 ]; then
                sleep "$delay" 3>&- 4>&- &
                child=$!
                await
            fi
            delay=$((delay * 2 + 1))
            [ "$delay" -le 30 ] || delay=30
        done
        rm -f "$DPKG_ROOT/run/service.pid"
        kill "$bounder" 2>/dev/null
        say "stopped"

        """#
}
