#!/usr/bin/env bash
# Makes the GitHub release of a tag out of dist/release. Needs the gh command, signed in.   TAG=v1.2.3 scripts/workflows/publish.sh
set -euo pipefail

tag=${TAG:?publish: set TAG to the tag, for example v1.2.3}
[ -f dist/release/SHA256SUMS ] || { echo "publish: dist/release/SHA256SUMS is missing: make dist" >&2; exit 1; }

flags=(--verify-tag --title "$tag" --generate-notes)
case $tag in *-*) flags+=(--prerelease) ;; esac
gh release create "$tag" "${flags[@]}" --notes-file - dist/release/* <<-TEXT
	\`authorizer-ARCH.zip\` holds the authorizer and the route table of the sample contract, \`api-ARCH.zip\` the sample API;
	ARCH is \`arm64\` or \`amd64\` (\`x86_64\` in AWS). Check what you have downloaded before you deploy it:

	~~~sh
	sha256sum --check --ignore-missing SHA256SUMS
	gh attestation verify authorizer-arm64.zip --repo ${GITHUB_REPOSITORY:-OWNER/REPOSITORY}
	~~~
TEXT
