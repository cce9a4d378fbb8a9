#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# demo.sh [OPTION...]: the lab with traffic, and the program in this terminal until it ends.
set -euo pipefail
cd "$(dirname "$0")/../.."

lab=demo$$
here=tests/lab/lab.sh

# Takes the lab down when this script is gone, however it went: its end of the pipe closes.
exec {alive}> >(setsid bash -c 'trap "" INT HUP TERM; cat >/dev/null; exec "$@"' janitor "$here" down "$lab")
janitor=$!

"$here" up "$lab" {alive}>&-
"$here" traffic "$lab" {alive}>&-
status=0
"$here" exec "$lab" relay build/fzbpf-top eth0 "$@" {alive}>&- || status=$?
exec {alive}>&-
wait "$janitor" || true
exit "$status"
