#!/usr/bin/env bash
# A merge carries what others changed and nothing else: whoever merges answers for every path where a side that changed
# is overruled, and no merge takes back an anchor.
source "$(dirname "$0")/lib/story.sh"
world

at() { git -C "$REPO" rev-parse "${1:-HEAD}"; }
start=$(at)
# back ID: main is there again, whatever was left half done.
back() {
    git -C "$REPO" reset -q --hard
    git -C "$REPO" switch -q main
    git -C "$REPO" reset -q --hard "$1"
    git -C "$REPO" clean -qfd
    git -C "$REPO" branch -qD work 2>/dev/null || true
}
# An agent that may change docs/ alone, on a branch from the start.
docs() { GRANT='--path docs/' agent "$1"; }
BRANCH="git switch -qc work $start; mkdir -p docs; echo d >docs/d; git add docs; git commit -qm Docs"
# overruled WHAT SCRIPT: the agent's merge is not signed, or refused by the verifier in a range and as a whole.
overruled() {
    local what=$1 before; before=$(at)
    docs "$BRANCH; $2" >"$SCRATCH/merge" 2>&1 || true
    if ! grep -q 'MERGED' <<<"$(git -C "$REPO" log --format=%s work)"; then
        grep -q 'failed to sign' "$SCRATCH/merge" && claim "$what: nobody signs it" || broken "$what: $(tail -n 3 "$SCRATCH/merge")"
    else
        refuses 'scope\.[a-z_]+|policy\.[a-z_]+|anchor\.[a-z_]+|hist.evil_merge' "$what" ci --range main..work
        git -C "$REPO" switch -q main; git -C "$REPO" merge -q --ff-only work
        refuses 'scope\.[a-z_]+|policy\.[a-z_]+|anchor\.[a-z_]+|hist.evil_merge' "$what, as a whole" ci --all
    fi
    back "$before"
}

person bash -c 'mkdir -p src docs; echo fix >src/fix; echo p >docs/p; git add .; git commit -qm "A fix"'
fixed=$(at)

# What everybody does must stay possible.
docs "$BRANCH; git merge -q -m MERGED main"
holds "an agent brings its branch up to date with others' work" ci --range main..work
git -C "$REPO" switch -q main; git -C "$REPO" merge -q --ff-only work
holds 'and main follows it' ci --all
back "$fixed"
docs "$BRANCH; echo other >docs/p; git add .; git commit -qm Other; git merge -q -m MERGED main || { echo both >docs/p; git add .; git commit -qm MERGED; }" >/dev/null
holds 'an agent resolves a conflict inside its paths' ci --range main..work
back "$fixed"
docs "$BRANCH"
person git merge -q --no-ff -m 'Merge work' work
holds "a person merges the agent's branch" ci --all
back "$fixed"

# What a merge may not do.
overruled "a merge that undoes another's fix (-s ours)" 'git merge -q -s ours -m MERGED main'
overruled "a merge that takes main's name and the branch's tree" \
    'c=$(git commit-tree -S -p main -p HEAD -m MERGED "HEAD^{tree}"); git reset -q --hard $c'
overruled 'a merge that brings a change neither side has' \
    'git merge -q --no-commit main; echo evil >src/evil; git add src; git commit -qm MERGED'
overruled "a merge that alters the fix" 'git merge -q --no-commit main; echo broken >src/fix; git add src; git commit -qm MERGED'
overruled 'a merge that makes the fix executable' 'git merge -q --no-commit main; chmod +x src/fix; git add src; git commit -qm MERGED'

person "$BIN/chancery" anchor update --repo "$REPO" --out "$SCRATCH/anchor-2.json" >/dev/null
overruled 'a merge that takes back the second anchor' 'git merge -q -s ours -m MERGED main'
holds 'after all this the history is accepted' ci --all
