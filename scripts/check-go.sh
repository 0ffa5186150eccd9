#!/usr/bin/env bash
# Usage: scripts/check-go.sh MODULE...
# Fails unless the go.mod of each module has the Go release of go.work, where it is pinned.
set -euo pipefail

pinned=$(awk '$1 == "go" { print $2 }' go.work)
status=0
for module in "$@"; do
	found=$(awk '$1 == "go" { print $2 }' "$module/go.mod")
	if [ "$found" != "$pinned" ]; then
		echo "$module/go.mod has go $found, but go.work has go $pinned: run 'go mod edit -go=$pinned' in $module" >&2
		status=1
	fi
done
exit $status
