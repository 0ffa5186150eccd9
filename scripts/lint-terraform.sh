#!/usr/bin/env bash
# Runs tflint, with its ruleset for Terraform, over each folder of terraform/. It needs Go alone: that ruleset is part of tflint.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOWORK=off

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go -C tools/terraform build -o "$work/tflint" github.com/terraform-linters/tflint

failed=0
for file in $(git ls-files 'terraform/**versions.tf'); do
	# Each module is checked in its own folder, so calls of modules are not followed: that would need a build in dist/.
	options=(--config="$PWD/terraform/.tflint.hcl" --call-module-type=none --minimum-failure-severity=notice --format=compact)
	case $file in
	terraform/examples/*/*/*) ;;
	terraform/examples/*) options+=(--disable-rule=terraform_standard_module_structure) ;; # an example is one file to read, outputs included
	esac
	"$work/tflint" --chdir="$(dirname "$file")" "${options[@]}" || failed=1
done
[ "$failed" -ne 0 ] || echo "tflint: nothing to report"
exit $failed
