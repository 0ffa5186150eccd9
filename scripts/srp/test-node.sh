#!/usr/bin/env bash
# Tests package srp against other implementations: installs the npm packages pinned in testdata/node into a
# temporary directory and runs the tests that need them. Needs Node.js 20 and npm.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
for tool in node npm; do
	command -v "$tool" >/dev/null || { echo "test-node: $tool is not installed; Node 20 or newer brings both" >&2; exit 1; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$here"/testdata/node/package.json "$here"/testdata/node/package-lock.json "$folder"
npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund
cd "$here"
SRP_NODE_FOLDER=$folder go test -count=1 -run '^TestLive' -v .
