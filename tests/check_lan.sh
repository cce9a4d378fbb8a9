#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Real TURN sessions on the lab's LAN, with the program on the relay host; then with the control,
# a relay that answers to the MAC a frame came from, which must lose them.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
source tests/lab/report.sh
source tests/lab/judge.sh

lab=lan$$
work=$(mktemp -d)
result=$work
messages=400
program=

finish() {
	tests/lab/lab.sh down "$lab"
	rm -rf "$work"
}
trap finish EXIT

start() {
	: >"$work/json"
	rx_before=$(kernel_frames)
	tests/lab/lab.sh exec "$lab" relay build/fzbpf-top eth0 --batch --json "$@" \
		>"$work/json" 2>"$work/stderr" &
	program=$!
	wait_for attached || cat "$work/stderr"
}

# SIGTERM, since a shell starts background commands with SIGINT ignored. `ended` is the exit status.
stop() {
	sleep 0.2
	rx_after=$(kernel_frames)
	kill -TERM "$program"
	ended=0
	wait "$program" || ended=$?
}

# Both families at once; leaves what the two clients said in files 4 and 6.
send_both() {
	local family
	local -a senders=()
	for family in 4 6; do
		timeout 60 tests/lab/lab.sh send "$lab" "$family" -m 1 -n "$messages" -z 5 -l 160 \
			>"$work/$family" 2>&1 &
		senders+=($!)
	done
	wait "${senders[@]}"
}

mac_of() { on "$1" cat /sys/class/net/eth0/address; }

learned() {
	local ip=$1 mac
	mac=$(mac_of "$2") || return
	same_text "$mac" \
		"$(json "select(.event == \"neighbors\") | .neighbors[] | select(.ip == \"$ip\") | .mac")"
}

# Every frame that was passed up is in the file, and tshark has nothing to say about the file.
capture_is_whole() {
	local passed found
	passed=$(json 'select(.event == "counters") | [.passed[]] | add')
	found=$(tshark -n -r "$work/capture.pcap" -T fields -e frame.number 2>"$work/tshark" | wc -l)
	grep -v 'Running as user "root"' "$work/tshark"
	same_text "$passed frames" "$found frames" || return
	! grep -qv 'Running as user "root"' "$work/tshark"
}

messages_are_readable() {
	jq -e -s 'length > 0 and all((.time | test("^[0-9-]+T[0-9:]+[.][0-9]{9}Z$")) and
		(.severity | IN("DEBUG", "INFO", "WARN", "ERROR")) and (.message | type == "string"))' "$work/json"
}

# Two CPUs may stamp records the other way round than they write them, by less than 0.1 ms.
time_goes_on() {
	jq -e -s '[.[].time | (.[0:19] + "Z" | fromdate) + (.[20:29] | tonumber / 1e9)] | [.[:-1], .[1:]] |
		transpose | map(select(.[0] - .[1] > 0.0001) | .[0] - .[1]) |
		if . == [] then true else error("back by \(.) s") end' "$work/json"
}

witnessed_bindings() {
	jq -e -s '[.[] | select(.event == "binding_added")] | length >= 2 and
		any(.client | startswith("10.90.0.10:")) and any(.client | startswith("[fd90::10]:"))' "$work/json"
}

nothing_left() {
	local id
	id=$(json 'select(.event == "attached") | .program_id')
	if on relay ip link show dev eth0 | grep xdp; then
		return 1
	fi
	! bpftool prog show id "$id" 2>/dev/null
}

# lan_case NAME "LAB OPTIONS" PROGRAM-OPTION...
lan_case() {
	local name=$1 host family
	local -a lab_options
	read -ra lab_options <<<"$2"
	shift 2
	check "$name: lab" tests/lab/lab.sh up "$lab" "${lab_options[@]}" || return
	start --capture all -w "$work/capture.pcap" "$@"
	send_both
	stop
	same "$name: exit status" 0 "$ended"
	for family in 4 6; do
		same "$name: IPv$family, packets lost" 0 "$(lost "$family")"
		check "$name: c$family-p$family" mostly_relayed "c$family-p$family" "$messages"
		check "$name: p$family-c$family" mostly_relayed "p$family-c$family" "$messages"
	done
	for host in client=10 peer=30; do
		check "$name: MAC of the ${host%=*}, IPv4" learned "10.90.0.${host#*=}" "${host%=*}"
		check "$name: MAC of the ${host%=*}, IPv6" learned "fd90::${host#*=}" "${host%=*}"
	done
	check "$name: bindings are witnessed" witnessed_bindings
	check "$name: seen is relayed and passed" sums_hold
	check "$name: the kernel's count agrees" kernel_agrees $((rx_after - rx_before))
	check "$name: no wrong checksum arrived" no_bad_sums
	check "$name: every line is a readable log entry" messages_are_readable
	check "$name: no line is earlier than the one before" time_goes_on
	check "$name: the capture is whole" capture_is_whole
	check "$name: nothing left behind" nothing_left
	rm -f "$work/capture.pcap"
	tests/lab/lab.sh down "$lab"
}

# swap_map NAME: id of the control's map.
swap_map() {
	local id
	for id in $(on relay bpftool -j prog show id "$swap" | jq '.map_ids[]'); do
		on relay bpftool -j map show id "$id" | jq -r "select(.name == \"$1\") | .id"
	done
}

# set_hop INDEX MAC
set_hop() {
	local -a octets
	IFS=: read -ra octets <<<"$2"
	on relay bpftool map update id "$(swap_map hops)" key "$1" 0 0 0 value hex "${octets[@]}" 00 00
}

swap_case() {
	check 'control: lab' tests/lab/lab.sh up "$lab" || return
	check 'control: attached' on relay ip link set dev eth0 xdpgeneric obj build/swap.bpf.o sec xdp
	swap=$(on relay bpftool -j net show dev eth0 | jq '.[0].xdp[0].id')
	messages=20
	timeout 60 tests/lab/lab.sh send "$lab" 4 -m 1 -n "$messages" -z 10 -l 160 >"$work/4" 2>&1
	check 'control: a relay that answers to the MAC a frame came from loses the session' \
		test "$(lost 4)" -ge 10
	set_hop 0 "$(mac_of peer)"
	set_hop 1 "$(mac_of client)"
	on relay bpftool map update id "$(swap_map bindings)" key 0 0 0 0 value 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
	timeout 60 tests/lab/lab.sh send "$lab" 4 -m 1 -n "$messages" -z 10 -l 160 >"$work/4" 2>&1
	same 'control: the same relay with the right MACs loses nothing' 0 "$(lost 4)"
	tests/lab/lab.sh down "$lab"
}

lan_case 'generic' '' --mode generic
lan_case 'generic, switch finishes sums' 'port-tx-off' --mode generic
lan_case 'generic, sums finished' 'tx-off' --mode generic
lan_case 'native' 'native' --mode native
swap_case
report
