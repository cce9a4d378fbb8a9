# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# For test scripts: what a run on the lab $lab has come to. The folder $result has the program's output
# (json) and what each client said, in a file of its own.
# shellcheck disable=SC2154 # both are the caller's

on() { tests/lab/lab.sh exec "$lab" "$@"; }

# wait_for COMMAND...: until it succeeds, for $patience seconds (10).
wait_for() {
	local tries=$((${patience:-10} * 20))
	until "$@" >/dev/null 2>&1; do
		((tries-- > 0)) || { echo "not after ${patience:-10} seconds: $*"; return 1; }
		sleep 0.05
	done
}

attached() { grep -q '"event":"attached"' "$result/json"; }

# The last value of a jq filter over the program's output.
json() { jq -r "$1" "$result/json" | tail -n 1; }
counters() { json "select(.event == \"counters\") | $1"; }

# The interface's own count of frames, which no program of ours has a part in.
kernel_frames() { on relay cat /sys/class/net/eth0/statistics/rx_packets; }

# kernel_agrees RECEIVED: a few frames of the LAN itself may come while the program attaches and detaches.
kernel_agrees() {
	local seen
	seen=$(counters .seen)
	echo "the interface received $1 frames, the program saw $seen"
	(($1 - seen >= -5 && $1 - seen <= 5))
}

# lost CLIENT
lost() { sed -nE 's/.*Total lost packets (-?[0-9]+) .*/\1/p' "$result/$1"; }

# mostly_relayed PATH SENT: at least 95 % of the data frames after the first, and no more than were sent.
mostly_relayed() {
	local count
	count=$(counters ".paths[\"$1\"]")
	echo "$1: $count of $2 frames relayed; passed up: $(counters \
		'.passed | with_entries(select(.value > 0)) | tostring')"
	((count * 100 >= ($2 - 1) * 95 && count <= $2))
}

sums_hold() {
	jq -e -s 'map(select(.event == "counters")) | length > 0 and all(
		.seen == .relayed + ([.passed[]] | add) and .relayed == ([.paths[]] | add) and
		.misses == .passed["no-mac"] + .passed["stale-mac"] and .lost == 0 and
		.passed.internal == 0)' "$result/json"
}

# The lab's namespaces are new: every counter starts at zero.
no_bad_sums() {
	local host
	for host in client relay peer; do
		same_text "$host UdpInCsumErrors 0 Udp6InCsumErrors 0" \
			"$host $(on "$host" nstat -az UdpInCsumErrors Udp6InCsumErrors |
				awk '/Csum/ { printf "%s%s %d", sep, $1, $2; sep = " " }')" || return
	done
}
