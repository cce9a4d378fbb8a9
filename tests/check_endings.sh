#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Every way the program can end on a terminal, and every way it can refuse to start.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
source tests/lab/report.sh
source tests/lab/judge.sh

lab=end$$
source tests/lab/terminal.sh

xdp_on() { on relay ip link show dev "${1-eth0}" | grep -q xdp; }
no_xdp() { ! xdp_on "$@"; }
drawn() { "${screen[@]}" capture-pane -p -t pane | grep -q eth0; }
pane_flags() {
	"${screen[@]}" display-message -p -t pane \
		'alternate #{alternate_on} cursor #{cursor_flag} mouse #{mouse_any_flag} keypad #{keypad_flag}#{keypad_cursor_flag}'
}

# The program in a terminal of its own, between two looks at the terminal's settings.
open_screen() {
	rm -f "$work"/{before,after,status}
	"${screen[@]}" new-session -d -s pane -x 80 -y 24 "stty -a >$work/before
		tests/lab/lab.sh exec $lab relay build/fzbpf-top $* eth0; echo \$? >$work/status
		stty -a >$work/after; exec sleep 1000"
	wait_for xdp_on && wait_for drawn
}

close_screen() { "${screen[@]}" kill-session -t pane 2>/dev/null || true; }

terminal_restored() {
	diff "$work/before" "$work/after" && same_text 'alternate 0 cursor 1 mouse 0 keypad 00' "$(pane_flags)"
}

# ending NAME STATUS COMMAND...: what the command does to the program ends it well.
ending() {
	local name=$1 status=$2
	shift 2
	check "$name: screen is drawn" open_screen
	"$@"
	check "$name: ends" wait_for test -s "$work/after"
	same "$name: exit status" "$status" "$(cat "$work/status" 2>/dev/null)"
	check "$name: terminal as it was" terminal_restored
	check "$name: no XDP program" wait_for no_xdp
	close_screen
}

send_signal() { kill -s "$1" "$(program)"; }
press() { "${screen[@]}" send-keys -t pane "$1"; }

endings() {
	ending 'q' 0 press q
	ending '^C' 0 press C-c
	ending 'SIGINT' 0 send_signal INT
	ending 'SIGTERM' 0 send_signal TERM
	ending 'SIGHUP' 0 send_signal HUP
	ending 'a crash' 139 send_signal SEGV
	ending 'an abort' 134 send_signal ABRT

	check 'kill -9: screen is drawn' open_screen
	send_signal KILL
	check 'kill -9: ends' wait_for test -s "$work/after"
	check 'kill -9: no XDP program' wait_for no_xdp
	close_screen

	check 'closed terminal: screen is drawn' open_screen
	close_screen
	check 'closed terminal: ends' wait_for gone
	check 'closed terminal: no XDP program' wait_for no_xdp

	check 'tiny terminal: screen is drawn' open_screen
	"${screen[@]}" resize-window -t pane -x 1 -y 1
	"${screen[@]}" resize-window -t pane -x 140 -y 40
	check 'resized: is drawn again' wait_for drawn
	press q
	check 'resized: ends' wait_for test -s "$work/after"
	same 'resized: exit status' 0 "$(cat "$work/status")"
	close_screen
}

# refusal NAME STATUS PATTERN COMMAND...: ends so, says so on standard error, and leaves no program.
refusal() {
	local name=$1 expected=$2 pattern=$3 status=0
	shift 3
	"$@" </dev/null >"$work/stdout" 2>"$work/stderr" || status=$?
	same "$name: exit status" "$expected" "$status"
	check "$name: says what to know" grep -E -e "$pattern" "$work/stderr"
}

fzbpf() { timeout 20 tests/lab/lab.sh exec "$lab" relay build/fzbpf-top "$@"; }

# Inside a terminal, since only there a TERM is asked for.
terminal_type() {
	"${screen[@]}" new-session -d -s pane -x 80 -y 24 "tests/lab/lab.sh exec $lab relay \
		env $1 build/fzbpf-top eth0 2>$work/stderr; echo \$? >$work/status; exec sleep 1000"
	wait_for test -s "$work/status"
	close_screen
}

refused_terminals() {
	local how
	for how in '-u TERM' 'TERM=no-such-terminal'; do
		rm -f "$work/status"
		terminal_type "$how"
		same "$how: exit status" 2 "$(cat "$work/status" 2>/dev/null)"
		check "$how: says what to type" grep -E -e 'TERM|--batch' "$work/stderr"
		check "$how: no XDP program" no_xdp
	done
}

refused_privileges() {
	install -m 755 build/fzbpf-top "$work/fzbpf-top"
	refusal 'nobody' 4 'CAP_|sudo' timeout 20 tests/lab/lab.sh exec "$lab" relay \
		setpriv --reuid=65534 --regid=65534 --clear-groups "$work/fzbpf-top" --batch eth0
	refusal 'root without capabilities' 4 'CAP_|sudo' timeout 20 tests/lab/lab.sh exec "$lab" relay \
		setpriv --inh-caps=-all --bounding-set=-all "$work/fzbpf-top" --batch eth0
}

