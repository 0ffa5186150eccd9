#!/usr/bin/env bash
# Runs every fuzz target of the modules named, one after the other, for the time given. Inputs that break one
# are kept in the testdata/fuzz folder beside it.   scripts/fuzz.sh 10s MODULE...
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
