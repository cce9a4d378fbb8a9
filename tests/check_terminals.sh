#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The whole program on terminals of every kind: types, locales, sizes, colours, stop and continue.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
source tests/lab/report.sh
source tests/lab/judge.sh

lab=tty$$
source tests/lab/terminal.sh

picture() { "${screen[@]}" capture-pane -p "$@" -t pane; }
shows() { picture | grep -qE -e "$1"; }
hides() { ! shows "$1"; }
press() { "${screen[@]}" send-keys -t pane "$@"; }
state() { awk '{ print $3 }' "/proc/$(program)/stat"; }
stopped() { [[ $(state) == T ]]; }
modes() {
	"${screen[@]}" display-message -p -t pane \
		'alternate #{alternate_on} cursor #{cursor_flag} mouse #{mouse_any_flag} keypad #{keypad_flag}#{keypad_cursor_flag}'
}

# open_screen ENVIRONMENT [OPTION...]: in a terminal of its own, under a shell with job control.
open_screen() {
	local environment=$1
	shift
	rm -f "$work"/{before,after,status,stderr}
	"${screen[@]}" new-session -d -s pane -x 80 -y 24 "bash --norc --noprofile -c 'set -m
		stty -a >$work/before
		tests/lab/lab.sh exec $lab relay env $environment $PWD/build/fzbpf-top $* eth0 2>$work/stderr
		echo \$? >$work/status
		stty -a >$work/after; exec sleep 1000'"
}

close_screen() {
	"${screen[@]}" kill-session -t pane 2>/dev/null
	wait_for gone
}

restored() {
	# the first line is the size
	wait_for test -s "$work/after" && diff <(tail -n +2 "$work/before") <(tail -n +2 "$work/after") &&
		same_text 'alternate 0 cursor 1 mouse 0 keypad 00' "$(modes)"
}

ends_well() {
	press q
	check "$1: q ends it and gives the terminal back" restored
	same "$1: exit status" 0 "$(cat "$work/status" 2>/dev/null)"
	close_screen
}

# usable NAME ENVIRONMENT PATTERN: draws, answers to keys, ends well; the picture has the pattern.
usable() {
	local name=$1 environment=$2 pattern=$3
	shift 3
	open_screen "$environment" "$@"
	check "$name: is drawn" wait_for shows 'Neighbours'
	check "$name: looks as it should" shows "$pattern"
	press '?'
	check "$name: help" wait_for shows 'leave; takes the program'
	press Escape
	check "$name: back" wait_for shows 'Neighbours'
	ends_well "$name"
}

has_escape() { picture -e | grep -qE $'\e\\['"$1"; }

types() {
	local term
	for term in xterm xterm-256color linux screen tmux-256color vt100 vt220 rxvt-unicode; do
		usable "TERM=$term" "TERM=$term" '1 Neighbours'
	done
	open_screen 'TERM=dumb' --duration 1
	check 'TERM=dumb: batch text instead' wait_for test -s "$work/after"
	check 'TERM=dumb: says so' grep -E -e '--batch|cursor' "$work/stderr"
	same 'TERM=dumb: exit status' 0 "$(cat "$work/status")"
	close_screen
	for term in '-u TERM' 'TERM=' 'TERM=no-such-terminal'; do
		open_screen "$term"
		check "$term: ends" wait_for test -s "$work/after"
		same "$term: exit status" 2 "$(cat "$work/status")"
		check "$term: says what to type" grep -E -e 'TERM=xterm' "$work/stderr"
		close_screen
	done
}

locales() {
	usable 'C.UTF-8' 'LC_ALL=C.UTF-8' '──\[ 1'
	usable 'C locale' 'LC_ALL=C' '--\[ 1'
	usable 'locale that is not there' 'LC_ALL=xx_YY.UTF-8' '--\[ 1'
	usable '--ascii' 'LC_ALL=C.UTF-8' '--\[ 1' --ascii
}

colours() {
	open_screen 'TERM=screen-256color'
	check 'colour: is drawn' wait_for shows 'Neighbours'
	check 'colour: is used' has_escape '([0-9;]*;)?(3[0-7]|9[0-7]|38;5;[0-9]+)m'
	ends_well 'colour'
	open_screen 'TERM=screen-256color NO_COLOR=1'
	check 'NO_COLOR: is drawn' wait_for shows 'Neighbours'
	check 'NO_COLOR: no colour, no grey' no_colour
	check 'NO_COLOR: bold stays' has_escape '([0-9;]*;)?1m'
	ends_well 'NO_COLOR'
}

no_colour() {
	! picture -e | grep -qE $'\e\\[([0-9;]*;)?(2|3[0-7]|9[0-7]|38;[0-9;]*)m'
}

sizes() {
	local size
	open_screen ''
	check 'sizes: is drawn' wait_for shows 'Neighbours'
	for size in 1x1 2x1 1x24 20x4 31x8 32x8 40x10 80x24 140x40 300x100; do
		"${screen[@]}" resize-window -t pane -x "${size%x*}" -y "${size#*x}"
		sleep 0.05
		check "sizes: lives at $size" kill -0 "$(program)"
	done
	for _ in {1..30}; do
		"${screen[@]}" resize-window -t pane -x $((RANDOM % 200 + 1)) -y $((RANDOM % 60 + 1))
		press Tab
	done
	press Enter
	"${screen[@]}" resize-window -t pane -x 80 -y 24
	press Escape
	check 'sizes: is whole after a storm' wait_for shows 'Neighbours.*of 65536'
	ends_well 'sizes'
}

