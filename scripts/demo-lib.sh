# Functions of scripts/demo: printing, claims, load, and leaving nothing behind. Sourced by bash.
# shellcheck shell=bash

claims=0
stage=0
load=
service_port=8080 # where instances serve

heading() {
    stage=$((stage + 1))
    printf '\n%s\n%d. %s\n%s\n' "$line" "$stage" "$*" "$line"
}
line='==============================================================================================='

# Explains, in the margin.
note() { printf '%s\n' "$*" | fold -s -w 95 | sed 's/^/# /; s/ *$//'; }

# Prints a command as a person would type it. Its output follows.
show_command() {
    local word text=
    for word in "$@"; do
        case $word in
        *[!A-Za-z0-9_./:=,@%+-]* | '') text+=" '$word'" ;;
        *) text+=" $word" ;;
        esac
    done
    printf '\n$%s\n' "$text"
}

# run EXIT-CODE COMMAND...: shows and runs a command in the demo's folder, and claims that it ends like that.
# Its output is also kept in $folder/last-output.
run() {
    local wanted=$1 code=0
    shift
    show_command "$@"
    (cd "$folder" && exec "$@") 2>&1 </dev/null | tee "$folder/last-output" || code=${PIPESTATUS[0]}
    [[ $code == "$wanted" ]] || fail_claim "\`$*\` ends with exit code $wanted" "it ended with $code"
    met "exit code $wanted"
}

# json FILE COMMAND...: runs a command quietly in the demo's folder and keeps the JSON document that it prints.
json() {
    local file=$1
    shift
    if ! (cd "$folder" && exec "$@" --output json) >"$file" 2>"$file.errors" </dev/null; then
        fail_claim "\`$* --output json\` works" "$(cat "$file.errors" "$file")"
    fi
}

met() {
    claims=$((claims + 1))
    printf '  [ok] %s\n' "$*"
}

fail_claim() {
    printf '\n  [FAILED] %s\n           %s\n' "$1" "${2:-}" >&2
    if [[ -s ${folder:-}/state.json ]]; then sed 's/^/           /' "$folder/state.json" | head -n 60 >&2; fi
    exit 1
}

# claim WORDS COMMAND...: the command's exit code says whether it is true.
claim() {
    local words=$1 output
    shift
    if output=$("$@" 2>&1); then met "$words"; else fail_claim "$words" "$output"; fi
}

# Whether an expression over JSON files is true: holds EXPRESSION NAME=FILE...
holds() { python3 "$scripts/demo-lib.py" holds "$@"; }

# Prints what an expression over JSON files gives.
value() { python3 "$scripts/demo-lib.py" value "$@"; }

says() { grep -F -q -- "$2" <<<"$1" || { printf 'there is no `%s` in:\n%s\n' "$2" "$1"; return 1; }; }

# begin_load [RATE]: starts the client; RATE is in requests a second.
begin_load() {
    local rate=${1:-250}
    rm -f "$folder/load.json"
    python3 "$scripts/demo-client" --url "http://127.0.0.1:$port" --rate "$rate" --report "$folder/load.json" >"$folder/load.txt" 2>&1 &
    load=$!
    wait_for 10 'the load client counts' test -s "$folder/load.json"
    note "A client now sends $rate requests a second to http://127.0.0.1:$port, on kept and on fresh connections, and never tries one twice."
}

# end_load FEWEST: stops the client and claims that it sent enough and that nothing failed.
end_load() {
    sleep 1 # what comes just after the change counts too
    kill -TERM "$load"
    wait "$load" || true
    load=
    printf '\nThe client:\n'
    cat "$folder/load.txt"
    local words
    words=$(value '"%d requests, %d failed" % (load["requests"], load["failed"])' load="$folder/load.json")
    claim "$words (claimed: at least $1 requests, 0 failed)" \
        holds "load['requests'] >= $1 and load['failed'] == 0" load="$folder/load.json"
}

wait_for() {
    local seconds=$1 words=$2 end
    shift 2
    end=$((SECONDS + seconds))
    until "$@" >/dev/null 2>&1; do
        ((SECONDS <= end)) || fail_claim "$words" "not within $seconds s"
        sleep 0.1
    done
}

# What HAProxy itself says of its servers: name, address, whether it gets traffic.
servers() {
    python3 "$scripts/demo-lib.py" ask "$folder/haproxy.sock" 'show stat web 4 -1' |
        python3 -c 'import csv, sys
for row in csv.DictReader(sys.stdin):
    if row["svname"]: print("%-28s %-18s %s" % (row["svname"], row["addr"], row["status"].split()[0]))'
}

# Every byte of the store and of the instances (but for what a service prints as it likes), and HAProxy's servers: what a
# plan must not change.
fingerprint() {
    (cd "$folder" && find .changeover -type f ! -name console.log -print0 | sort -z | xargs -0 sha256sum)
    servers
}

