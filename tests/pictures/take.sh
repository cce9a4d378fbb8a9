#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The README's pictures, of real runs on the lab's LAN, into packaging/pictures/: idle (the server
# runs, nobody talks), warm (sessions, and one to a peer that is not there), miss (a packet to that
# peer, explained). tests/test_docs.c says whether they still show what the program shows.
set -euo pipefail
cd "$(dirname "$0")/../.."

lab=pic$$
out=packaging/pictures
terminal=(tmux -L "fzbpf-$lab" -f /dev/null -u)
absent=10.90.0.99
export LC_ALL=C.UTF-8
unset TMUX NO_COLOR

finish() {
	"${terminal[@]}" kill-server 2>/dev/null || true
	tests/lab/lab.sh down "$lab"
}
trap finish EXIT

# shows PATTERN...: all of them, after 60 seconds at most.
shows() {
	local pattern tries
	for pattern in "$@"; do
		tries=600
		until "${terminal[@]}" capture-pane -p -t pane | grep -qE -e "$pattern"; do
			((tries-- > 0)) || { echo "pictures: never shown: $pattern" >&2; return 1; }
			sleep 0.1
		done
	done
}

# picture NAME TITLE
picture() {
	local size
	size=$("${terminal[@]}" display-message -p -t pane '#{pane_width} #{pane_height}')
	"${terminal[@]}" capture-pane -e -p -t pane |
		python3 tests/pictures/ansi_to_svg.py "${size% *}" "${size#* }" "$2" >"$out/$1.svg"
}

size() {
	"${terminal[@]}" resize-window -t pane -x "$1" -y "$2"
	sleep 1.5
}

mkdir -p "$out"
tests/lab/lab.sh up "$lab"
"${terminal[@]}" new-session -d -s pane -x 80 -y 24 \
	"TERM=screen-256color exec tests/lab/lab.sh exec $lab relay build/fzbpf-top eth0"
shows 'listening on eth0 for [5-9]s'
picture idle 'fzbpf-top eth0, attached five seconds ago: nobody has said anything yet'

tests/lab/lab.sh traffic "$lab"
tests/lab/lab.sh send "$lab" 4 -e "$absent" -m 1 -n 600 -z 100 -l 120 >/dev/null 2>&1 &
size 140 40
shows "$absent .*FAILED NOMAC" 'both ways' 'NO MAC [12][0-9]s'
picture warm 'fzbpf-top eth0: hosts, bindings, packets passed up and their reasons'

"${terminal[@]}" send-keys -t pane 3 g Enter
shows 'stopped at' 'those in brackets decided'
picture miss 'fzbpf-top eth0: a packet that missed, explained'
"${terminal[@]}" send-keys -t pane q
