# Functions of scripts/demo-lxd: what LXD and the containers themselves say, and leaving nothing behind. Sourced by bash
# after demo-lib.sh, some of whose functions it replaces.
# shellcheck shell=bash

# LXD's containers are run by users who must be let through, and its sockets need short paths.
make_folder() {
    local parent=${TMPDIR:-/tmp} step
    step=$(realpath -- "$parent")
    ((${#step} <= 40)) || parent=/tmp
    while [[ $step != / ]]; do
        [[ $(stat -c %A "$step") == *[xt] ]] || parent=/tmp
        step=$(dirname "$step")
    done
    folder=$(mktemp -d "$parent/changeover-demo.XXXXXX")
    chmod 711 "$folder"
}

# Prints the address of an instance; fails as long as it has none.
lxc_address() {
    local found
    found=$(lxc list "^$1\$" --format csv --columns 4 | sed 's/ (.*//')
    [[ $found ]] && printf '%s\n' "$found"
}

is_in_state() {
    local state
    state=$(lxc list "^$1\$" --format csv --columns s)
    [[ $state == "$2" ]] || { printf '%s is in the state `%s`\n' "$1" "$state"; return 1; }
}

is_absent() {
    local found
    found=$(lxc list --format csv --columns ns) || return 1
    if cut -d , -f 1 <<<"$found" | grep -q -x -F -e "$1"; then printf '%s\n' "$found"; return 1; fi
}

# What apt would upgrade or install on an instance, asked without Changeover and with package lists read just now.
pending_on() {
    mkdir -p "$folder/apt"
    lxc exec "$1" -- apt-get -q -o APT::Update::Error-Mode=any update >"$folder/apt/$1.log" 2>&1 </dev/null ||
        { cat "$folder/apt/$1.log"; return 1; }
    lxc exec "$1" -- apt-get -q -s dist-upgrade >"$folder/apt/$1.log" 2>&1 </dev/null ||
        { cat "$folder/apt/$1.log"; return 1; }
    grep '^Inst' "$folder/apt/$1.log" || true
}

at_least() {
    local count
    count=$(grep -c '^Inst' "$2" || true)
    ((count >= $1)) || { printf 'there are only %d\n' "$count"; return 1; }
}

# same_updates PLAN FILE: the plan's updates are what apt says.
same_updates() {
    diff <(value '"\n".join(sorted(u["package"] for u in file["plan"]["pendingUpdates"]))' file="$1") \
        <(awk '/^Inst/ {print $2}' "$2" | sort)
}

no_reboot_is_pending() { lxc exec "$1" -- test ! -e /run/reboot-required </dev/null; }

no_unit_has_failed() {
    local failed
    failed=$(lxc exec "$1" -- systemctl list-units --failed --no-legend --plain </dev/null) || return 1
    [[ -z $failed ]] || { printf '%s\n' "$failed"; return 1; }
}

# What a plan must not change: the store, what LXD has, and HAProxy's servers. What LXD counts by itself is left out.
lxd_fingerprint() {
    mkdir -p "$folder/.changeover"
    (cd "$folder" && find .changeover -type f -print0 | sort -z | xargs -0 -r sha256sum)
    lxc query '/1.0/instances?recursion=1' | sed '/"last_used_at"/d'
    servers
}

# break_site FOLDER: the content of a package lab-site 2.0 with a configuration that nginx does not understand. It waits
# for the newest nginx, since nginx's own maintainer scripts would notice.
break_site() {
    local nginx
    nginx=$(sed -n 's/^Inst nginx \[.*\] (\([^ ]*\) .*/ (>= \1)/p' "$folder/apt/original")
    mkdir -p "$1/etc/nginx/sites-available" "$1/usr/share/lab-site" "$1/DEBIAN"
    cat >"$1/DEBIAN/control" <<END
Package: lab-site
Version: 2.0
Architecture: all
Maintainer: The lab <lab@example.org>
Depends: nginx$nginx
Description: a site with a mistake in its configuration
END
    lxc file pull "$original/etc/nginx/sites-available/lab-site" "$1/etc/nginx/sites-available/lab-site" 2>/dev/null
    sed 's/listen 80/lisen 80/' "$1/etc/nginx/sites-available/lab-site" >"$1/usr/share/lab-site/site"
    cat >"$1/DEBIAN/postinst" <<'END'
#!/bin/sh
cp /usr/share/lab-site/site /etc/nginx/sites-available/lab-site
systemctl restart nginx.service || true
END
    chmod 755 "$1/DEBIAN/postinst"
}

no_trace_of_lxd_is_left() {
    local left
    left=$(ip -brief link show | grep -F "$bridge" || true
        find /sys/fs/cgroup -name "lxc.*.$second*" 2>/dev/null
        if command -v nft >/dev/null && ((EUID == 0)); then nft list ruleset | grep -F "$bridge"; fi || true)
    printf '%s\n' "$left"
    [[ -z $left ]]
}

# For every way out: failure, Ctrl-C, or the end.
end_demo() {
    local code=$?
    trap '' INT TERM HUP
    set +e
    if [[ -n ${folder:-} && -e $folder/lab ]]; then "$scripts/lxd-lab" stop "$folder/lab" || code=1; fi
    (exit "$code")
    clean_up
}
