#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Hosts that are not just there: a client behind a router, a peer whose MAC address changes, a spare
# host that takes the peer's address over, a peer that falls silent.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
source tests/lab/report.sh
source tests/lab/judge.sh

lab=hosts$$
work=$(mktemp -d)
result=$work
spare_mac=02:90:00:00:00:77
router_mac=02:90:00:00:00:40

finish() {
	local host
	for host in router far spare; do
		if [[ -e /run/netns/$lab-$host ]]; then
			ip netns pids "$lab-$host" | xargs -r kill -KILL
			ip netns delete "$lab-$host"
		fi
	done
	tests/lab/lab.sh down "$lab"
	rm -rf "$work"
}
trap finish EXIT

in_host() { ip netns exec "$lab-$1" "${@:2}"; }

relaying() { grep -q '"relayed":[1-9][0-9]' "$work/json"; }

start() {
	: >"$work/json"
	tests/lab/lab.sh exec "$lab" relay build/fzbpf-top eth0 --batch --json -d 0.2 "$@" >"$work/json" 2>"$work/stderr" &
	program=$!
	wait_for attached || cat "$work/stderr"
}

stop() {
	sleep 0.3
	kill -TERM "$program"
	wait "$program"
}

neighbour_mac() {
	jq -r "select(.event == \"neighbors\") | .neighbors[] | select(.ip == \"$1\") | .mac" "$work/json"
}

relayed_at_least() {
	jq -e -s "map(select(.event == \"counters\")) | last | if .relayed >= $1 then true
		else error(\"relayed \(.relayed): \(.passed)\") end" "$work/json"
}

# host_with NAME MAC: a namespace with eth0 on the switch.
host_with() {
	ip netns add "$lab-$1" &&
		ip -n "$lab-switch" link add "$1" type veth peer name eth0 netns "$lab-$1" &&
		ip -n "$lab-$1" link set eth0 address "$2" up &&
		ip -n "$lab-switch" link set "$1" master br0 up
}

router_up() {
	host_with router "$router_mac" || return
	ip -n "$lab-router" address add 10.90.0.40/24 dev eth0
	ip netns add "$lab-far" &&
		ip -n "$lab-router" link add far type veth peer name eth0 netns "$lab-far" || return
	ip -n "$lab-router" address add 10.91.0.1/24 dev far
	ip -n "$lab-router" link set far up
	ip -n "$lab-far" address add 10.91.0.50/24 dev eth0
	ip -n "$lab-far" link set eth0 up
	ip -n "$lab-far" route add default via 10.91.0.1
	in_host router sysctl -qw net.ipv4.ip_forward=1
	ip -n "$lab-relay" route add 10.91.0.0/24 via 10.90.0.40
}

behind_a_router() {
	check 'router: lab' tests/lab/lab.sh up "$lab"
	check 'router: up' router_up
	start
	timeout 60 ip netns exec "$lab-far" turnutils_uclient -u u -w p -c -e 10.90.0.30 -r 3480 \
		-n 100 -z 5 -m 3 10.90.0.20 >"$work/uclient" 2>&1
	stop
	same 'router: packets lost' 0 "$(lost uclient)"
	check 'router: relayed' relayed_at_least 570
	same 'router: the far client is at the MAC of the router' "$router_mac" \
		"$(neighbour_mac 10.91.0.50)"
	same 'router: the peer is at its own' 02:90:00:00:00:30 "$(neighbour_mac 10.90.0.30)"
	finish
	mkdir "$work"
}

# A session long enough to change something in the middle of it.
long_session() {
	timeout 60 tests/lab/lab.sh send "$lab" 4 -n 300 -z 10 >"$work/uclient" 2>&1 &
	client=$!
	check "$1: relaying" wait_for relaying
}

# What was on its way at that moment may be lost, no more.
follows() {
	local name=$1 mac=$2
	wait "$client"
	stop
	check "$name: $(lost uclient) packets lost, at most 3" test "$(lost uclient)" -le 3
	check "$name: relayed" relayed_at_least 560
	same "$name: the new MAC is known" "$mac" "$(neighbour_mac 10.90.0.30)"
	same "$name: and was announced" "$mac" \
		"$(jq -r 'select(.event == "mac_moved" and .ip == "10.90.0.30") | .mac' "$work/json" | tail -n 1)"
}

peer_moves() {
	check 'move: lab' tests/lab/lab.sh up "$lab"
	on peer sysctl -qw net.ipv4.conf.eth0.arp_notify=1
	start
	long_session move
	on peer ip link set eth0 address 02:90:00:00:00:31
	follows move 02:90:00:00:00:31
	tests/lab/lab.sh down "$lab"
}

spare_ready() {
	host_with spare "$spare_mac" || return
	in_host spare sysctl -qw net.ipv4.conf.eth0.arp_notify=1 net.ipv4.ip_nonlocal_bind=1
	ip -n "$lab-spare" link set eth0 down
	ip -n "$lab-spare" address add 10.90.0.30/24 dev eth0
	in_host spare turnutils_peer -p 3480 -L 10.90.0.30 </dev/null >/dev/null 2>&1 &
}

spare_takes_over() {
	check 'fail-over: lab' tests/lab/lab.sh up "$lab"
	check 'fail-over: spare host' spare_ready
	start
	long_session fail-over
	on peer ip link set eth0 down
	ip -n "$lab-spare" link set eth0 up
	# The announcement at that moment may find the switch port not forwarding yet.
	in_host spare bash -c 'echo here >/dev/udp/10.90.0.20/9'
	follows fail-over "$spare_mac"
	finish
	mkdir "$work"
}

stale_missed() { grep -q '"reason":"stale-mac"' "$work/json"; }

# The client keeps sending to a peer that answers nothing: its entry grows old, the next frame is a
# miss, the kernel asks, the peer's answer makes it fresh again.
silent_peer() {
	check 'silence: lab' tests/lab/lab.sh up "$lab"
	start --mac-ttl 2
	on peer pkill -x turnutils_peer
	on peer sysctl -qw net.ipv4.icmp_ratelimit=60000
	timeout 60 tests/lab/lab.sh send "$lab" 4 -n 200 -z 50 >"$work/uclient" 2>&1 &
	client=$!
	check 'silence: becomes a stale-mac miss' wait_for stale_missed
	kill "$client" 2>/dev/null
	wait "$client" 2>/dev/null
	stop
	check 'silence: relayed in between' relayed_at_least 20
	tests/lab/lab.sh down "$lab"
}

behind_a_router
peer_moves
spare_takes_over
silent_peer
report