# ^Z gives the terminal back to the shell, and fg brings the picture back, also in another size.
stop_and_go() {
	rm -f "$work/status"
	"${screen[@]}" new-session -d -s pane -x 80 -y 24 "PS1='shell> ' bash --norc --noprofile -i"
	check 'stop: there is a shell' wait_for shows 'shell>'
	press "tests/lab/lab.sh exec $lab relay build/fzbpf-top eth0; echo \$? >$work/status" Enter
	check 'stop: is drawn' wait_for shows 'Neighbours'
	press C-z
	check 'stop: the shell is back' wait_for shows 'Stopped.*lab.sh'
	check 'stop: the terminal too' plain_modes
	check 'stop: is stopped' stopped
	"${screen[@]}" resize-window -t pane -x 100 -y 30
	press fg Enter
	check 'fg: is drawn again' wait_for shows 'Neighbours.*of 65536'
	check 'fg: in the new size' wait_for is_wide
	press q
	check 'fg: q ends it' wait_for gone
	check 'fg: the terminal is given back' wait_for plain_modes
	close_screen
}

is_wide() { (($(picture | awk 'length > max { max = length } END { print max }') >= 95)); }
plain_modes() { [[ $(modes) == 'alternate 0 cursor 1 mouse 0'* ]]; }
with_mouse() { [[ $(modes) == *'mouse 1'* ]]; }
without_mouse() { [[ $(modes) == *'mouse 0'* ]]; }

mouse() {
	open_screen 'TERM=xterm-256color'
	check 'mouse: is drawn' wait_for shows 'Neighbours'
	check 'mouse: is asked for' with_mouse
	kill -SEGV "$(program)"
	check 'mouse: off after a crash' wait_for plain_modes
	close_screen
	open_screen 'TERM=xterm-256color' --no-mouse
	check '--no-mouse: is drawn' wait_for shows 'Neighbours'
	check '--no-mouse: is left alone' without_mouse
	ends_well '--no-mouse'
}

filter() {
	open_screen ''
	check 'filter: is drawn' wait_for shows 'Neighbours'
	press / 'ip:10.99'
	check 'filter: what is typed is seen' wait_for shows '/ ip:10.99_'
	press Escape
	check 'filter: Escape acts at once' wait_for hides 'ip:10.99'
	ends_well 'filter'
}

# Misses come through the kernel's ring for the screen, whatever --capture asks for.
recording_of_misses() {
	open_screen "-C $work" --capture ttl -w "$work/ttl.pcapng"
	check 'm: is drawn' wait_for shows 'Neighbours'
	timeout 30 tests/lab/lab.sh send "$lab" 4 -e 10.90.0.99 -m 1 -n 200 -z 50 -l 120 >/dev/null 2>&1 &
	check 'm: a wanted address is seen' wait_for shows '10.90.0.99 +- .*NOMAC'
	check 'm: packets that --capture leaves out are not listed' shows 'No packet that concerns TURN'
	press / 'ip:10.90.0.99' Enter
	check 'm: FILTERED is said' wait_for shows 'FILTERED'
	press m
	check 'm: the footer tells what is recorded' wait_for shows 'REC .*10.90.0.99.* [1-9][0-9]* packets'
	sleep 1
	press m
	check 'm: stops' wait_for hides 'REC misses'
	check 'm: only misses are in the file' only_misses_of 10.90.0.99
	press Escape
	ends_well 'm'
	check 'm: and none in the file of --capture' same_text 0 "$(count_packets "$work/ttl.pcapng")"
	wait $! 2>/dev/null
}

# Without the journal's events.
count_packets() { tshark -n -r "$1" -Y eth 2>/dev/null | wc -l; }

only_misses_of() {
	local file=("$work"/*"$1"*.pcapng) all
	all=$(count_packets "${file[0]}")
	echo "${file[*]}: $all packets"
	((all > 0)) && same_text "$all" \
		"$(tshark -n -r "${file[0]}" -Y "frame.comment contains \"missing=$1\"" 2>/dev/null | wc -l)"
}

# A capture in the same screen, without privileges: jump back, play, step, and a relayed packet.
a_file() {
	local command=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all
		"$work/fzbpf-top" -r "$work/v4.pcap")
	install -m 755 build/fzbpf-top "$work/fzbpf-top"
	install -m 644 tests/captures/v4.pcap "$work/v4.pcap"
	"${screen[@]}" new-session -d -s pane -x 140 -y 50 "${command[*]}; exec sleep 1000"
	check 'file: is played' wait_for shows 'FILE .* end'
	check 'file: packets say what would have become of them' wait_for shows ':3478 .* relayed '
	press '['
	check 'file: jumps back' wait_for shows 'FILE 00:00:00 .* paused'
	press '.' '.'
	check 'file: steps' wait_for shows '10.90.0.10 .*NEW'
	press Space
	check 'file: plays' wait_for shows 'FILE .* playing'
	check 'file: to its end' wait_for shows 'FILE .* end'
	press / 'chan:' Enter 3 Home Enter
	check 'file: a packet explained' wait_for shows 'would have sent it on'
	press x
	check 'file: before and after' wait_for shows 'After: [0-9]+ bytes'
	press q
	check 'file: q ends it' wait_for plain_modes
	close_screen
}

closed_terminals() {
	local how
	for how in '' '?' '/'; do
		open_screen ''
		check "closed terminal ($how): is drawn" wait_for shows 'Neighbours'
		press "$how"
		"${screen[@]}" kill-session -t pane
		check "closed terminal ($how): ends" wait_for gone
	done
}

check 'lab' tests/lab/lab.sh up "$lab"
types
locales
colours
sizes
stop_and_go
mouse
filter
recording_of_misses
a_file
closed_terminals
report
