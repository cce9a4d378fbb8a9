#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Inside the virtual machine: single frames through the program, then the LAN, and sessions of all
# kinds. What was seen of it goes into files in /results; nothing is judged here.
set -uo pipefail
cd /lab || exit
source tests/lab/judge.sh

lab=kernel
messages=100
patience=30 # a virtual machine without hardware support takes its time
# PATH FAMILY UCLIENT-OPTION...: the path is the one towards the other end.
sessions=(
	'c4-p4 4'
	'c6-p6 6'
	'c4-p6 4 -x -e fd90::30'
	'c6-p4 6 -X -e 10.90.0.30'
	'c4-c4 4 -y -m 2'
	'c6-c6 6 -y -m 2'
)

attached_or_gone() { attached || ! kill -0 "$program"; }

# What is attached, loaded and pinned, without ids.
loaded() {
	on relay ip -o link show dev eth0 | grep -oE 'xdp(generic|drv)?/?'
	bpftool prog show | sed -nE 's/^[0-9]+: *(.*) tag.*/program \1/p'
	bpftool map show | sed -nE 's/^[0-9]+: *(.*) flags.*/map \1/p'
	bpftool link show | sed -nE 's/^[0-9]+: *([a-z]+).*/link \1/p'
	ls /sys/fs/bpf
}

# The maps of a program that has gone follow it a moment later.
as_before() { [[ $(loaded) == "$(<"$result/before")" ]]; }

checksum_errors() {
	local host
	for host in client relay peer; do
		on "$host" nstat -az UdpInCsumErrors Udp6InCsumErrors |
			awk -v host="$host" '/Csum/ { print host, $1, $2 }'
	done
}

send_all() {
	local session
	local -a words clients=()
	for session in "${sessions[@]}"; do
		read -ra words <<<"$session"
		timeout 90 tests/lab/lab.sh send "$lab" "${words[1]}" -n "$messages" -z 20 -l 160 \
			"${words[@]:2}" >"$result/${words[0]}" 2>&1 &
		clients+=($!)
	done
	wait "${clients[@]}"
}

# How long the server takes to ask for a MAC is a matter of this machine's load, and not judged.
introduce_peer() {
	on peer ping -c 1 -W 5 10.90.0.20 && on peer ping6 -c 1 -W 5 fd90::20
}

# lan_case NAME "LAB OPTIONS" PROGRAM-OPTION...
lan_case() {
	local before program ended=0
	local -a lab_options
	read -ra lab_options <<<"$2"
	result=/results/$1
	shift 2
	mkdir "$result"
	tests/lab/lab.sh up "$lab" "${lab_options[@]}" || return
	loaded >"$result/before"
	before=$(kernel_frames)
	tests/lab/lab.sh exec "$lab" relay build/fzbpf-top eth0 --batch --json "$@" \
		>"$result/json" 2>"$result/stderr" &
	program=$!
	wait_for attached_or_gone
	if attached; then
		introduce_peer >/dev/null
		send_all
		loaded >"$result/during"
		cp "/proc/$program/status" "$result/status"
		sleep 0.5
		echo $(($(kernel_frames) - before)) >"$result/frames"
		kill -TERM "$program"
	fi
	wait "$program" || ended=$?
	echo "$ended" >"$result/ended"
	checksum_errors >"$result/checksums"
	wait_for as_before
	loaded >"$result/after"
	tests/lab/lab.sh down "$lab"
}

timeout 300 unit-tests --filter 'xdp_@(golden|reasons|circumstances)/*' >/results/frames 2>&1
echo "$messages" >/results/messages
lan_case generic '' --mode generic
lan_case generic-port-tx-off 'port-tx-off' --mode generic
lan_case native 'native' --mode native
