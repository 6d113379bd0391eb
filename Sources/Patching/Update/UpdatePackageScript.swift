/// The inner part of the worker: what is run with the package managers.
enum UpdatePackageScript {
    /// Defines `work`, which installs what the policy asks for, and `simulate`.
    static let text = reporting + locks + apt + dnf + gems

    private static let reporting = #"""
        fail() {
            say "failed: $*"
            printf '%s\n' "$*" | tr '\n' ' ' | cut -c1-1000 >"$state/failure"
            exit 1
        }
        # mark, printed: what the log has got since the mark.
        mark() { from=$(($(wc -c <"$log") + 1)); }
        printed() { tail -c "+$from" "$log"; }
        complaint() {
            words=$(printed | grep -E '^(E:|Err:|dpkg: |Error|ERROR|error:)' | tail -n 4)
            [ -n "$words" ] || words=$(printed | tail -n 3)
            printf '%s' "$words" | tr '\n' ' ' | cut -c1-600
        }

        """#

    /// `DPkg::Lock::Timeout` waits for dpkg's locks only and says nothing, so the locks are looked at first, and what fails
    /// for one of them all the same has done nothing yet and is run again.
    static let locks = #"""
        # holder: who holds one of the package manager's locks, in words; nothing when nobody does.
        holder() {
            for file in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock \
                /var/cache/apt/archives/lock /var/lib/rpm/.rpm.lock /usr/lib/sysimage/rpm/.rpm.lock; do
                inode=$(stat -c %i "$root$file" 2>/dev/null) || continue
                process=$(sed -n "s/^[0-9]*: [A-Z]* *[A-Z]* *[A-Z]* *\([-0-9]*\) [0-9a-f]*:[0-9a-f]*:$inode .*/\1/p" \
                    /proc/locks | head -n 1)
                [ -n "$process" ] || continue
                printf '%s (process %s) holds %s\n' \
                    "$(cat "/proc/$process/comm" 2>/dev/null || echo unknown)" "$process" "$file"
                return 0
            done
        }
        # free: waits until nobody holds a lock; fails after ten minutes.
        free() {
            said=
            while who=$(holder) && [ -n "$who" ]; do
                [ "$(now)" -lt "$patience" ] ||
                    fail "the package manager was in use for 600 s: $who; end that or update again later"
                [ "$who" = "$said" ] || say "waiting: $who"
                said=$who
                run sleep 1
            done
            [ -z "$said" ] || say 'going on: the package manager is free'
        }
        locked='Could not get lock|Unable to lock|Unable to acquire the dpkg|locked by another process|area is locked'
        # attempt COMMAND…: runs a command, again for as long as locks are in its way.
        attempt() {
            patience=$(($(now) + 600))
            while :; do
                free
                mark
                run "$@" && return 0
                code=$?
                printed | grep -Eq "$locked" || return "$code"
                [ "$(now)" -lt "$patience" ] || return "$code"
                run sleep 2
            done
        }

