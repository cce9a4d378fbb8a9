#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Pictures of a real run on the lab's LAN, into packaging/pictures/.
set -euo pipefail
cd "$(dirname "$0")/../.."

lab=pic$$
out=packaging/pictures
terminal=(tmux -L "fzbpf-$lab" -f /dev/null -u)
export LC_ALL=C.UTF-8
unset TMUX NO_COLOR

finish() {
	"${terminal[@]}" kill-server 2>/dev/null || true
	tests/lab/lab.sh down "$lab"
}
trap finish EXIT

# picture NAME COLUMNS ROWS [KEY...]
picture() {
	local name=$1 columns=$2 rows=$3
	shift 3
	"${terminal[@]}" resize-window -t pane -x "$columns" -y "$rows"
	if (($#)); then
		"${terminal[@]}" send-keys -t pane "$@"
	fi
	sleep 2.5
	"${terminal[@]}" capture-pane -e -p -t pane |
		python3 tests/pictures/ansi_to_svg.py "$columns" "$rows" "fzbpf-top eth0, $name" >"$out/$name.svg"
}

mkdir -p "$out"
tests/lab/lab.sh up "$lab"
"${terminal[@]}" new-session -d -s pane -x 80 -y 24 \
	"TERM=screen-256color exec tests/lab/lab.sh exec $lab relay build/fzbpf-top eth0"
sleep 1
tests/lab/lab.sh traffic "$lab"
sleep 20
picture neighbours 80 24 1
picture bindings 80 24 2
picture passed-up 80 24 3
picture reasons 80 24 4
picture wide 140 40 1
"${terminal[@]}" send-keys -t pane q
