/// The parts of the inspection that ask apt and dpkg; they follow `ScriptSections.prologue`.
enum AptScript {
    /// Refreshes package lists in a temporary folder and prints what is left to patch.
    ///
    /// `apt-get update` exits 0 with an unreachable repository unless `Error-Mode=any`; plain `upgrade` never brings in
    /// new packages such as kernels, hence `dist-upgrade`. The present lists are copied first so that an unchanged
    /// repository answers briefly. Even a simulation writes a log, `eipp.log.xz`. `#clear` drops hooks that would leave
    /// traces on the machine. A level of `quiet` above 1, which the machine's own settings may bring about, would leave out
    /// what is kept back. What Ubuntu publishes in phases is included; what needs a subscription (esm) is no `Inst`.
    static let status = #"""
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
        quiet "1";
        END
        # What a running package manager leaves half done is no mistake of the machine: its locks tell.
        locks() {
            for lock in lock-frontend lock; do
                inode=$(stat -c %i "$root/var/lib/dpkg/$lock" 2>/dev/null) || continue
                ! grep -q ":$inode " /proc/locks || echo "$lock"
            done
        }
        section locks-before locks
        section update apt-get -q -c "$work/apt.conf" update
        section repositories apt-get -c "$work/apt.conf" indextargets --format '$(REPO_URI)'
        section upgrade apt-get -q -s -c "$work/apt.conf" dist-upgrade
        # Without pins and a default release: what these keep back is held as well, and must not go unnoticed.
        mkdir -p "$work/preferences.d"
        section unpinned apt-get -q -s -c "$work/apt.conf" -o Dir::Etc::preferences=/dev/null \
            -o Dir::Etc::preferencesparts="$work/preferences.d" -o APT::Default-Release= dist-upgrade
        section states dpkg-query -W -f '${db:Status-Want} ${Package}\n'
        section audit dpkg --audit
        section locks-after locks

        """# + reboot

    /// Prints what tells whether a reboot is needed; `RebootEvidence` reads it.
    static let reboot = #"""
        reboot_evidence() {
            echo "release $(uname -r)"
            echo "version $(uname -v)"
            if [ -n "$root" ]; then
                echo root-elsewhere
                [ ! -e "$root/run/reboot-required" ] || echo root-flag
            fi
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

    /// Prints what is installed.
    static let facts = #"""
        section packages dpkg-query -W -f '${db:Status-Status} ${binary:Package} ${Version}\n'

        """#
}
