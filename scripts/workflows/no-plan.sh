#!/usr/bin/env bash
# Prints, as Markdown, why this pull request has no plan.   scripts/workflows/no-plan.sh
set -euo pipefail

cat <<-'TEXT'
	## No plan for this pull request

	A plan reads the deployed state and runs code of the pull request. Pull requests from forks and from Dependabot
	therefore get none, and no access to AWS: **no plan does not mean no changes.** All other checks run.

	A maintainer who has read the change can push it to a branch of this repository to see the plan. After the merge main
	is planned in any case, and an approver of the environment sees the plan before it is applied.
TEXT
