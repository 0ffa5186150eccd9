#!/usr/bin/env bash
# Initialises terraform/ with the state in the bucket of the pipeline stack. A file beside the state locks it during a
# change.   STATE_BUCKET=name [STATE_KEY=path] scripts/workflows/init.sh
set -euo pipefail

: "${STATE_BUCKET:?tf-init: set STATE_BUCKET to the bucket of the state, an output of terraform/pipeline}"
key=${STATE_KEY:-cognito-authorizer/terraform.tfstate}

# Without a lock file two jobs may select two versions of the provider, and a plan needs the one that made it.
if [ ! -f terraform/.terraform.lock.hcl ]; then
	echo "tf-init: terraform/.terraform.lock.hcl is missing: commit the one that 'terraform -chdir=terraform init' writes" >&2
	exit 1
fi

# The configuration has no backend, so that a first try needs no bucket; an override file adds it here.
override=terraform/backend_override.tf
cat >"$override" <<-'HCL'
	terraform {
	  backend "s3" {}
	}
HCL
terraform -chdir=terraform init -input=false -no-color -lockfile=readonly \
	-backend-config="bucket=$STATE_BUCKET" -backend-config="key=$key" \
	-backend-config="encrypt=true" -backend-config="use_lockfile=true"
