#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Runs the sanitizer build of the unit tests. Criterion hides leaks, so the sanitizers write to files.
set -euo pipefail
cd "$(dirname "$0")/.."

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
status=0
ASAN_OPTIONS=log_path=$logs/asan:detect_leaks=1 \
	UBSAN_OPTIONS=log_path=$logs/ubsan:print_stacktrace=1:halt_on_error=1 \
	build/asan/unit-tests || status=$?
for log in "$logs"/*; do
	[[ -e $log ]] || continue
	status=1
	head -n 40 "$log"
done
exit $status
