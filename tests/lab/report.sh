# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# For test scripts: counts what passed and failed, and ends with the two numbers.

passed=0
failed=0

# check NAME COMMAND...: passes, and succeeds, if the command does; its output is shown if it does not.
check() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then
		passed=$((passed + 1))
		echo "ok      $name"
		return 0
	else
		failed=$((failed + 1))
		echo "NOT OK  $name"
		if [[ $output ]]; then
			tail -n 20 <<<"$output" | sed 's/^/        /'
		fi
		return 1
	fi
}

# same NAME EXPECTED ACTUAL
same() {
	check "$1" same_text "$2" "$3"
}

same_text() {
	[[ $1 == "$2" ]] || { printf 'expected: %s\nfound:    %s\n' "$1" "$2"; return 1; }
}

report() {
	echo "$passed passed, $failed failed"
	((failed == 0))
}
