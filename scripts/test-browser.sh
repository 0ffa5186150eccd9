#!/usr/bin/env bash
# Tries the page of functions/api/site in headless Chromium; scripts/browser says how. Installs nothing but axe-core, the
# pinned checker of accessibility, by npm and into a folder that is removed afterwards; AXE=path/to/axe.min.js is used
# as it is. Where npm is missing or gets no response, the rest is tested, and a notice names what was not.
#   scripts/test-browser.sh [ARGUMENT…]        further arguments of go test, such as -run Axe
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "${AXE:-}" ]; then
	cp scripts/browser/axe/package.json scripts/browser/axe/package-lock.json "$work"
	if command -v npm >/dev/null && timeout 60 npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund >"$work/npm.log" 2>&1; then
		export AXE=$work/node_modules/axe-core/axe.min.js
	else
		printf '\n!!! ACCESSIBILITY IS NOT CHECKED: npm is not installed, or could not fetch axe-core.\n\n' >&2
	fi
fi
BROWSERTEST=1 go test -count=1 -timeout 15m "$@" ./scripts/browser
