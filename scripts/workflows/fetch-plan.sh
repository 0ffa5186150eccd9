#!/usr/bin/env bash
# Downloads the plan that plan-store uploaded, with its build, to dist/, and refuses any other.
#   STATE_BUCKET=name [COMMIT=sha] PLAN_VERSION=… PLAN_SHA256=… scripts/workflows/fetch-plan.sh
set -euo pipefail
umask 077

: "${STATE_BUCKET:?plan-fetch: set STATE_BUCKET to the bucket of the state, an output of terraform/pipeline}"
commit=${COMMIT:-$(git rev-parse HEAD)}
: "${PLAN_VERSION:?plan-fetch: set PLAN_VERSION to the version that plan-store printed}"
: "${PLAN_SHA256:?plan-fetch: set PLAN_SHA256 to the checksum that plan-store printed}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

aws s3api get-object --bucket "$STATE_BUCKET" --key "plans/$commit.tar" --version-id "$PLAN_VERSION" "$work/plan.tar" >&2
found=$(sha256sum "$work/plan.tar" | cut -d ' ' -f 1)
if [ "$found" != "$PLAN_SHA256" ]; then
	echo "plan-fetch: version $PLAN_VERSION of plans/$commit.tar has checksum $found, not $PLAN_SHA256: it is not the plan that was made, so it is not applied" >&2
	exit 1
fi
mkdir -p dist
tar -C dist -xf "$work/plan.tar" terraform.tfplan authorizer.zip api.zip contract.json manifest.json
