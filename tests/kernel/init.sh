#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The first process of the virtual machine: makes it usable, runs the guest's part, sends what is in
# /results out of the second serial port and switches the machine off.
export PATH=/usr/bin HOME=/

mount -t devtmpfs none /dev
mkdir /dev/shm
mount -t tmpfs none /dev/shm
mount -t proc none /proc
mount -t sysfs none /sys
mount -t tmpfs none /run
mount -t bpf none /sys/fs/bpf
while read -r module; do
	insmod "/lib/$module"
done </etc/modules

uname -r >/results/release
/lab/tests/kernel/guest.sh
dmesg >/results/dmesg

stty -F /dev/ttyS1 raw
tar -cz -C /results . >/dev/ttyS1
poweroff -f
