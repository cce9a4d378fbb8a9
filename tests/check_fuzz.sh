#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# check_fuzz.sh SECONDS FUZZER...: runs each for a while, from the corpus in tests/corpus/NAME if there is one.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
source tests/lab/report.sh

seconds=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for fuzzer in "$@"; do
	name=$(basename "$fuzzer")
	mkdir "$work/$name"
	inputs=("$work/$name")
	[[ ! -d tests/corpus/$name ]] || inputs+=("tests/corpus/$name")
	check "$name for $seconds s" "$fuzzer" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=2048 \
		-artifact_prefix="$work/" "${inputs[@]}"
done
report
