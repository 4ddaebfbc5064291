#!/usr/bin/env bash
# Runs the README's two commands and puts what they print into it, with the example as its test compiles it.
# Usage: build/capture-readme.sh [finetune] [verify] [example], all three by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

captured=$(mktemp -d)
trap 'rm -rf "$captured"' EXIT

# Replaces what stands between <!-- $1 --> and <!-- /$1 --> by a code block of language $2 with standard input.
put() {
    { printf '```%s\n' "$2" && cat && printf '```\n'; } >"$captured/block"
    if ! grep -qFx "<!-- $1 -->" README.md || ! grep -qFx "<!-- /$1 -->" README.md; then
        echo "README.md: no place for $1" >&2
        exit 1
    fi
    awk -v start="<!-- $1 -->" -v end="<!-- /$1 -->" -v block="$captured/block" '
        $0 == end { inside = 0 }
        !inside
        $0 == start { inside = 1; while ((getline line < block) > 0) print line }
    ' README.md >"$captured/README.md"
    cat "$captured/README.md" >README.md
}

# As on a fresh machine: nothing built, nothing unpacked, no terminal, no run before it.
finetune() {
    rm -f cli/target/launcher.stamp
    LORIKEET_CACHE=$captured/cache ./lorikeet finetune --force </dev/null >"$captured/finetune" 2>&1 ||
        { cat "$captured/finetune"; exit 1; }
    { echo '$ ./lorikeet finetune' && cat "$captured/finetune"; } | put output:finetune console
}

# Of Maven's many lines: the count of the tests in each module, and the end.
verify() {
    mvn -B -ntp verify </dev/null >"$captured/verify" || { cat "$captured/verify"; exit 1; }
    { echo '$ mvn verify' && grep -E '^\[[A-Z]+\] (Tests run: [^-]*$|BUILD|Total time)' "$captured/verify"; } | put output:verify console
}

# The region of the test between "README: begin" and "README: end", less its indentation.
example() {
    sed -n '/README: begin/,/README: end/{//!p;}' cli/src/test/java/dev/lorikeet/cli/ReadmeExampleTest.java \
        | sed 's/^        //' | put example java
}

[[ $# -gt 0 ]] || set -- finetune verify example
for part in "$@"; do
    case $part in
        finetune | verify | example) "$part" ;;
        *) echo "unknown part: $part" >&2 && exit 2 ;;
    esac
done
