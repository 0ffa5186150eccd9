#!/usr/bin/env bash
# Makes what a release holds, in dist/release: the command for each system, with the authorizer for Lambda in it; the zips of
# the sample for both architectures; a bill of materials for each (CycloneDX); and SHA256SUMS. The same commit gives the same bytes.
#   VERSION=v1.2.3 scripts/workflows/dist.sh
set -euo pipefail

version=${VERSION:?dist: set VERSION to the version, for example v1.2.3}
mkdir -p dist
work=$(mktemp -d dist/.release.XXXXXX)
trap 'rm -rf "$work"' EXIT

# The tools are compiled with the flags of what they make, so that what both need is compiled once.
export CGO_ENABLED=0
mkdir "$work/release" "$work/bin"
go build -trimpath -buildvcs=false -o "$work/bin/" ./scripts/cognito-authorizer ./scripts/release ./scripts/workflows/sbom
for arch in arm64 amd64; do
	"$work/bin/cognito-authorizer" build functions/api/openapi.yaml --sample --arch "$arch" --out "$work/$arch" >&2
	for function in authorizer api; do
		name=$function-$arch
		cp "$work/$arch/$function.zip" "$work/release/$name.zip"
		"$work/bin/sbom" --version "$version" "$work/release/$name.zip" >"$work/release/$name.cdx.json"
	done
done
"$work/bin/release" --version "$version" --out "$work/release" >&2
for archive in "$work"/release/cognito-authorizer_*; do
	"$work/bin/sbom" --version "$version" "$archive" >"$archive.cdx.json"
done
(cd "$work/release" && sha256sum -- *.zip *.tar.gz *.cdx.json >SHA256SUMS)
rm -rf dist/release
mv "$work/release" dist/release
cat dist/release/SHA256SUMS
