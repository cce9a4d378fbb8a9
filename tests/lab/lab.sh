#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Three hosts on one switch, in network namespaces: client, relay (coturn) and peer (echo).
set -euo pipefail

usage() {
	cat >&2 <<-'EOF'
		lab.sh up NAME [OPTION...]                build the LAN, start the servers
		    native       the switch ports carry a pass program: XDP_TX needs it on veth
		    tx-off       the hosts finish UDP checksums themselves
		    port-tx-off  the switch ports finish them, as a network card would
		lab.sh wire NAME                          client and relay on a wire of their own, no servers
		lab.sh exec NAME client|relay|peer|switch COMMAND...
		lab.sh send NAME 4|6 [UCLIENT-OPTION...]         a TURN session, client to peer and back
		lab.sh traffic NAME                              sessions of both families, until down
		lab.sh down NAME                                 remove everything, from any state
	EOF
	exit 2
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$here/../../build
hosts=(client relay peer)
declare -A number=([client]=10 [relay]=20 [peer]=30)

in_host() {
	local host=$1
	shift
	ip netns exec "$lab-$host" "$@"
}

exec_host() {
	local host=$1
	shift
	exec ip netns exec "$lab-$host" "$@"
}

wait_for() {
	local what=$1 tries=200
	shift
	until "$@" >/dev/null 2>&1; do
		((tries-- > 0)) || { echo "lab: $what is not ready after 10 seconds" >&2; return 1; }
		sleep 0.05
	done
}

host_up() {
	local host=$1 n=${number[$1]}
	ip netns add "$lab-$host"
	ip -n "$lab-$host" link set lo up
	in_host "$host" sysctl -qw net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.default.accept_ra=0 net.ipv6.conf.default.router_solicitations=0
	ip -n "$lab-switch" link add "$host" type veth peer name eth0 netns "$lab-$host"
	ip -n "$lab-$host" link set eth0 address "02:90:00:00:00:$n" up
	ip -n "$lab-switch" link set "$host" master br0 up
	ip -n "$lab-$host" address add "10.90.0.$n/24" dev eth0
	ip -n "$lab-$host" address add "fd90::$n/64" dev eth0 nodad
}

host_options() {
	local host=$1 option=$2
	case $option in
	native) in_host switch ip link set dev "$host" xdpdrv obj "$build/pass.bpf.o" sec xdp.frags ;;
	tx-off) in_host "$host" ethtool -K eth0 tx off >/dev/null ;;
	port-tx-off) in_host switch ethtool -K "$host" tx off >/dev/null ;;
	esac
}

servers_up() {
	cat >"$state/turnserver.conf" <<-EOF
		listening-port=3478
		listening-ip=10.90.0.20
		listening-ip=fd90::20
		relay-ip=10.90.0.20
		relay-ip=fd90::20
		lt-cred-mech
		user=u:p
		realm=r
		no-tls
		no-dtls
		no-cli
		relay-threads=1
		log-file=$state/turnserver.log
		simple-log
		pidfile=$state/turnserver.pid
		userdb=$state/turndb
	EOF
	in_host relay turnserver -c "$state/turnserver.conf" </dev/null >/dev/null 2>&1 &
	in_host peer turnutils_peer -p 3480 -L 10.90.0.30 -L fd90::30 </dev/null >/dev/null 2>&1 &
	wait_for coturn listening relay 10.90.0.20:3478
	wait_for coturn listening relay '[fd90::20]:3478'
	wait_for turnutils_peer listening peer '[fd90::30]:3480'
}

listening() {
	in_host "$1" ss -Huln | grep -qF " $2 "
}

lab_up() {
	local host option
	for option in "$@"; do
		[[ $option =~ ^(native|tx-off|port-tx-off)$ ]] || usage
	done
	mkdir -m 700 "$state" || { echo "lab: is '$lab' up already? lab.sh down $lab" >&2; return 1; }
	trap lab_down EXIT
	ip netns add "$lab-switch"
	in_host switch sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	ip -n "$lab-switch" link add br0 type bridge forward_delay 0 mcast_snooping 0
	ip -n "$lab-switch" link set br0 up
	for host in "${hosts[@]}"; do
		host_up "$host"
		for option in "$@"; do
			host_options "$host" "$option"
		done
	done
	servers_up
	trap - EXIT
}

# For load: nothing speaks here unless it is told to.
lab_wire() {
	local host
	trap lab_down EXIT
	for host in client relay; do
		ip netns add "$lab-$host"
		in_host "$host" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	done
	ip -n "$lab-client" link add eth0 type veth peer name eth0 netns "$lab-relay"
	for host in client relay; do
		ip -n "$lab-$host" link set eth0 address "02:90:00:00:00:${number[$host]}" up
	done
	ip -n "$lab-relay" address add "10.90.0.${number[relay]}/24" dev eth0
	trap - EXIT
}

lab_pids() {
	local host
	for host in "${hosts[@]}" switch; do
		[[ ! -e /run/netns/$lab-$host ]] || ip netns pids "$lab-$host"
	done
}

# Politely first, so that a program on a terminal can put it back as it was.
lab_down() {
	local host signal tries
	for signal in TERM KILL; do
		for ((tries = 0; tries < 40; tries++)); do
			[[ $(lab_pids) ]] || break
			lab_pids | xargs -r kill -s "$signal" 2>/dev/null || true
			sleep 0.05
		done
	done
	for host in "${hosts[@]}" switch; do
		[[ ! -e /run/netns/$lab-$host ]] || ip netns delete "$lab-$host" || true
	done
	rm -rf "$state"
}

lab_send() {
	local family=$1
	shift
	if [[ $family == 4 ]]; then
		exec_host client turnutils_uclient -u u -w p -c -e 10.90.0.30 -r 3480 "$@" 10.90.0.20
	else
		exec_host client turnutils_uclient -u u -w p -c -x -e fd90::30 -r 3480 "$@" fd90::20
	fi
}

# Short sessions, so that bindings come and go; modest, so that a screen can be read.
lab_traffic() {
	repeat_session 4 -m 2 -n 1500 -z 30 -l 160
	repeat_session 6 -m 2 -n 1500 -z 40 -l 480
	repeat_session 4 -m 1 -n 100 -z 250 -l 64
}

# The loop lives in the client's namespace, so `down` finds it.
repeat_session() {
	in_host client bash -c 'while sleep 0.5; do "$@"; done' traffic \
		"${BASH_SOURCE[0]}" send "$lab" "$@" </dev/null >/dev/null 2>&1 &
}

(($# >= 2)) || usage
command=$1
lab=$2
state=${TMPDIR:-/tmp}/fzbpf-lab-$lab
shift 2
[[ $lab =~ ^[A-Za-z0-9_-]+$ ]] || usage
((EUID == 0)) || { echo "lab: network namespaces need root: sudo make demo" >&2; exit 4; }

case $command in
up) lab_up "$@" ;;
wire) lab_wire ;;
traffic) lab_traffic ;;
down) lab_down ;;
exec) (($# >= 2)) || usage; exec_host "$@" ;;
send) (($# >= 1)) || usage; lab_send "$@" ;;
*) usage ;;
esac
