#!/usr/bin/env bash
# Usage: scripts/fuzz.sh TIME MODULE..., for example scripts/fuzz.sh 10s shared
# Runs each fuzz target of the modules for TIME, one after the other. Go writes failing inputs to testdata/fuzz beside
# the target.
set -euo pipefail

time=$1
shift
status=0
for module in "$@"; do
	while IFS=: read -r file target; do
		echo "== ${file%/*} $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "./${file%/*}" || status=1
	done < <(grep -rHoE '^func Fuzz[A-Za-z0-9_]+' --include='*_test.go' "$module" | sed 's/func //')
done
exit $status