attached_id() { on relay bpftool -j net show dev eth0 | jq '.[0].xdp[0].id'; }

other_program() {
	local other
	on relay ip link set dev eth0 xdpgeneric obj build/pass.bpf.o sec xdp.frags
	other=$(attached_id)
	refusal 'another program' 5 "$other.*pass|pass.*$other" fzbpf --batch eth0
	same 'another program: still attached' "$other" "$(attached_id)"
	# The peer's eth0 has the same index: what is there is none of our business.
	timeout 20 tests/lab/lab.sh exec "$lab" peer build/fzbpf-top --batch eth0 >/dev/null 2>&1 &
	bystander=$!
	wait_for eval 'on peer ip link show dev eth0 | grep -q xdp'
	refusal 'another program, --force' 0 'pass' fzbpf --batch --force --duration 1 eth0
	check 'another program, --force: other namespaces are left alone' \
		eval 'on peer ip link show dev eth0 | grep xdp'
	kill -TERM "$bystander"
	wait "$bystander"
	on relay ip link set dev eth0 xdpgeneric off
	check 'a second copy: the first runs' open_screen
	refusal 'a second copy' 5 'fzbpf|relay' fzbpf --batch eth0
	check 'a second copy: the first goes on' xdp_on
	press q
	wait_for test -s "$work/after"
	close_screen
}

other_interfaces() {
	on relay ip tuntap add tun0 mode tun
	on relay ip link set tun0 up
	on relay ip link add bridge0 up type bridge
	refusal 'no such interface' 3 'eth0' fzbpf --batch eth1
	refusal 'loopback' 2 'Ethernet' fzbpf --batch lo
	refusal 'a tunnel' 2 'Ethernet' fzbpf --batch tun0
	refusal 'a driver without XDP' 6 'generic' fzbpf --batch --mode native bridge0
}

files() {
	echo 'not ours' >"$work/there.pcap"
	refusal 'file exists' 9 'overwrite' fzbpf --batch -w "$work/there.pcap" eth0
	same 'file exists: untouched' 'not ours' "$(cat "$work/there.pcap")"
	refusal 'no such folder' 9 'nowhere' fzbpf --batch -w "$work/nowhere/x.pcap" eth0
	refusal 'full disk' 9 'full|space' fzbpf --batch -w /dev/full eth0
}

usage() {
	refusal 'no interface' 2 'interface' fzbpf
	refusal 'unknown option' 2 'no-such-option' fzbpf --no-such-option eth0
	refusal 'wrong filter' 2 'filter|syntax' fzbpf --batch eth0 'udp and and'
	check 'help' fzbpf --help
	check 'version' fzbpf --version
	check 'no XDP program after refusals' no_xdp
}

# The reader of a pipe goes away.
closed_pipe() {
	fzbpf --batch --json --delay 0.1 --duration 20 eth0 | head -n 1 >/dev/null
	check 'closed pipe: ends' wait_for gone
	check 'closed pipe: no XDP program' no_xdp
}

interface_removed() {
	local status=0
	fzbpf --batch --json --duration 20 eth0 >"$work/json" 2>/dev/null &
	wait_for xdp_on
	on relay ip link delete eth0
	wait $! || status=$?
	same 'interface removed: exit status' 8 "$status"
	check 'interface removed: the last line is counters' \
		jq -e -s '(last | .event == "counters") and any(.[]; .event == "detached")' "$work/json"
}

demo_namespaces() { ip netns list | grep -qE "^demo$1-"; }
no_demo() { ! demo_namespaces "$1"; }

# demo NAME COMMAND...: the demo in a terminal, ended by the command, leaves nothing.
demo() {
	local name=$1 pid
	shift
	rm -f "$work"/{pid,status}
	"${screen[@]}" new-session -d -s pane -x 80 -y 24 \
		"sh -c 'echo \$\$ >$work/pid; exec tests/lab/demo.sh'; echo \$? >$work/status; exec sleep 1000"
	check "demo, $name: screen is drawn" wait_for drawn
	pid=$(cat "$work/pid")
	check "demo, $name: lab is up" demo_namespaces "$pid"
	"$@"
	check "demo, $name: ends" wait_for no_demo "$pid"
	close_screen
}

kill_demo() { kill -KILL "$(cat "$work/pid")"; }

demos() {
	demo 'q' press q
	demo '^C' press C-c
	demo 'kill -9' kill_demo
	demo 'closed terminal' close_screen
}

check 'lab' tests/lab/lab.sh up "$lab" || { report; exit 1; }
endings
refused_terminals
refused_privileges
other_program
other_interfaces
files
usage
closed_pipe
interface_removed
demos
report
