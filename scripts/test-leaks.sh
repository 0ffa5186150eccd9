#!/usr/bin/env bash
# Runs a test command and looks through all that it prints for what looks like a token: the base64url of {" and
# more, which is how the header of every JSON Web Token begins.   scripts/test-leaks.sh go test -v ./...
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
if [ "$found" -ne 0 ] || [ "$tests" -eq 0 ]; then
	echo "$tests tests printed $lines lines, and $found of them hold what looks like a token:" >&2
	grep -nE 'eyJ[A-Za-z0-9_-]{8,}' "$output" | sed -E 's/eyJ[A-Za-z0-9_-]{8,}[A-Za-z0-9_.-]*/[redacted]/g' | head -n 20 >&2
	exit 1
fi
grep -E -A2 '^\s*--- SKIP' "$output" | grep -vE '^--$' || true
echo "$tests passed, 0 failed, $skipped skipped"
echo "nothing in the $lines lines that the tests printed looks like a token"
