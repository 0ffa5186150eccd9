#!/usr/bin/env bash
# Runs tflint, with its ruleset for Terraform, and tfsec over each folder of terraform/. It needs Go alone: the rules are part of
# both programs. Exceptions are comments beside the lines that they are about: "tflint-ignore" and "tfsec:ignore".
set -euo pipefail
cd "$(dirname "$0")/.."
export GOWORK=off

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go -C tools/terraform build -o "$work/tflint" github.com/terraform-linters/tflint
go -C tools/tfsec build -o "$work/tfsec" github.com/aquasecurity/tfsec/cmd/tfsec

failed=0
versions=$(git ls-files 'terraform/**versions.tf')
for file in $versions; do
	# Each module is checked in its own folder, so calls of modules are not followed: that would need a build in dist/.
	options=(--config="$PWD/terraform/.tflint.hcl" --call-module-type=none --minimum-failure-severity=notice --format=compact)
	case $file in
	terraform/examples/*/*/*) ;;
	terraform/examples/*) options+=(--disable-rule=terraform_standard_module_structure) ;; # an example is one file to read, outputs included
	esac
	"$work/tflint" --chdir="$(dirname "$file")" "${options[@]}" || failed=1
done
[ "$failed" -ne 0 ] || echo "tflint: nothing to report"

# tfsec 1.28.14 of May 2025 is the last release: its checks live on in Trivy, which takes far longer to compile. It refuses
# "check" blocks, so it gets a copy in which their lines are empty.
git ls-files 'terraform/*.tf' | while read -r file; do
	mkdir -p "$work/$(dirname "$file")"
	awk '/^check "/ { check = 1 } { print check ? "" : $0 } /^}/ { check = 0 }' "$file" >"$work/$file"
done
cd "$work"
found=0
for file in $versions; do
	folder=$(dirname "$file")
	./tfsec "$folder" --no-color --concise-output >tfsec.log 2>&1 || { echo "$folder:" && cat tfsec.log && found=1; }
done
[ "$found" -ne 0 ] || echo "tfsec: nothing to report"
[ "$failed" -eq 0 ] && [ "$found" -eq 0 ]
