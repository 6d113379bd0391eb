/// The scripts that inspect a machine with apt.
enum AptScript {
    /// Refreshes package lists in a temporary folder and prints what is left to patch.
    ///
    /// `apt-get update` exits 0 with an unreachable repository unless `Error-Mode=any`; plain `upgrade` never brings in
    /// new packages such as kernels, hence `dist-upgrade`. The present lists are copied first so that an unchanged
    /// repository answers briefly. Even a simulation writes a log, `eipp.log.xz`. `#clear` drops hooks that would leave traces on the machine.
    static let status =
        ScriptSections.prologue + #"""
            work=$(mktemp -d) || exit 1
            trap 'rm -rf "$work"' EXIT
            trap 'exit 1' INT TERM HUP
            chmod 755 "$work"
            mkdir -p "$work/lists" "$work/archives/partial"
            eval "$(apt-config shell lists Dir::State::lists/d)"
            [ -z "${lists:-}" ] || cp -a "$lists/." "$work/lists/" 2>/dev/null
            rm -rf "$work/lists/partial" "$work/lists/lock"
            mkdir -p "$work/lists/partial"
            cat >"$work/apt.conf" <<END
            #clear APT::Update::Pre-Invoke;
            #clear APT::Update::Post-Invoke;
            #clear APT::Update::Post-Invoke-Success;
            #clear DPkg::Pre-Invoke;
            Dir::State::lists "$work/lists/";
            Dir::Cache::archives "$work/archives/";
            Dir::Log "$work/";
            Dir::Cache::pkgcache "";
            Dir::Cache::srcpkgcache "";
            APT::Update::Error-Mode "any";
            APT::Get::Always-Include-Phased-Updates "true";
            APT::Get::Show-Versions "true";
            END
            section update apt-get -q -c "$work/apt.conf" update
            section repositories apt-get -c "$work/apt.conf" indextargets --format '$(REPO_URI)'
            section upgrade apt-get -q -s -c "$work/apt.conf" dist-upgrade
            section states dpkg-query -W -f '${db:Status-Want} ${binary:Package}\n'
            section audit dpkg --audit
            reboot_evidence() {
                echo "release $(uname -r)"
                echo "version $(uname -v)"
                [ -z "${DPKG_ROOT:-}" ] || [ "$DPKG_ROOT" = / ] || echo root-elsewhere
                [ ! -e /run/reboot-required ] || echo flag
                if systemd-detect-virt --container --quiet 2>/dev/null || [ -e /run/systemd/container ]; then
                    echo container
                fi
                needrestart -b -k -r l 2>/dev/null | sed -n 's/^NEEDRESTART-KSTA: */ksta /p'
                dpkg-query -W -f 'kernel ${db:Status-Status} ${Package} ${Version}\n' 'linux-image-[0-9]*' 2>/dev/null
                true
            }
            section reboot reboot_evidence
            """#

    /// Prints what is installed and running.
    static let facts =
        ScriptSections.prologue + #"""
            root=${DPKG_ROOT:-}
            [ "$root" != / ] || root=
            section packages dpkg-query -W -f '${db:Status-Status} ${binary:Package} ${Version}\n'
            section kernel uname -r
            section users cat "$root/etc/passwd"
            if command -v ss >/dev/null; then section ports ss -Hltn; fi
            if [ -n "$root" ]; then
                section root-elsewhere true
            else
                section boot cat /proc/sys/kernel/random/boot_id
                section mounts cat /proc/self/mounts
                if [ -d /run/systemd/system ]; then
                    section units systemctl list-units --type=service --state=active --no-legend --plain --full
                fi
            fi
            """#
}
