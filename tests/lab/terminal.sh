# SPDX-License-Identifier: BSD-2-Clause
# To be sourced by checks that look at the screen, once `lab` is set: a folder, a tmux server, and
# what takes both down with the lab.
# shellcheck shell=bash

work=$(mktemp -d)
chmod 755 "$work"
screen=(tmux -L "fzbpf-$lab" -f /dev/null)
export LC_ALL=C.UTF-8 TERM=screen-256color
unset TMUX NO_COLOR

finish() {
	"${screen[@]}" kill-server 2>/dev/null
	tests/lab/lab.sh down "$lab"
	rm -rf "$work"
}
trap finish EXIT

# It would go with its last session, just when the next one is being opened.
"${screen[@]}" start-server \; set-option -g exit-empty off

program() { ip netns pids "$lab-relay" | xargs -r ps -o pid=,comm= -p | awk '$2 == "fzbpf-top" { print $1 }'; }
gone() { [[ ! $(program) ]]; }
