#!/usr/bin/env bash
# Smoke-tests the deployment with the tokens of two temporary users, one of them in the group admins, and of the machine client
# if there is one. The expired token that must be refused is that of an earlier run, stored in the state bucket, so the first
# run skips this check.
#   STATE_BUCKET=name scripts/workflows/smoke-deployed.sh
set -euo pipefail
umask 077 # passwords and tokens go through files here, never through arguments

: "${STATE_BUCKET:?smoke-deployed: set STATE_BUCKET to the bucket of the state, an output of terraform/pipeline}"
kept=smoke/ended-token
work=$(mktemp -d)
made=()
leave() {
	for name in "${made[@]}"; do
		aws cognito-idp admin-delete-user --user-pool-id "$pool" --username "$name" ||
			echo "smoke-deployed: the user $name could not be deleted: delete it" >&2
	done
	rm -rf "$work"
}
trap leave EXIT

terraform -chdir=terraform output -json >"$work/outputs"
output() { jq -er ".$1.value // empty" "$work/outputs"; }
if ! url=$(output api_url) || ! pool=$(output user_pool_id); then
	echo "smoke-deployed: terraform has no output api_url and user_pool_id: apply it first" >&2
	exit 1
fi
go build -o "$work" ./scripts/cognito-authorizer
mkdir "$work/tokens"

person() { # person MEMBER [GROUP]: makes, signs in
	local name password
	name=smoke-$1-$(od -An -N6 -tx1 /dev/urandom | tr -d ' ')
	password=Aa1!$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
	aws cognito-idp admin-create-user --user-pool-id "$pool" --username "$name" --message-action SUPPRESS >/dev/null
	made+=("$name")
	printf '{"UserPoolId":"%s","Username":"%s","Password":"%s","Permanent":true}' "$pool" "$name" "$password" >"$work/password"
	aws cognito-idp admin-set-user-password --cli-input-json "file://$work/password"
	if [ $# -gt 1 ]; then
		aws cognito-idp admin-add-user-to-group --user-pool-id "$pool" --username "$name" --group-name "$2"
	fi
	printf '%s\n' "$password" | "$work/cognito-authorizer" token login "$name" --password-stdin >"$work/tokens/$1"
}
person member
person admin admins
if output machine_client_id >/dev/null; then
	"$work/cognito-authorizer" token client >"$work/tokens/machine"
fi

ends() { jq -Rr 'split(".")[1] | gsub("-"; "+") | gsub("_"; "/") | @base64d | fromjson | .exp' "$1"; }
if aws s3api get-object --bucket "$STATE_BUCKET" --key "$kept" "$work/kept" >/dev/null 2>"$work/error"; then
	if [ "$(ends "$work/kept")" -le "$(date +%s)" ]; then
		mv "$work/kept" "$work/tokens/expired"
	fi
elif ! grep -q NoSuchKey "$work/error"; then
	cat "$work/error" >&2
	exit 1
fi
if [ ! -e "$work/kept" ]; then # none, or one that was used now: this one will have expired by the next run
	aws s3api put-object --bucket "$STATE_BUCKET" --key "$kept" --body "$work/tokens/member" >/dev/null
fi

(cd "$work/tokens" && jq -Rn '[inputs | {key: input_filename, value: .}] | from_entries' -- *) >"$work/tokens.json"
arguments=(--url "$url" --tokens-file "$work/tokens.json" --contract dist/contract.json)
if [ -n "${SMOKE_ORIGIN:-}" ]; then
	arguments+=(--origin "$SMOKE_ORIGIN")
fi
# API Gateway takes up to a minute to serve a new deployment everywhere; until then the previous one responds.
for pause in 30 60 0; do
	status=0
	"$work/cognito-authorizer" smoke "${arguments[@]}" || status=$?
	if [ "$status" -ne 1 ] || [ "$pause" -eq 0 ]; then
		exit "$status"
	fi
	echo "smoke-deployed: an unexpected response; trying again in $pause s, in case API Gateway still serves the previous deployment" >&2
	sleep "$pause"
done
