#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# initramfs.sh KERNEL FILE: a root file system in memory with the program, the lab and what it calls.
set -euo pipefail

programs=(bash ip ss ethtool nstat sysctl bpftool turnserver turnutils_uclient turnutils_peer)
modules=(veth bridge udp_diag)

# copy FILE...: with the libraries it needs, where the loader looks for them.
copy() {
	cp -L "$@" "$root/usr/bin"
	ldd "$@" | grep -oE '/[^ :]+\.so[^ :]*' | sort -u | xargs cp -L --parents -t "$root"
}

# Debian's /bin, /sbin and /lib are links into /usr; here all programs share one folder.
folders() {
	mkdir -p "$root"/{dev,proc,sys,run,tmp,results,etc,usr/{bin,lib,lib64},var/lib/turn,lab/{build,tests}}
	ln -s usr/bin usr/lib usr/lib64 "$root"
	ln -s usr/bin "$root/sbin"
	ln -s bin "$root/usr/sbin"
	echo 'root:x:0:0::/:/bin/sh' >"$root/etc/passwd"
}

applets() {
	local applet
	cp -L "$(command -v busybox)" "$root/usr/bin"
	for applet in $(busybox --list); do
		[[ -e $root/usr/bin/$applet ]] || ln -s busybox "$root/usr/bin/$applet"
	done
}

# In the order in which they have to be loaded.
kernel_modules() {
	local -a files
	mapfile -t files < <(modprobe -d "$kernel" -S "$version" -a --show-depends "${modules[@]}" |
		awk '$1 == "insmod" && !seen[$2]++ { print $2 }')
	((${#files[@]} >= ${#modules[@]}))
	cp "${files[@]}" "$root/lib"
	printf '%s\n' "${files[@]##*/}" >"$root/etc/modules"
}

lab() {
	ln -s /usr/bin/fzbpf-top "$root/lab/build"
	cp build/pass.bpf.o "$root/lab/build"
	cp -r tests/lab tests/kernel "$root/lab/tests"
	install -m 755 tests/kernel/init.sh "$root/init"
}

cd "$(dirname "$0")/../.."
kernel=$1
file=$2
version=$(basename "$kernel"/lib/modules/*)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
# Nothing here has to be kept from anybody, and the programs run as several users.
chmod 755 "$root"
PATH=$PATH:/usr/sbin:/sbin

folders
for program in "${programs[@]}"; do
	copy "$(command -v "$program")"
done
copy build/fzbpf-top build/unit-tests
applets
kernel_modules
lab
(cd "$root" && find . -print0 | cpio -0 -o -H newc -R 0:0 --quiet) >"$file"
