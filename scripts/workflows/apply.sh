#!/usr/bin/env bash
# Applies a saved plan and nothing else. Terraform refuses it if the state has changed since.
#   [PLAN=dist/terraform.tfplan] scripts/workflows/apply.sh
set -euo pipefail

plan=${PLAN:-dist/terraform.tfplan}
[ -f "$plan" ] || { echo "apply: $plan is missing: make plan" >&2; exit 1; }
terraform -chdir=terraform apply -input=false -no-color -lock-timeout=5m "$(realpath "$plan")"
