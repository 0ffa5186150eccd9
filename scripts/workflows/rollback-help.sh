#!/usr/bin/env bash
# Prints, as Markdown, how to roll back after a failed deployment.   scripts/workflows/rollback-help.sh
set -euo pipefail

commit=${GITHUB_SHA:-$(git rev-parse HEAD)}
cat <<-TEXT
	## The deployment failed: how to roll back

	Commit \`$commit\` was applied, in whole or in part, and is live. Nothing is undone automatically.

	1. **Roll back now.** Run the last commit that worked again. It is built, planned against the current state, applied and tested:

	   ~~~sh
	   gh run list --workflow deploy.yml --branch main --status success --limit 5
	   gh run rerun RUN_ID
	   ~~~

	2. **Revert the faulty commit,** because the next merge would deploy it again, and merge that:

	   ~~~sh
	   git revert $commit
	   ~~~

	Do not rerun only the failed jobs: their plan cannot be applied twice. Rerun all jobs, which makes a new plan.
	Do not restore an older version of the state: it would forget resources that exist.
TEXT
