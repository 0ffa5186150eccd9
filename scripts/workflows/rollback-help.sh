#!/usr/bin/env bash
# Prints, as Markdown, how to go back after a deployment that did not end well.   scripts/workflows/rollback-help.sh
set -euo pipefail

commit=${GITHUB_SHA:-$(git rev-parse HEAD)}
cat <<-TEXT
	## Deployed, and not right: how to go back

	Commit \`$commit\` was applied, in whole or in part, and is live: nothing is undone by itself.

	1. **Go back now.** Run the last good commit again. It is built, planned against the state as it is now, applied, tested:

	   ~~~sh
	   gh run list --workflow deploy.yml --branch main --status success --limit 5
	   gh run rerun RUN_ID
	   ~~~

	2. **Stay there.** The next merge would bring the fault back, so take it out, and merge that:

	   ~~~sh
	   git revert $commit
	   ~~~

	Do not run the failed jobs alone again: their plan has been used. Run all jobs, which makes a new one.
	Do not bring back an older version of the state: it would forget what there is.
TEXT
