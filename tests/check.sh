#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Everything `make check` means, stage by stage, and at the end one line with the sum.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# stage TARGET: its own counts if it prints some, else one test that passed or failed.
stage() {
	local status counts good=0 bad=0
	echo "== make $1"
	make --no-print-directory -j"$(nproc)" "$@" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	counts=$(sed -nE 's/\x1b\[[0-9;]*m//g
		s/^\[====\] Synthesis: Tested: [0-9]+ \| Passing: ([0-9]+) \| Failing: ([0-9]+) \| Crashing: ([0-9]+).*/\1 \2 \3/p
		s/^([0-9]+) passed, ([0-9]+) failed$/\1 \2 0/p' "$log" | tail -n 1)
	if [[ $counts ]]; then
		read -r good bad crashed <<<"$counts"
		bad=$((bad + crashed))
	fi
	if ((status == 0 && good + bad == 0)); then
		good=1
	elif ((status != 0 && bad == 0)); then
		bad=1
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
}

stage all
stage format-check
stage layers
stage tidy
stage shellcheck
stage check-docs
stage check-unit
stage check-asan
stage fuzz
stage check-lan
stage check-matrix
stage check-hosts
stage check-load
stage check-endings
stage check-terminals
stage check-bench
stage check-kernel
echo "$passed passed, $failed failed"
((failed == 0))
