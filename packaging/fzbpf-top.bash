# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Completion for bash.

_fzbpf_top() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local reasons='not-ip arp not-udp too-short bad-header ip-options ext-header fragment
		not-for-us not-turn control bad-channel-length no-binding no-mac stale-mac
		no-checksum unfinished-checksum ttl too-big no-headroom observing internal'
	local options='--interface --mode --no-relay --force --turn-port --relay-ports --binding --name
		--mac-ttl --mac-entries --write --overwrite --capture --snaplen --duration --read
		--batch --json --delay --list-interfaces --numeric --color --ascii --no-mouse --quiet
		--verbose --help --version -C -G -W -c'

	case $before in
	--mode) mapfile -t COMPREPLY < <(compgen -W 'auto native generic' -- "$word") ;;
	--color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$word") ;;
	--capture) mapfile -t COMPREPLY < <(compgen -W "turn misses all $reasons" -- "$word") ;;
	-w | --write | -r | --read) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	*)
		if [[ $word == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
		else
			mapfile -t COMPREPLY < <(cd /sys/class/net && compgen -d -- "$word")
		fi
		;;
	esac
}
complete -F _fzbpf_top fzbpf-top
