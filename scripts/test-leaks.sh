#!/usr/bin/env bash
# Usage: scripts/test-leaks.sh go test -v ./...
# Runs a test command and fails if its output contains anything that looks like a token. Every JSON Web Token begins with
# eyJ, the base64url form of {" and the first bits of the next character.
set -euo pipefail

output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
"$@" >"$output" 2>&1 || status=$?
if [ "$status" -ne 0 ]; then
	grep -vE '^(=== |--- PASS|    --- PASS|PASS)' "$output" | tail -n 200 | sed -E 's/eyJ[A-Za-z0-9_-]{8,}[A-Za-z0-9_.-]*/[redacted]/g'
	exit "$status"
fi
lines=$(wc -l <"$output")
tests=$(grep -cE '^\s*--- PASS' "$output" || true)
skipped=$(grep -cE '^\s*--- SKIP' "$output" || true)
found=$(grep -cE 'eyJ[A-Za-z0-9_-]{8,}' "$output" || true)
if [ "$tests" -eq 0 ]; then
	echo "no test passed: is this a verbose test run (go test -v)?" >&2
	exit 1
fi
if [ "$found" -ne 0 ]; then
	echo "$found of the $lines lines of output contain what looks like a token:" >&2
	grep -nE 'eyJ[A-Za-z0-9_-]{8,}' "$output" | sed -E 's/eyJ[A-Za-z0-9_-]{8,}[A-Za-z0-9_.-]*/[redacted]/g' | head -n 20 >&2
	exit 1
fi
grep -E -A2 '^\s*--- SKIP' "$output" | grep -vE '^--$' || true
echo "$tests passed, 0 failed, $skipped skipped"
echo "none of the $lines lines of output contains what looks like a token"
