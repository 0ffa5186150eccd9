#!/usr/bin/env bash
# Applies terraform/ to a moto server on this machine and runs what was deployed; see scripts/applytest. Runs live-check against
# another one. It needs no account, and nothing leaves the machine.   scripts/test-apply.sh [flags of go test]
# Needs moto_server, Terraform 1.10 or later and the AWS provider, from the registry or from a mirror that Terraform is
# configured for (TF_CLI_ARGS_init="-plugin-dir=…" or TF_CLI_CONFIG_FILE). If one of them is missing, it applies nothing and
# exits 3.
set -euo pipefail
cd "$(dirname "$0")/.."

cannot() {
	printf '\n!!! NOTHING WAS APPLIED: %s\n\n' "$1" >&2
	exit 3
}

command -v terraform >/dev/null || cannot "there is no terraform command. Install Terraform 1.10 or later."
command -v moto_server >/dev/null || cannot "there is no moto_server command: pip install 'moto[server]==5.2.1'"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp terraform/versions.tf "$work/"
terraform -chdir="$work" init -backend=false -input=false -no-color >"$work/init.log" 2>&1 || {
	cat "$work/init.log" >&2
	cannot "the AWS provider is missing. Without access to a registry, set TF_CLI_ARGS_init=\"-plugin-dir=…\" to a provider mirror."
}

# The provider is fetched once, as Terraform is configured, and then shared.
export TF_CLI_ARGS_init="-plugin-dir=$work/.terraform/providers"
# All tests at a time: the provider waits a minute for a lifecycle rule of S3, and as long to remove a distribution of CloudFront.
APPLYTEST=1 go test -count=1 -timeout 40m -parallel 6 -v "$@" ./scripts/applytest ./scripts/livecheck
