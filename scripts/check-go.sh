#!/usr/bin/env bash
# Usage: scripts/check-go.sh MODULE...
# Fails unless the go.mod of each module has the Go release and toolchain of go.work, where they are pinned. Functions and
# releases are built without go.work.
set -euo pipefail

status=0
for word in go toolchain; do
	pinned=$(awk -v word="$word" '$1 == word { print $2 }' go.work)
	for module in "$@"; do
		found=$(awk -v word="$word" '$1 == word { print $2 }' "$module/go.mod")
		if [ "$found" != "$pinned" ]; then
			echo "$module/go.mod has $word ${found:-missing}, but go.work has $word $pinned: run 'go mod edit -$word=$pinned' in $module" >&2
			status=1
		fi
	done
done
exit $status
