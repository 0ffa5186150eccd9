#!/usr/bin/env bash
# Uploads the saved plan and the build that it was made from to the state bucket, as one object, and prints what identifies
# that object: version=… and sha256=…   STATE_BUCKET=name [COMMIT=sha] scripts/workflows/store-plan.sh
set -euo pipefail
umask 077

: "${STATE_BUCKET:?plan-store: set STATE_BUCKET to the bucket of the state, an output of terraform/pipeline}"
[ -f dist/terraform.tfplan ] || { echo "plan-store: dist/terraform.tfplan is missing: make plan" >&2; exit 1; }
commit=${COMMIT:-$(git rev-parse HEAD)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tar -C dist -cf "$work/plan.tar" terraform.tfplan authorizer.zip api.zip contract.json manifest.json
sha256=$(sha256sum "$work/plan.tar" | cut -d ' ' -f 1)
version=$(aws s3api put-object --bucket "$STATE_BUCKET" --key "plans/$commit.tar" --body "$work/plan.tar" \
	--query VersionId --output text)
if [ -z "$version" ] || [ "$version" = None ] || [ "$version" = null ]; then
	echo "plan-store: the bucket $STATE_BUCKET has no versioning, so the plan could be replaced: apply terraform/pipeline" >&2
	exit 1
fi
echo "version=$version"
echo "sha256=$sha256"
