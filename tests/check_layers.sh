#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Which folder may include what: a library in its one folder, and nothing sideways.
set -euo pipefail
cd "$(dirname "$0")/.."

status=0

# only PATTERN EXCEPT FILE...: no file but those that match EXCEPT includes PATTERN.
only() {
	local pattern=$1 except=$2 found
	shift 2
	found=$(grep -nHE "^[[:space:]]*#[[:space:]]*include[[:space:]]+[<\"]$pattern" "$@" | grep -vE "^($except)" || true)
	if [[ $found ]]; then
		echo "layers: this include is not allowed here:"
		echo "$found"
		status=1
	fi
}

shopt -s nullglob
bpf=(bpf/*.[ch])
capture=(capture/*.[ch])
src=(src/*.[ch])
tui=(tui/*.[ch])
all=("${bpf[@]}" "${capture[@]}" "${src[@]}" "${tui[@]}")

only 'pcap' 'capture/' "${all[@]}"
only '(bpf/|libelf|gelf|elf\.h)' 'bpf/' "${all[@]}"
only '[a-z_]+\.skel\.h' 'bpf/' "${all[@]}"
only '(n?curses|term|panel)' 'tui/' "${all[@]}"
only '\.\./capture/' 'none' "${tui[@]}" "${bpf[@]}"
only '\.\./tui/' 'none' "${capture[@]}" "${bpf[@]}"
only '\.\./bpf/' '[^:]*:[0-9]+:.*"\.\./bpf/relay_abi\.h"' "${tui[@]}" "${capture[@]}"
# The composition root alone sees every part.
only '\.\./(bpf/relay\.h|capture/|tui/)' 'src/main(_[a-z]+)?\.[ch]' "${src[@]}"
exit $status
