#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What turnutils_uclient can do, all of it at once, through the program: in both modes, with the
# senders' checksum offload on and off, and with switch ports that finish sums as a card would.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
source tests/lab/report.sh
source tests/lab/judge.sh

lab=matrix$$
work=$(mktemp -d)
result=$work
messages=60

finish() {
	tests/lab/lab.sh down "$lab"
	rm -rf "$work"
}
trap finish EXIT

# NAME FAMILY UCLIENT-OPTION...: sessions that must lose nothing.
sessions=(
	'plain 4'
	'plain 6'
	'padded 4 -D -l 101'
	'padded 6 -D -l 103'
	'tiny 4 -l 12'
	'full 4 -l 1400'
	'full 6 -l 1380'
	'twenty-clients 4 -m 20'
	'twenty-clients 6 -m 20'
	'client-to-client 4 -y -m 4'
	'client-to-client 6 -y -m 4'
	'other-family 4 -x -e fd90::30'
	'other-family 6 -X -e 10.90.0.30'
	'client-to-client-in-IPv6 4 -y -x'
	'client-to-client-in-IPv4 6 -y -X'
	'dual-allocation 4 -Z'
	'extra-requests 4 -G'
	'extra-requests 6 -G'
	'send-indications 4 -s'
	'send-indications 6 -s'
)

session() {
	local name=$1 family=$2
	shift 2
	timeout 60 tests/lab/lab.sh send "$lab" "$family" -n "$messages" "$@" \
		>"$work/$name-$family" 2>&1
}

send_all() {
	local row
	local -a words clients=()
	for row in "${sessions[@]}"; do
		read -ra words <<<"$row"
		session "${words[@]}" &
		clients+=($!)
	done
	wait "${clients[@]}"
}

# How the client's own tests of wrong requests end. How -R does is chance, with the program or without:
# done, refused or never.
negative() {
	local first second status
	timeout 8 tests/lab/lab.sh send "$lab" 4 -N -n 5 >/dev/null 2>&1 &
	first=$!
	timeout 8 tests/lab/lab.sh send "$lab" 4 -R -n 5 >/dev/null 2>&1 &
	second=$!
	wait "$first"
	status=$?
	wait "$second"
	case $? in
	0 | 124 | 255) echo "-N $status -R as ever" ;;
	*) echo "-N $status -R $?" ;;
	esac
}

# What has a binding or a channel number is channel data; that which has neither is Send's.
channel_data_relayed() {
	jq -e -s 'map(select(.event == "counters")) | last | .relayed as $relayed | .passed as $passed |
		([$passed["no-mac", "stale-mac", "bad-channel-length", "no-checksum", "ttl", "too-big",
		   "unfinished-checksum", "no-headroom"]] | add) as $slow |
		if $relayed * 100 >= ($relayed + $slow) * 95 then $relayed
		else error("relayed \($relayed), left to the server \($slow): \($passed)") end' "$work/json"
}

all_paths() {
	jq -e -s 'map(select(.event == "counters")) | last | .paths as $paths |
		(["c4-c6", "c6-c4"] as $impossible | $paths | to_entries |
		 map(select(.value == 0 and (.key | IN($impossible[]) | not)) | .key)) as $unused |
		if $unused == [] then true else error("no frame took \($unused)") end' "$work/json"
}

card() {
	local port
	for port in client peer; do
		on switch ethtool -K "$port" tx off
	done
}

# matrix NAME MODE "LAB OPTIONS" [card]
matrix() {
	local name=$1 mode=$2 row program without
	local -a options words
	read -ra options <<<"$3"
	check "$name: lab" tests/lab/lab.sh up "$lab" "${options[@]}"
	if [[ ${4:-} == card ]]; then
		check "$name: switch ports finish sums" card
	fi
	without=$(negative)
	: >"$work/json"
	tests/lab/lab.sh exec "$lab" relay build/fzbpf-top eth0 --batch --json --mode "$mode" >"$work/json" 2>"$work/stderr" &
	program=$!
	check "$name: attached" wait_for attached
	send_all
	same "$name: wrong requests end as without the program" "$without" "$(negative)"
	sleep 0.3
	kill -TERM "$program"
	wait "$program"
	for row in "${sessions[@]}"; do
		read -ra words <<<"$row"
		same "$name: ${words[0]}, IPv${words[1]}: packets lost" 0 "$(lost "${words[0]}-${words[1]}")"
	done
	check "$name: 95 % of channel data relayed" channel_data_relayed
	check "$name: every path was taken" all_paths
	check "$name: every frame counted once" sums_hold
	check "$name: no wrong checksum arrived" no_bad_sums
	tests/lab/lab.sh down "$lab"
}

matrix 'generic' generic ''
matrix 'generic, sums finished by senders' generic 'tx-off'
matrix 'generic, sums finished behind us' generic '' card
matrix 'native' native 'native'
matrix 'native, sums finished by senders' native 'native tx-off'
report
