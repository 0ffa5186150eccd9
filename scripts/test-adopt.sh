#!/usr/bin/env bash
# Tests the ways to deploy that docs/adopt.md describes, with the tools that they are for, and without an AWS account: runs cdk
# synth in examples/cdk with the pinned npm packages, and checks the page's SAM template, Terraform and workflow with cfn-lint,
# SAM's own translator, Terraform and actionlint. A tool that is not installed is reported and left out. If Node.js or npm is
# missing, or npm cannot fetch the packages, CDK is left out and the script exits 3.
set -euo pipefail
cd "$(dirname "$0")/.."

ADOPTTEST=1 go test -count=1 -v -run '^TestOtherToolsAccept' ./scripts/cognito-authorizer

cannot() {
	printf '\n!!! THE CDK EXAMPLE WAS NOT TESTED: %s\n\n' "$1" >&2
	exit 3
}
for tool in node npm; do
	command -v "$tool" >/dev/null || cannot "$tool is not installed. Install Node.js 20 or newer."
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git ls-files --cached --others --exclude-standard examples/cdk | tar -cf - -T - | tar -xf - -C "$work"
scripts/cognito-authorizer.sh build examples/cdk/openapi.yaml --out "$work/examples/cdk/dist"
cd "$work/examples/cdk"
timeout 300 npm ci --ignore-scripts --no-audit --no-fund >"$work/npm.log" 2>&1 || { cat "$work/npm.log" >&2 && cannot "npm could not fetch the packages."; }

npm test --silent
export CDK_DISABLE_CLI_TELEMETRY=true
npm run --silent synth -- --no-notices -c userPoolId=eu-west-1_AbCdEf123 -c clientIds=web,machine
grep -q "\"CONTRACT_DIGEST\": \"$(node -p 'require("./dist/manifest.json").contract_digest')\"" cdk.out/Orders.template.json
echo "cdk synth: $(grep -c '"Type": "AWS::' cdk.out/Orders.template.json) resources"
if command -v cfn-lint >/dev/null; then
	cfn-lint --regions eu-west-1 --ignore-checks W3005 -- cdk.out/Orders.template.json # W3005: CDK writes DependsOn that it need not
	echo "cfn-lint: ok"
else
	echo "cfn-lint is not installed: it did not check the template"
fi
