#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Installs the Debian packages that building, the lab and the tests need and that are missing.
set -euo pipefail

packages=(
	# build
	gcc libc6-dev make pkg-config clang bpftool
	libbpf-dev libelf-dev libpcap-dev libncurses-dev libmnl-dev libcap-ng-dev uthash-dev
	# names of network card vendors
	ieee-data
	# lab
	coturn iproute2 ethtool procps tmux jq tshark tcpdump util-linux libcap2-bin ncurses-term
	# checks
	libcriterion-dev clang-format clang-tidy shellcheck libclang-rt-14-dev mandoc
	# a virtual machine with another kernel
	qemu-system-x86 busybox-static cpio kmod
	# pictures
	python3
)

missing=()
for package in "${packages[@]}"; do
	[[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
		missing+=("$package")
done
((${#missing[@]})) || exit 0

if ((EUID != 0)); then
	echo "missing packages; as root: apt-get install ${missing[*]}" >&2
	exit 1
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends "${missing[@]}"

# The lab starts its own TURN server. The package's service would listen on this machine's addresses.
if [[ " ${missing[*]} " == *" coturn "* && -d /run/systemd/system ]]; then
	systemctl disable --now coturn
fi
