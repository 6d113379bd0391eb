import LXDClient
import Workflow

/// The script that has an instance ask for its addresses anew.
enum LXDAddressScript {
    /// What is asked of the instance.
    enum Action: String, Sendable {
        /// Let go of the address.
        case release
        /// Take the address.
        case acquire
    }

    /// The exit code of the script where it finds no DHCP client.
    static let noClient: Int32 = 3

    private static let timeout = Span.seconds(18)

    /// Arguments: `release` or `acquire`, interface, family (4 or 6), address.
    ///
    /// Whatever the client does, a released address is gone in the end. A taken one is announced: a change of the
    /// hardware address, even to the same, has the kernel send a gratuitous ARP request or an unsolicited neighbour
    /// advertisement where `arp_notify` or `ndisc_notify` says so (ip-sysctl of the kernel's documentation). Without it
    /// neighbours go on sending to the former owner for up to a minute.
    private static let text = """
        action=$1 interface=$2 family=$3 address=$4
        has() { command -v "$1" >/dev/null 2>&1; }
        shown() { ip -o -"$family" address show dev "$interface" | grep -qF " $address/"; }
        renew() {
          if has networkctl && systemctl -q is-active systemd-networkd 2>/dev/null &&
            ! networkctl --no-legend list "$interface" 2>/dev/null | grep -q unmanaged; then
            networkctl reconfigure "$interface"
          elif has nmcli && systemctl -q is-active NetworkManager 2>/dev/null &&
            ! nmcli -t -f GENERAL.STATE device show "$interface" 2>/dev/null | grep -q unmanaged; then
            nmcli device disconnect "$interface"; nmcli device connect "$interface"
          elif has ifdown && grep -qs "^$interface=" /run/network/ifstate; then
            ifdown --force "$interface"; ifup "$interface"
          elif has dhcpcd && dhcpcd -U "$interface" >/dev/null 2>&1; then
            dhcpcd --release "$interface"; dhcpcd "$interface"
          elif has dhclient && grep -lqs "^dhclient" /proc/[0-9]*/comm; then
            dhclient -r "$interface"; dhclient "$interface"
          elif has udhcpc && [ -e "/run/udhcpc.$interface.pid" ]; then
            process=$(cat "/run/udhcpc.$interface.pid")
            kill -s USR2 "$process"; kill -s USR1 "$process"
          else
            return 1
          fi >&2 2>&1
          return 0
        }
        announce() {
          settings=/proc/sys/net/ipv4/conf/$interface/arp_notify
          [ "$family" = 4 ] || settings=/proc/sys/net/ipv6/conf/$interface/ndisc_notify
          before=$(cat "$settings") && echo 1 >"$settings" || return 0
          ip link set dev "$interface" address "$(cat "/sys/class/net/$interface/address")"
          echo "$before" >"$settings"
        }
        wanted=0; [ "$action" = acquire ] || wanted=1
        if [ "$action" = acquire ] && shown; then announce; exit 0; fi
        renew
        result=$?
        for turn in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
          shown; [ $? -ne "$wanted" ] || break
          [ "$result" -eq 0 ] || break
          sleep 0.2
        done
        if [ "$action" = release ]; then
          if shown; then
            prefix=$(ip -o -"$family" address show dev "$interface" | grep -oF -m 1 "$address/")
            length=$(ip -o -"$family" address show dev "$interface" | grep -F " $prefix" | sed 's|.*/\\([0-9]*\\) .*|\\1|')
            ip address del "$address/$length" dev "$interface"
          fi
          if shown; then exit 4; fi
          exit 0
        fi
        if shown; then announce; exit 0; fi
        [ "$result" -eq 0 ] || exit 3
        exit 4
        """

    /// The command for an interface and an address.
    static func command(_ action: Action, interface: String, address: NetworkAddress) -> Command {
        Command(
            [
                "sh", "-c", text, "changeover", action.rawValue, interface, address.isVersion6 ? "6" : "4",
                address.text,
            ], timeout: timeout)
    }
}
