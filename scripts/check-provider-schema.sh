#!/usr/bin/env bash
# Checks terraform/ against version 6 of the AWS provider, by its schema: tools/terraform/schemacheck says what is checked. The
# schema comes from two npm packages of 46 MB, which are kept in the user's cache folder. Needs Go and npm. Without them, or
# without a way to the npm registry, it checks nothing and exits 3.
set -euo pipefail
cd "$(dirname "$0")/.."

cannot() {
	printf '\n!!! TERRAFORM WAS NOT CHECKED AGAINST PROVIDER 6: %s\n\n' "$1" >&2
	exit 3
}

command -v npm >/dev/null || cannot "there is no npm command."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cognito-authorizer
mkdir -p "$cache"

# package NAME VERSION FILE SHA256: prints the path of the package, which is downloaded if it is not there yet.
package() {
	if [ ! -f "$cache/$3" ]; then
		(cd "$cache" && npm pack --silent "$1@$2" >/dev/null) || cannot "npm did not download $1 $2."
	fi
	if ! (cd "$cache" && echo "$4  $3" | sha256sum --check --status); then
		echo "$cache/$3 is not the package that this script names. Delete it and try again." >&2
		exit 1
	fi
	echo "$cache/$3"
}

bindings=$(package @cdktn/provider-aws 24.1.0 cdktn-provider-aws-24.1.0.tgz 6011fbc46969a666e523c9a4714ccd2650bd04c3a5e8013e4f26ec2889b5076a)
deprecations=$(package @pulumi/aws 7.48.0 pulumi-aws-7.48.0.tgz 4631307531620c98146a58e061bccdabb9bb401a5772500a3f7c936975037ed6)

export GOWORK=off
go -C tools/terraform test ./schemacheck
go -C tools/terraform run ./schemacheck -bindings "$bindings" -deprecations "$deprecations" "$PWD/terraform"
