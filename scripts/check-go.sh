#!/usr/bin/env bash
# Fails unless every module named on the command line asks for the Go release of go.work, the one place where
# it is pinned.   scripts/check-go.sh MODULE...
set -euo pipefail

pinned=$(awk '$1 == "go" { print $2 }' go.work)
status=0
for module in "$@"; do
	found=$(awk '$1 == "go" { print $2 }' "$module/go.mod")
	if [ "$found" != "$pinned" ]; then
		echo "$module/go.mod asks for go $found, go.work for go $pinned: run 'go mod edit -go=$pinned' in $module" >&2
		status=1
	fi
done
exit $status
