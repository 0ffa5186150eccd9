#!/usr/bin/env bash
# Plans terraform/ and keeps the plan, as Terraform applies it and as people read it: dist/terraform.tfplan and
# dist/terraform.txt. Reads the state without locking it: whoever plans need not be able to write, and a state that
# changed in between makes Terraform refuse the plan.   scripts/workflows/plan.sh
set -euo pipefail
umask 077 # a plan holds the state, secrets included

for zip in dist/authorizer.zip dist/api.zip; do
	[ -f "$zip" ] || { echo "plan: $zip is missing: make build-zip" >&2; exit 1; }
done
rm -f dist/terraform.tfplan dist/terraform.txt
terraform -chdir=terraform plan -input=false -lock=false -no-color -out="$PWD/dist/terraform.tfplan"
terraform -chdir=terraform show -no-color "$PWD/dist/terraform.tfplan" >dist/terraform.txt
