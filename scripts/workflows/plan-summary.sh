#!/usr/bin/env bash
# Prints the kept plan as Markdown. Terraform writes "(sensitive value)" where one stands.   scripts/workflows/plan-summary.sh
set -euo pipefail

text=dist/terraform.txt
limit=900000 # bytes; GitHub accepts a job summary of up to a megabyte, and drops a longer one
[ -f "$text" ] || { echo "plan-summary: $text is missing: make plan" >&2; exit 1; }

counts=$(grep -E '^(Plan:|No changes\.)' "$text" || true)
echo "## Terraform: ${counts:-changes to outputs only}"
echo
echo "<details><summary>the plan</summary>"
echo
echo '~~~text'
head -c "$limit" "$text" | sed 's/^~~~/ ~~~/'
echo
echo '~~~'
echo
echo "</details>"
if [ "$(wc -c <"$text")" -gt "$limit" ]; then
	echo
	echo "Cut after $limit bytes. The whole is in the log of the step before."
fi
