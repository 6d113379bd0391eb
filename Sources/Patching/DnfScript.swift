/// The parts of the inspection that ask dnf, of generation 4 or 5, and rpm; they follow `ScriptSections.prologue`.
enum DnfScript {
    /// What every call of dnf needs.
    ///
    /// Metadata goes to a temporary folder, so nothing of it stays and nothing old is believed. Only the keys that the
    /// machine already trusts for signed metadata are copied there. A repository that the machine would do without
    /// (`skip_if_unavailable`) must answer here: else `check-update` exits 0 with it down. Amazon Linux 2023 keeps to the
    /// repositories of its image's day, in which nothing is ever pending, unless `releasever` says otherwise. Two things of
    /// dnf 4 would leave traces whatever the settings: `--version`, and the plugin that notes names for completion.
    static let setting = #"""
        tool=dnf
        command -v dnf >/dev/null || tool=dnf5
        generation=4 other=--setopt=persistdir=$work/state quiet=--disableplugin=generate_completion_cache
        case $(readlink -f "$(command -v "$tool")") in
        *dnf5) generation=5 other=--setopt=system_cachedir=$work/cache quiet= ;;
        esac
        mkdir -p "$work/cache" "$work/log" "$work/state"
        release=
        if grep -Eq '^ID="?amzn"?$' "$root/etc/os-release" 2>/dev/null; then release=--releasever=latest; fi
        dnf() {
            command "$tool" -q --assumeno --setopt=cachedir="$work/cache" --setopt=logdir="$work/log" \
                "$other" $quiet $release --setopt='*.skip_if_unavailable=0' "$@" 2>"$work/errors"
            code=$?
            case $code in
            0 | 100) ;;
            *) cat "$work/errors" ;;
            esac
            return $code
        }
        for keys in /var/cache/dnf/*/pubring /var/cache/libdnf5/*/pubring; do
            [ -d "$keys" ] || continue
            repository=${keys%/pubring}
            mkdir -p "$work/cache/${repository##*/}"
            cp -R "$keys" "$work/cache/${repository##*/}/"
        done

        """#

    /// Prints what is left to patch.
    ///
    /// `check-update` exits 100 with updates, 0 without, 1 when a repository does not answer. `repoquery` names updates for
    /// programs, and those that only an exclusion or a lock hides, too: locks do not count for it.
    /// `needs-restarting -r` exits 1 both when a reboot is needed and where its plugin is missing: its words tell.
    static let status = #"""
        form='update %{name} %{arch} %{evr} %{repoid}\n'
        section repositories dnf repolist --enabled
        section update dnf check-update
        everything() {
            if [ "$generation" = 4 ]; then
                dnf -C --disableplugin=versionlock --disableexcludes=all "$@"
            else
                dnf -C --setopt=disable_excludes='*' "$@"
            fi
        }
        section everything everything repoquery --upgrades --qf "$form"
        section locks dnf -C versionlock list
        section security everything updateinfo list --security
        advisories() {
            for file in "$work"/cache/*/repodata/*updateinfo*; do
                [ ! -e "$file" ] || printf '%s\n' "$file" | sed 's|/repodata/.*||; s|.*/||; s|-[0-9a-f]*$||'
            done
        }
        section advisories advisories
        section installed rpm -qa --qf 'installed %{NAME} %{ARCH} %{EVR}\n'
        section audit dnf -C check --dependencies --duplicates
        reboot_evidence() {
            echo "release $(uname -r)"
            [ ! -e /run/reboot-required ] || echo flag
            if systemd-detect-virt --container --quiet 2>/dev/null || [ -e /run/systemd/container ]; then
                echo container
            fi
            dnf -C needs-restarting -r | sed 's/^/hint /'
            rpm -qa --qf 'kernel %{NAME} %{VERSION}-%{RELEASE}.%{ARCH}\n' 'kernel*'
        }
        section reboot reboot_evidence

        """#

    /// Prints what is installed.
    static let facts = #"""
        section rpm-packages rpm -qa --qf 'installed %{NAME} %{ARCH} %{EVR}\n'

        """#
}
