#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The program on the kernel of Debian 12, in a virtual machine: that it loads there, relays real TURN
# sessions on the lab's LAN without privileges, and leaves nothing. The guest reports, this judges.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
source tests/lab/report.sh
source tests/lab/judge.sh

seconds=600
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# In the foreground, so that ^C ends it too.
boot() {
	local status=0
	timeout --foreground -k 5 "$seconds" qemu-system-x86_64 -accel tcg -cpu max -smp 2 -m 768 \
		-nodefaults -no-user-config -display none -no-reboot \
		-kernel "$kernel"/boot/vmlinuz-* -initrd "$work/initramfs" \
		-append 'console=ttyS0 loglevel=4 panic=-1' \
		-serial "file:$work/console" -serial "file:$work/results.tar.gz" </dev/null || status=$?
	((status != 124)) || echo "not done after $seconds seconds"
	tail -n 15 "$work/console"
	((status == 0)) && tar -xzf "$work/results.tar.gz" -C "$work"
}

no_complaint() { ! grep -E -A 5 'BUG|WARNING|Oops|Call Trace|Out of memory' "$work/dmesg"; }

# The unit tests that run single frames through the program: at least some, and none fails.
single_frames() {
	cat "$work/frames"
	grep -E 'Tested: [1-9][0-9]+ .*Failing: 0 .*Crashing: 0' "$work/frames"
}

attached_in() {
	same_text "$1" "$(json 'select(.event == "attached") | .mode')" || { cat "$result/stderr"; false; }
}

no_privileges() {
	local set
	for set in CapInh CapPrm CapEff CapAmb; do
		# CAP_CHOWN and CAP_DAC_OVERRIDE may stay.
		awk -v set="$set:" '$1 == set { print; found = $2 ~ /^0+[0-3]$/ } END { exit !found }' \
			"$result/status" || return
	done
}

# The first snapshot was taken before they were given up.
bindings_and_snapshots() {
	jq -e -s '([.[] | select(.event == "counters") | .relayed] | unique | length >= 3) and
		([.[] | select(.event == "binding_added") | .client] |
		any(startswith("10.90.0.10:")) and any(startswith("[fd90::10]:")))' "$result/json"
}

no_bad_checksums() {
	awk '{ print; lines++; errors += $3 } END { exit !(lines == 6 && errors == 0) }' "$result/checksums"
}

learned_mac() {
	json "select(.event == \"neighbors\") | .neighbors[] | select(.ip == \"$1\") | .mac"
}

# `during` proves that what is compared can show a difference.
nothing_left() {
	cat "$result/during"
	grep -q 'program xdp *name relay_xdp' "$result/during" && diff "$result/before" "$result/after"
}

# judge NAME MODE: one of the guest's cases.
judge() {
	local path host
	result=$work/$1
	check "$1: loads and attaches" attached_in "$2"
	[[ -e $result/during ]] || return
	same "$1: exit status" 0 "$(<"$result/ended")"
	check "$1: gave up its privileges" no_privileges
	check "$1: snapshots and bindings go on without them" bindings_and_snapshots
	for path in c4-p4 c4-p6 c6-p4 c6-p6; do
		same "$1: $path, packets lost" 0 "$(lost "$path")"
		check "$1: $path" mostly_relayed "$path" "$messages"
		check "$1: ${path#*-}-${path%-*}" mostly_relayed "${path#*-}-${path%-*}" "$messages"
	done
	for path in c4-c4 c6-c6; do
		same "$1: $path, packets lost" 0 "$(lost "$path")"
		check "$1: $path" mostly_relayed "$path" $((2 * messages))
	done
	for host in 10 30; do
		same "$1: MAC of 10.90.0.$host" "02:90:00:00:00:$host" "$(learned_mac "10.90.0.$host")"
		same "$1: MAC of fd90::$host" "02:90:00:00:00:$host" "$(learned_mac "fd90::$host")"
	done
	check "$1: seen is relayed and passed" sums_hold
	check "$1: the kernel's count agrees" kernel_agrees "$(<"$result/frames")"
	check "$1: no wrong checksum arrived" no_bad_checksums
	check "$1: nothing left behind" nothing_left
}

kernel=$(tests/kernel/download.sh build/kernel)
check 'kernel' test "$kernel"
check 'initramfs' tests/kernel/initramfs.sh "$kernel" "$work/initramfs"
check 'boots, runs and switches itself off' boot
if ((!failed)); then
	messages=$(<"$work/messages")
	same 'release' "$(basename "$kernel"/lib/modules/*)" "$(<"$work/release")"
	check 'the kernel has nothing to complain about' no_complaint
	check 'single frames' single_frames
	judge generic generic
	judge generic-port-tx-off generic
	judge native native
fi
report
