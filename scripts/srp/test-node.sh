#!/usr/bin/env bash
# Holds our SRP against other people's: the npm packages pinned in testdata/node are installed into a
# folder that is removed afterwards, and the tests that need them are run. Needs Node 20 and npm.
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
