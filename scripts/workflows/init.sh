#!/usr/bin/env bash
# Readies terraform/ for the state that lies in the bucket of the pipeline stack. The state is locked by a file beside
# it while somebody changes it.   STATE_BUCKET=name [STATE_KEY=path] scripts/workflows/init.sh
set -euo pipefail

: "${STATE_BUCKET:?tf-init: set STATE_BUCKET to the bucket that the state is in, an output of terraform/pipeline}"
key=${STATE_KEY:-cognito-authorizer/terraform.tfstate}

# Two jobs that choose their providers by themselves may choose two versions, and a plan fits one.
if [ ! -f terraform/.terraform.lock.hcl ]; then
	echo "tf-init: terraform/.terraform.lock.hcl is missing: commit the one that 'terraform -chdir=terraform init' writes" >&2
	exit 1
fi

# Without a backend in the configuration, a first try on one machine needs no bucket; an override file adds it here.
override=terraform/backend_override.tf
cat >"$override" <<-'HCL'
	terraform {
	  backend "s3" {}
	}
HCL
terraform -chdir=terraform init -input=false -no-color -lockfile=readonly \
	-backend-config="bucket=$STATE_BUCKET" -backend-config="key=$key" \
	-backend-config="encrypt=true" -backend-config="use_lockfile=true"
