#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A storm: 300,000 frames a second are passed up into a capture for ten seconds, while somebody presses
# keys. What is in the file and what is counted lost is what was passed up, frame by frame; how many are
# lost, and the rate, are this machine's matter and only told. Before it, what the program costs idle.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
source tests/lab/report.sh
source tests/lab/judge.sh

lab=load$$
work=$(mktemp -d)
rate=300000
seconds=10
answer_ms=100 # the median; a machine that is busy elsewhere may delay a single key
export LC_ALL=C TERM=xterm-256color
unset NO_COLOR

finish() {
	tests/lab/lab.sh down "$lab"
	rm -rf "$work"
}
trap finish EXIT

program() { ip netns pids "$lab-relay" | xargs -r ps -o pid=,comm= -p | awk '$2 == "fzbpf-top" { print $1 }'; }
is_on() { on relay ip link show dev eth0 | grep -q xdp; }

# open_screen QUIET FILE: on a terminal of its own, with somebody who presses keys until leave_screen.
open_screen() {
	: >"$work/stderr"
	exec {keyboard}> >(exec build/load/press "$1" tests/lab/lab.sh exec "$lab" relay \
		build/fzbpf-top --mode native --capture all -w "$2" eth0 >"$work/keys" 2>"$work/stderr")
	keys=$!
	wait_for is_on || cat "$work/stderr"
}

leave_screen() {
	exec {keyboard}>&-
	wait "$keys"
}

send() { on client build/load/send eth0 02:90:00:00:00:20 10.90.0.20 "$rate" "$1"; }

map_id() {
	local program id
	program=$(on relay ip -j link show dev eth0 | jq '.[0].xdp.prog.id')
	for id in $(bpftool -j prog show id "$program" | jq '.map_ids[]'); do
		bpftool -j map show id "$id" | jq -r "select(.name == \"$1\") | .id"
	done
}

# The kernel's own counters, summed over the CPUs: `lost` frames, and a line for each reason that occurred.
kernel_counters() {
	local -a labels
	mapfile -t labels < <(sed -nE 's/^\tX\([A-Z0-9_]+, "([a-z-]+)", (NORMAL|WARMING|PROBLEM),.*/\1/p' \
		bpf/relay_abi.h)
	bpftool -j map dump id "$(map_id frame_counters)" | jq -r '[.[0].formatted.values[].value] |
		(map(.passed) | transpose | map(add)) as $passed | $ARGS.positional as $labels |
		if ($labels | length) == ($passed | length) then
			"lost \(map(.unrecorded | add) | add)",
			($passed | to_entries[] | select(.value > 0) | "\($labels[.key]) \(.value)")
		else error("labels of reasons") end' --args "${labels[@]}"
}

# That which is as it was a moment ago: everything has come through.
settled() {
	kernel_counters >"$work/counters"
	sleep 0.3
	kernel_counters | cmp -s - "$work/counters"
}

passed() { awk '$1 != "lost" { sum += $2 } END { print sum + 0 }' "$work/counters"; }
lost_records() { awk '$1 == "lost" { print $2 }' "$work/counters"; }
cpu_us() { awk '{ printf "%d", $1 / 1000 }' "/proc/$(program)/schedstat"; }

# all_accounted FILE: three times the same number of packets, and nothing missing.
all_accounted() {
	local by_tcpdump by_capinfos told
	by_tcpdump=$(tcpdump --count -r "$1" 2>"$work/tcpdump" | awk '{ print $1 }')
	by_capinfos=$(capinfos -c -M -T -r "$1" 2>&1 | cut -f 2)
	told=$(sed -nE 's/^fzbpf-top: .*: ([0-9]+) packets, ([0-9]+) lost$/\1 and \2/p' "$work/stderr")
	cat "$work/tcpdump"
	same_text "$by_tcpdump packets" "$by_capinfos packets" &&
		same_text "$by_tcpdump and $(lost_records) lost" "$told lost" &&
		same_text "$(passed) passed up" "$((by_tcpdump + $(lost_records))) passed up"
}

# Each packet has its reason; without loss, as many as the kernel counted.
reasons_agree() {
	LC_ALL=C grep -aoE 'fzbpf reason=[a-z-]+' "$1" | sort | uniq -c |
		awk '{ sub("reason=", "", $3); print $3, $1 }' | sort >"$work/found"
	grep -v '^lost ' "$work/counters" | sort >"$work/wanted"
	if (($(lost_records) == 0)); then
		diff "$work/wanted" "$work/found"
	else
		join "$work/wanted" "$work/found" | awk -v kinds="$(wc -l <"$work/wanted")" '
			{ print; wrong += $3 > $2 } END { exit wrong || NR != kinds }'
	fi
}

answers_in_time() {
	cat "$work/keys"
	awk -v most="$answer_ms" '/median/ { found = $4 <= most } END { exit !found }' "$work/keys"
}

idle_is_cheap() {
	local before after
	before=$(cpu_us)
	sleep "$seconds"
	after=$(cpu_us)
	echo "$(((after - before) / 10 / seconds)) thousandths of a percent of a core"
	((after - before < seconds * 10000))
}

# storm NAME FILE
storm() {
	local name=$1 file=$2
	check "$name: everything has come through" wait_for settled
	leave_screen
	same "$name: ends well" 0 $?
	echo "        $(<"$work/sent"); $(passed) passed up, $(lost_records) lost"
	check "$name: in the file + lost = passed up" all_accounted "$file"
}

# A second of standing still is more than the ring holds: there is loss to count.
with_a_pause() {
	open_screen 0 "$work/storm.pcap"
	send "$seconds" >"$work/sent" &
	local sender=$!
	sleep 3
	kill -STOP "$(program)"
	sleep 1
	kill -CONT "$(program)"
	wait "$sender"
	storm 'a storm and a pause' "$work/storm.pcap"
	check 'a storm and a pause: something was lost' test "$(lost_records)" -gt 0
	rm -f "$work/storm.pcap"
}

with_keys() {
	open_screen $((seconds + 1)) "$work/storm.pcapng"
	check 'idle: less than 1 % of a core' idle_is_cheap
	sleep 2
	send "$seconds" >"$work/sent"
	storm 'a storm' "$work/storm.pcapng"
	check "a storm: a key is answered within $answer_ms ms" answers_in_time
	cat "$work/keys"
	check 'a storm: each packet has its reason' reasons_agree "$work/storm.pcapng"
	rm -f "$work/storm.pcapng"
}

check 'a wire' tests/lab/lab.sh wire "$lab" || { report; exit; }
with_keys
with_a_pause
report
