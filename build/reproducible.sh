#!/usr/bin/env bash
# Builds what a release publishes, but for its signatures, twice, from what git has of the last commit, in two folders,
# and compares every byte; ends with the SHA-256 of each file. Takes a few minutes.
# Usage: build/reproducible.sh [MAVEN OPTION...], for example -o
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

place=$(mktemp -d)
trap 'rm -rf -- "$place"' EXIT

for copy in first second/of/another/depth; do
    mkdir -p "$place/$copy"
    git archive HEAD | tar -x -C "$place/$copy"
    (cd "$place/$copy" && mvn -B -ntp -q -Prelease -Dgpg.skip -Dmaven.test.skip=true "$@" package </dev/null)
    (cd "$place/$copy" && find . -path '*/target/lorikeet-*.jar' | sort | xargs sha256sum) >"$place/${copy%%/*}.sums"
done

cat "$place/first.sums"
[[ -s $place/first.sums ]]
diff "$place/first.sums" "$place/second.sums"
echo "the same bytes twice"
