#!/usr/bin/env bash
# Makes the GitHub release of a tag out of dist/release. Needs the gh command, signed in.   TAG=v1.2.3 scripts/workflows/publish.sh
set -euo pipefail

tag=${TAG:?publish: set TAG to the tag, for example v1.2.3}
[ -f dist/release/SHA256SUMS ] || { echo "publish: dist/release/SHA256SUMS is missing: make dist" >&2; exit 1; }

flags=(--verify-tag --title "$tag" --generate-notes)
case $tag in *-*) flags+=(--prerelease) ;; esac
gh release create "$tag" "${flags[@]}" --notes-file - dist/release/* <<-TEXT
	\`cognito-authorizer_OS_ARCH\` is the command: it builds an \`authorizer.zip\` from your own OpenAPI document and runs your API
	on your machine, without Go. docs/adopt.md shows how.

	\`authorizer-ARCH.zip\` holds the authorizer and the route table of the sample contract, \`api-ARCH.zip\` the sample API;
	ARCH is \`arm64\` or \`amd64\` (\`x86_64\` in AWS). Check what you have downloaded before you deploy it:

	~~~sh
	sha256sum --check --ignore-missing SHA256SUMS
	gh attestation verify cognito-authorizer_linux_amd64.tar.gz --repo ${GITHUB_REPOSITORY:-OWNER/REPOSITORY}
	~~~
TEXT
