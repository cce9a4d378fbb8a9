#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# download.sh DIRECTORY: Debian's cloud kernel, unpacked below DIRECTORY unless it is there already;
# nothing is installed. Prints where it is.
set -euo pipefail

package_name() {
	apt-cache depends linux-image-cloud-amd64 2>/dev/null |
		sed -nE 's/^ *Depends: (linux-image-[0-9].*-cloud-amd64)$/\1/p' | head -n 1
}

download() {
	local package
	package=$(package_name)
	[[ $package ]] && (cd "$partial" && apt-get download -q "$package" >&2)
}

unpacked() {
	local found=("$directory"/linux-image-*.unpacked)
	[[ -d ${found[0]} ]] && echo "${found[0]}"
}

directory=$1
! unpacked || exit 0

partial=$(mktemp -d)
trap 'rm -rf "$partial"' EXIT
# apt downloads as a user of its own.
chown _apt "$partial" 2>/dev/null || true
# The package lists may be missing, or older than the archive.
download || { apt-get update -q >&2 && download; } || {
	echo "the kernel could not be downloaded; what does 'apt-get download linux-image-cloud-amd64' say?" >&2
	exit 1
}
for deb in "$partial"/*.deb; do
	dpkg -x "$deb" "$partial/root"
	depmod -b "$partial/root" "$(basename "$partial"/root/lib/modules/*)"
	mkdir -p "$directory/new"
	mv "$partial/root" "$directory/new/root"
	mv "$directory/new/root" "$directory/$(basename "$deb" .deb).unpacked"
done
rm -rf "$directory/new"
unpacked
