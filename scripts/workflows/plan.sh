#!/usr/bin/env bash
# Plans terraform/ and saves the plan for Terraform and for people: dist/terraform.tfplan and dist/terraform.txt. The state
# is not locked, so planning needs no write access; if the state changes before the apply, Terraform refuses the plan.
#   scripts/workflows/plan.sh
set -euo pipefail
umask 077 # a plan contains the state with its secrets

for file in authorizer.zip api.zip contract.json manifest.json; do
	[ -f "dist/$file" ] || { echo "plan: dist/$file is missing: make build-zip" >&2; exit 1; }
done
rm -f dist/terraform.tfplan dist/terraform.txt
terraform -chdir=terraform plan -input=false -lock=false -no-color -out="$PWD/dist/terraform.tfplan"
terraform -chdir=terraform show -no-color "$PWD/dist/terraform.tfplan" >dist/terraform.txt
