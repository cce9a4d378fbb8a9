#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The benchmark measures what it says: broken on purpose it refuses to print; the file of one round has
# all that it should, and its ratios follow from its times. What the times are is not judged.
# shellcheck disable=SC2016 # the $ in filters are jq's
set -uo pipefail
cd "$(dirname "$0")/.." || exit
# shellcheck source=tests/lab/report.sh
source tests/lab/report.sh

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

build/bench --broken --json "$scratch/broken.json" >"$scratch/table" 2>"$scratch/why"
status=$?
check 'without the restore it exits with 3' test $status = 3
check 'without the restore it prints no table' test ! -s "$scratch/table"
check 'without the restore it writes no file' test ! -e "$scratch/broken.json"
check 'without the restore it says what it saw' grep -q 'c4-p4: verdict 2 .* instead of 3' "$scratch/why"

build/bench --rounds 1 --json "$scratch/bench.json" >"$scratch/table" 2>"$scratch/why"
status=$?
check 'one round is measured' test $status = 0
((status == 0)) || cat "$scratch/why" >&2

# holds WHAT FILTER: the filter is true of the file.
holds() {
	check "$1" jq -e "$2" "$scratch/bench.json"
}

holds 'all twelve paths' '.paths | keys == ([
	("c4", "c6") as $in | "p4", "p6", "c4", "c6" | "\($in)-\(.)"
] + [("p4", "p6") as $in | "c4", "c6" | "\($in)-\(.)"] | sort)'
holds 'all reasons but internal' '.pass | length == 21 and has("not-turn") and (has("internal") | not)'
holds 'vs_minimal is (N-Z)/(M-Z)' '. as $all | [.paths, .yardsticks, .ingredients | .[] |
	(.ns - $all.noop_ns) / ($all.minimal_relay_ns - $all.noop_ns) - .vs_minimal | fabs < 0.01] | all'
holds 'vs_floor is (N-Z)/(F-Z)' '. as $all | [.pass[] |
	((.ns - $all.noop_ns) - (.vs_floor * ($all.floor_ns - $all.noop_ns))) | fabs < 0.1] | all'
holds 'each time has its quartiles' '[.paths, .pass | .[] |
	.ns_quartiles[0] <= .ns and .ns <= .ns_quartiles[1]] | all'
holds 'each ingredient has what it differs by' '[.ingredients[] | has("differs_ns")] | all'
holds 'live frames, against the swap' '.live | .ratio > 0 and .mpps > 0 and .swap_mpps > 0 and .returned > 0.99'
holds 'the LAN, each way' '.lan | [.with, .without, .direct, .bounced | .kpps > 0 and .p50_us > 0 and .cpu > 0] | all'
holds 'ratio_p50 is without : with' '.lan | .without.p50_us / .with.p50_us - .ratio_p50 | fabs < 0.01'
holds 'ratio_cpu is with : without, above direct' '.lan | .ratio_cpu * (.without.cpu - .direct.cpu) -
	(.with.cpu - .direct.cpu) | fabs < 0.1'
report
