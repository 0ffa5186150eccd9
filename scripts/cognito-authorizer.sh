#!/usr/bin/env bash
# Usage: scripts/cognito-authorizer.sh COMMAND [FLAGS]
# Compiles the command into dist/ and runs it. The flags are those of the functions (scripts/bundle), so that what both need
# is compiled once. While it compiles, it says so: from the second second on, and then every five seconds.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$root/dist"
(cd "$root" && CGO_ENABLED=0 exec go build -trimpath -buildvcs=false -o dist/cognito-authorizer ./scripts/cognito-authorizer) &
build=$!
trap 'kill "$build" 2>/dev/null; exit 130' INT TERM
began=$SECONDS next=2
while kill -0 "$build" 2>/dev/null; do
	if [ $((SECONDS - began)) -ge "$next" ]; then
		echo "compiling the command, $((SECONDS - began)) s so far (a minute and a half on two cores with empty Go caches) …" >&2
		next=$((next + 5))
	fi
	sleep 0.1
done
wait "$build"
trap - INT TERM
exec "$root/dist/cognito-authorizer" "$@"
