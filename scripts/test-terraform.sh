#!/usr/bin/env bash
# Tests terraform/: formatting, the tables in each README, and for the root, each module and each example init, validate
# and test. Plans only, with a mocked provider: it needs no account and deploys nothing.
#   scripts/test-terraform.sh [FOLDER…]        FOLDER as in terraform/modules/function; all of them by default
# Needs Terraform 1.11 or later and the AWS provider, from the registry or from a mirror that Terraform is configured for
# (TF_CLI_ARGS_init="-plugin-dir=…" or TF_CLI_CONFIG_FILE). If one of them is missing, it tests nothing and exits 3.
set -euo pipefail
cd "$(dirname "$0")/.."

cannot() {
	printf '\n!!! TERRAFORM WAS NOT TESTED: %s\n\n' "$1" >&2
	exit 3
}

# readme_fits FOLDER README: succeeds if the tables list each variable and each output, and no others.
readme_fits() {
	diff <(sed -nE 's/^(variable|output) "(.*)" \{$/\1 \2/p' "$1"/*.tf | sort) \
		<(awk '/^## (Inputs|Settings)/ { kind = "variable" } /^## Outputs/ { kind = "output" }
			kind && match($0, /^\| `[a-z0-9_]+`/) { print kind, substr($0, 4, RLENGTH - 4) }' "$1/$2" | sort)
}

# test_folder FOLDER: tests the copy; prints one line, and the log on failure.
test_folder() {
	local log begin=$SECONDS counts
	log=$(mktemp "$WORK/log.XXXXXX")
	if (cd "$WORK/$1" && { terraform init -backend=false -input=false -no-color >"$log.init" || { cat "$log.init" && false; }; } &&
		terraform validate -no-color && terraform test -no-color) >"$log" 2>&1 &&
		counts=$(sed -nE 's/^Success! ([1-9][0-9]* passed, 0 failed)\.$/\1/p' "$log") && [ -n "$counts" ]; then
		printf 'ok    %-40s %s, %ds\n' "$1" "$counts" $((SECONDS - begin))
	else
		printf 'FAIL  %-40s\n' "$1"
		grep -vE '^  run .*\.\.\. pass$' "$log"
		return 1
	fi
}

if [ "${1:-}" = --folder ]; then # called by xargs below
	test_folder "$2"
	exit
fi

begin=$SECONDS
command -v terraform >/dev/null || cannot "there is no terraform command. Install Terraform 1.11 or later."
version=$(terraform version -json | sed -nE 's/.*"terraform_version": *"([0-9]+\.[0-9]+)\..*/\1/p')
printf '1.11\n%s\n' "$version" | sort -CV || cannot "the tests need Terraform 1.11 or later, and this is $version."

WORK=$(mktemp -d)
export WORK
provider=
trap '[ -z "$provider" ] || kill "$provider"; rm -rf "$WORK"' EXIT

# The provider is fetched once, as Terraform is configured, and then shared.
cp terraform/versions.tf "$WORK/"
terraform -chdir="$WORK" init -backend=false -input=false -no-color >"$WORK/init.log" 2>&1 || {
	cat "$WORK/init.log" >&2
	cannot "the AWS provider is missing. Without access to a registry, set TF_CLI_ARGS_init=\"-plugin-dir=…\" to a provider mirror."
}
export TF_CLI_ARGS_init="-plugin-dir=$WORK/.terraform/providers"

export GOGC="${GOGC:-400}" # the schemas are a large heap: a quarter to a third less CPU time of Terraform and of the provider

# One process of the provider serves all folders. Otherwise Terraform starts it several times per run of a test, which takes
# several times as long as the tests. They can share it since no plan configures it: each uses a mock of it.
mkfifo "$WORK/provider.out"
"$(find -L "$WORK/.terraform/providers" -name "terraform-provider-aws*")" -debug >"$WORK/provider.out" 2>"$WORK/provider.log" &
provider=$!
exec 3<"$WORK/provider.out"
TF_REATTACH_PROVIDERS=$(sed -nE "/TF_REATTACH_PROVIDERS='/{s/.*TF_REATTACH_PROVIDERS='(.*)'.*/\1/p;q;}" <&3)
[ -n "$TF_REATTACH_PROVIDERS" ] || { cat "$WORK/provider.log" >&2 && exit 1; }
export TF_REATTACH_PROVIDERS

failed=0
[ "$(grep -rhE '^ *(required_version|version) *=' --include=versions.tf terraform | sort -u | wc -l)" -eq 2 ] || {
	echo "FAIL  versions.tf: all name the same versions of Terraform and the provider:" && failed=1
	grep -rE '^ *(required_version|version) *=' --include=versions.tf terraform
}
terraform fmt -check -recursive -diff terraform || { echo "FAIL  formatting: terraform fmt -recursive terraform" && failed=1; }

if [ $# -gt 0 ]; then
	folders=("$@")
else
	folders=(terraform)
	for file in terraform/modules/*/versions.tf terraform/examples/*/versions.tf terraform/pipeline/versions.tf; do
		[ ! -f "$file" ] || folders+=("$(dirname "$file")")
	done
fi

for folder in "${folders[@]}"; do
	readme=README.md
	[ "$folder" != terraform ] || readme=../docs/terraform.md
	case $folder in terraform/examples/*) continue ;; esac
	readme_fits "$folder" "$readme" || { echo "FAIL  $folder/$readme: < is missing there, > is not in the configuration" && failed=1; }
done

# A copy without files of an earlier init. The builds that plans read are test data of modules/build.
mkdir -p "$WORK/functions/api"
tar --exclude=.terraform --exclude='.terraform.lock.hcl' --exclude='*.tfstate*' --exclude='*.auto.tfvars*' --exclude='terraform.tfvars' \
	--exclude='*_override.tf' -cf - terraform | tar -C "$WORK" -xf -
cp -r functions/api/site "$WORK/functions/api/"

printf '%s\n' "${folders[@]}" | xargs -P "${JOBS:-$(nproc)}" -I{} "$0" --folder {} | tee "$WORK/results" || failed=1

passed=$(awk '$1 == "ok" { sum += $3 } END { print sum + 0 }' "$WORK/results")
printf '\n%d folders of terraform/ in %ds, Terraform %s, %s\n' ${#folders[@]} $((SECONDS - begin)) "$version" \
	"$(sed -nE 's/^provider .*\/(hashicorp\/aws)"? \{?/\1/p; s/^  version *= "(.*)"/\1/p' "$WORK/.terraform.lock.hcl" | tr '\n' ' ')"
printf '%s passed, %s failed\n' "$passed" "$(grep -c '^FAIL' "$WORK/results" || true)"
exit $failed