        """#

    /// Installs by apt: everything, or what the simulation takes from a security archive.
    ///
    /// unattended-upgrade installs by its own configuration, which on Debian is more than security updates. `install
    /// --only-upgrade` would mark these packages as asked for by hand, so the marks are set back.
    private static let apt = #"""
        simulate() { apt-get -q -s -o quiet=1 -o APT::Get::Always-Include-Phased-Updates=true \
            -o APT::Get::Show-Versions=true "$@"; }
        apt() {
            attempt apt-get -y -q -o DPkg::Lock::Timeout=60 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 \
                -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
                -o APT::Get::Always-Include-Phased-Updates=true "$@"
        }
        # With the options that apt would give it, such as another root.
        configure() (
            IFS='
        '
            set -f
            attempt dpkg $(apt-config dump --format '%v%n' DPkg::Options) --force-confdef --force-confold --configure -a
        )
        # The packages of security updates, as NAME=VERSION.
        security_updates() {
            awk '/^Inst / && $3 ~ /^\[/ {
                open = index($0, "("); inside = substr($0, open + 1)
                count = split(substr(inside, 1, index(inside, ")") - 1), words, " ")
                found = 0
                for (i = 2; i <= count; i++) {
                    parts = split(tolower(words[i]), names, /[:\/,]/)
                    for (j = 1; j <= parts; j++) if (names[j] == "security" || index(names[j], "-security")) found = 1
                }
                if (found) print $2 "=" words[1]
            }' "$state/simulation"
        }
        # What an interrupted run had to mark is still in its file.
        restore_marks() {
            [ ! -s "$state/marks" ] || attempt apt-mark auto $(cat "$state/marks") ||
                say 'packages that were installed automatically are now marked as installed by hand'
            rm -f "$state/marks"
        }
        work_apt() {
            configure || [ -s "$state/failure" ] || say 'dpkg --configure -a failed; the update may repair that'
            [ ! -s "$state/failure" ] || exit 1
            restore_marks
            say 'refreshing the package lists'
            apt -o APT::Update::Error-Mode=any update || fail "apt-get update exited with $?: $(complaint)"
            # Releases before apt 2.1.16 do not know Error-Mode and exit with 0.
            ! printed | grep -Eq '^(Err:|W: (Failed to fetch|Some index files failed|An error occurred during))' ||
                fail "apt-get update did not reach every repository: $(complaint)"
            [ -n "$(apt-get indextargets --format '$(REPO_URI)')" ] ||
                fail 'the machine has no package repository, so there is nothing that it could be updated from'
            apt-get -q -s check >/dev/null 2>&1 || apt -f install || fail "apt-get -f install exited with $?: $(complaint)"
            held=$(dpkg-query -W -f '${db:Status-Want} ${Package}\n' | sed -n 's/^hold //p' | tr '\n' ' ')
            [ -z "$held" ] || say "held back by the administrator, not updated: $held"
            if [ "$scope" = all ]; then
                say 'installing all updates'
                apt dist-upgrade || fail "apt-get dist-upgrade exited with $?: $(complaint)"
                return 0
            fi
            simulate dist-upgrade >"$state/simulation" || fail 'apt-get cannot tell which updates there are'
            newer=$(security_updates)
            say "installing $(printf '%s\n' "$newer" | grep -c .) security updates"
            [ -n "$newer" ] || return 0
            apt-mark showauto $(printf '%s\n' "$newer" | sed 's/=.*//') >"$state/marks" || rm -f "$state/marks"
            # Names and versions hold neither spaces nor wildcards.
            apt install --only-upgrade $newer
            code=$?
            [ "$code" -eq 0 ] || words=$(complaint)
            restore_marks
            [ "$code" -eq 0 ] || fail "apt-get install exited with $code: $words"
        }

        """#

    /// Amazon Linux 2023 keeps to the repositories of its image's day unless `releasever` says otherwise.
    private static let dnf = #"""
        work_dnf() {
            tool=dnf release= security=
            command -v dnf >/dev/null || tool=dnf5
            if grep -Eq '^ID="?amzn"?$' "$root/etc/os-release" 2>/dev/null; then release=--releasever=latest; fi
            [ "$scope" = all ] || security=--security
            say "installing updates by $tool upgrade $security"
            attempt "$tool" -y $release --refresh --setopt='*.skip_if_unavailable=0' upgrade $security ||
                fail "$tool upgrade exited with $?: $(complaint)"
        }

        """#

    private static let gems = #"""
        work_gems() {
            if ! command -v gem >/dev/null; then
                say 'gems are not updated: the machine has no gem'
                return 0
            fi

        """# + GemScript.sources + #"""
                # gem itself is content with a source that does not answer.
                mark
                sources 8>&- 9>&- || fail "a source of gems does not answer: $(printed | tail -n 1)"
                say 'updating gems'
                mark
                run gem update --no-document || fail "gem update exited with $?: $(complaint)"
            }
            work() {
                if [ "$scope" != none ]; then
                    case $family in
                    apt | dnf) work_$family ;;
                    *) fail 'no package manager that Changeover knows (apt, dnf) on the machine' ;;
                    esac
                fi
                [ "$gems" != yes ] || work_gems
            }

            """#
}