swap_of_last_output() {
    local id
    id=$(grep -o -E 'swap-[0-9a-z]+' "$folder/last-output" | head -n 1)
    printf '%s\n' "$id"
}

# What apt would upgrade or install on an instance, asked without Changeover and with package lists read just now.
pending_on() {
    local lists=$folder/apt/$1
    local options=(-q -o "Dir::State::lists=$lists/" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Dir::Log::Planner=/dev/null
        -o APT::Update::Error-Mode=any)
    mkdir -p "$lists/partial"
    export APT_CONFIG=$folder/.changeover/local/instances/$1/disk/root/etc/apt/changeover.conf
    apt-get "${options[@]}" update >"$folder/apt/$1.log" 2>&1 || { cat "$folder/apt/$1.log"; return 1; }
    apt-get "${options[@]}" -s dist-upgrade >"$folder/apt/$1.log" 2>&1 || { cat "$folder/apt/$1.log"; return 1; }
    grep '^Inst' "$folder/apt/$1.log" || true
}

show_pending() {
    printf '\n# on the %s, %s:\n' "$2" "$1"
    local pending
    pending=$(pending_on "$1")
    printf '%s\n' "${pending:-(nothing to upgrade)}" | tee "$folder/apt/$2"
}

address_of() {
    value '[i["instance"]["address"] for i in instances if i["instance"]["id"] == "'"$1"'"][0]' instances="$folder/instances.json"
}

not_running() {
    json "$folder/instances.json" changeover instances
    holds 'all(i["instance"]["state"] == "terminated" for i in instances if i["instance"]["id"] == "'"$1"'")' instances="$folder/instances.json"
}

# serves_alone INSTANCE ADDRESS: HAProxy has exactly one server that gets traffic, and it is this one.
serves_alone() {
    local up
    up=$(servers | awk '$3 == "UP" {print $2}')
    [[ $up == "$2:$service_port" ]] || { printf '%s at %s should serve alone; HAProxy says:\n%s\n' "$1" "$2" "$(servers)"; return 1; }
}

start_haproxy() {
    local try
    for try in 1 2 3; do
        port=$(python3 "$scripts/demo-lib.py" free-port)
        sed -e "s|@PORT@|$port|" -e "s|@FOLDER@|$folder|" -e "s|@ORIGINAL@|$1:$service_port|" >"$folder/haproxy.cfg" <<'END'
global
    # Changeover moves traffic over this socket; it needs the level admin.
    stats socket @FOLDER@/haproxy.sock mode 600 level admin
    hard-stop-after 2s
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    timeout check 2s
frontend public
    bind 127.0.0.1:@PORT@
    default_backend web
backend web
    # A dynamic algorithm: servers can only be added at run time to such a one.
    balance roundrobin
    # Servers that are added are checked as the backend says: HTTP, by what the service says of itself.
    option httpchk
    http-check send meth GET uri /health ver HTTP/1.1 hdr Host demo
    http-check expect status 200
    default-server inter 500ms rise 2 fall 3
    server web-1 @ORIGINAL@ check
END
        haproxy -db -f "$folder/haproxy.cfg" >"$folder/haproxy.log" 2>&1 </dev/null &
        haproxy=$!
        sleep 0.5
        if kill -0 "$haproxy" 2>/dev/null; then return; fi
        wait "$haproxy" || true
    done
    fail_claim 'HAProxy starts' "$(cat "$folder/haproxy.log")"
}

stop_haproxy() {
    kill -TERM "$haproxy"
    wait "$haproxy" || true
}

# What is left of the demo: processes that mention its folder, mounts in it, and the folder itself.
leftovers() {
    python3 "$scripts/demo-lib.py" processes "$folder" || printf 'unknown processes\n'
    grep -F " $folder" /proc/mounts || true
    if [[ -e $folder ]]; then printf '%s\n' "$folder"; fi
}

no_process_is_left() {
    local left
    left=$(python3 "$scripts/demo-lib.py" processes "$folder") || return 1
    printf '%s\n' "$left"
    [[ -z $left ]]
}

nothing_is_left() {
    local left
    left=$(leftovers) || return 1
    printf '%s\n' "$left"
    [[ -z $left ]]
}

# For every way out: failure, Ctrl-C, or the end.
clean_up() {
    local code=$?
    trap - EXIT
    trap '' INT TERM HUP # from here on nothing is left half done
    if [[ -n ${folder:-} ]]; then
        python3 "$scripts/demo-lib.py" end "$folder" || code=1
        rm -rf -- "$folder" || code=1
        local left
        left=$(leftovers)
        if [[ -n $left ]]; then
            printf 'demo: this is left behind:\n%s\n' "$left" >&2
            code=1
        fi
    fi
    if ((code != 0)); then printf '\ndemo: FAILED with exit code %d\n' "$code" >&2; fi
    exit "$code"
}
