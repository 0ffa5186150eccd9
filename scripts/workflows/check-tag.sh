#!/usr/bin/env bash
# Fails unless a tag is a version, v1.2.3 or v1.2.3-rc.1, names the commit checked out, that commit is on main, and the same
# commit has the tag shared/v1.2.3, under which "go get" finds the module shared.
#   TAG=v1.2.3 scripts/workflows/check-tag.sh
set -euo pipefail

tag=${TAG:?check-tag: set TAG to the tag, for example v1.2.3}
if ! [[ $tag =~ ^v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?$ ]]; then
	echo "check-tag: $tag is not a version: write v1.2.3, or v1.2.3-rc.1 for a trial" >&2
	exit 1
fi
if ! commit=$(git rev-parse --verify --quiet "refs/tags/$tag^{commit}") || [ "$commit" != "$(git rev-parse HEAD)" ]; then
	echo "check-tag: the tag $tag does not name the commit that is checked out: git checkout $tag" >&2
	exit 1
fi
if ! git merge-base --is-ancestor "$commit" origin/main; then
	echo "check-tag: $tag is not on main, where changes are reviewed: tag a commit of main" >&2
	exit 1
fi
if [ "$(git rev-parse --verify --quiet "refs/tags/shared/$tag^{commit}")" != "$commit" ]; then
	echo "check-tag: there is no tag shared/$tag on the same commit, so Go modules could not import this version: git tag shared/$tag $tag, and push both at once" >&2
	exit 1
fi
