#!/usr/bin/env bash
# Whatever git makes through the hook, as an agent or as the person, the verifier accepts and git itself shows as good.
source "$(dirname "$0")/lib/story.sh"
world

# all_good WHAT: the whole history since the adoption is accepted, and git shows it as good.
all_good() {
    holds "$1: the verifier accepts the history" ci --all
    holds "$1: git shows every signature as good" bash -c '[ -z "$(git -C "$1" log --format=%G? | grep -v G)" ]' - "$REPO"
}
signer() { ci --commit "${1:-HEAD}" | jq -r '.subjects[0].signer | "\(.class) \(.agent // .identity) \(.custody)"'; }
at() { git -C "$REPO" rev-parse "${1:-HEAD}"; }

# As an agent.
agent 'echo a >a; git add a; git commit -qm "Add a"'
all_good 'commit'
holds 'its signer is the agent' grep -q '^agent builder' <(signer)
before=$(at)
agent 'echo b >>a; git commit -qa --amend -m "Add a, amended"'
all_good 'commit --amend'
fails 'amending made another commit' test "$before" = "$(at)"
agent 'git switch -qc topic; for n in 1 2 3; do echo $n >topic-$n; git add .; git commit -qm "Topic $n"; done
    git switch -q main; echo c >c; git add c; git commit -qm "Add c"; git merge -q --no-ff -m "Merge topic" topic'
all_good 'merge --no-ff'
holds 'the merge has two parents' test "$(git -C "$REPO" rev-list --parents -1 HEAD | wc -w)" = 3
agent 'git switch -qc rebased HEAD~1; for n in 4 5; do echo $n >topic-$n; git add .; git commit -qm "Topic $n"; done
    git rebase -q main; git switch -q main; git merge -q --ff-only rebased'
all_good 'rebase of two commits'
agent 'git switch -qc pick HEAD~3; echo p >picked; git add .; git commit -qm "To be picked"; git switch -q main; git cherry-pick pick >/dev/null'
all_good 'cherry-pick'
agent 'git revert --no-edit HEAD >/dev/null'
all_good 'revert'
agent 'echo d >d; git add d; git commit -qm "Fix" --fixup=HEAD~1; GIT_SEQUENCE_EDITOR=: git rebase -q -i --autosquash HEAD~3'
all_good 'interactive rebase with autosquash'
agent 'git mv a moved; chmod +x c; ln -s c link; git rm -q d; git add -A; git commit -qm "Move, chmod, link, remove"'
all_good 'renames, modes, links, removals'
agent 'git commit -q --allow-empty -m "Nothing"'
all_good 'an empty commit'
agent 'printf "subject\n\nbody with \303\274mlaut and a trailing dash -----BEGIN PGP SIGNATURE-----\n" | git commit -q --allow-empty -F -'
all_good 'a message that looks like armour'
agent 'git worktree add -q ../linked -b linked; cd ../linked; echo w >w; git add w; git commit -qm "From a linked work tree"; cd - >/dev/null; git merge -q --ff-only linked; git worktree remove ../linked'
all_good 'a linked work tree'
agent 'git format-patch -q -1 -o ../patches; git reset -q --hard HEAD~1; git am -q ../patches/*.patch'
all_good 'am'
agent 'echo s >s; git stash -q -u; git stash pop -q; git add s; git commit -qm "After a stash"'
all_good 'stash'
agent 'mkdir -p deep; cd deep; echo x >x; git add x; git commit -qm "From below"; GIT_DIR=../.git GIT_WORK_TREE=.. git commit -q --allow-empty -m "With GIT_DIR"'
all_good 'a folder below, GIT_DIR'

# As the person.
person git commit -q --allow-empty -m 'By the person'
all_good 'a commit of the person'
holds 'its signer is the person' grep -q '^person' <(signer)
before=$(at)
person git commit -q --amend --allow-empty -m 'By the person, amended'
person git switch -q -c side HEAD~1
person bash -c 'echo side >side; git add side; git commit -qm Side; git switch -q main; git merge -q --no-ff -m "Merge side" side'
all_good 'amend and merge of the person'
person git tag -s -m 'Release 1' v1
holds 'the verifier accepts the tag' ci --tag v1
holds 'git verify-tag' git -C "$REPO" verify-tag v1
for what in 'HEAD^{tree}' 'HEAD:s'; do
    fails "a tag of $what is not made" person git tag -s -m 'No release' other "$what"
    holds 'and the home keeps why' grep -q 'git.tag.target' "$CHANCERY_HOME/last-refusal.json"
done
holds 'git verify-commit' git -C "$REPO" verify-commit HEAD
holds 'log --show-signature names person, agent and sponsor' bash -c 'log=$(git -C "$1" log --show-signature 2>&1); grep -q "from person" <<<"$log" && grep -q "from agent spiffe://.* for " <<<"$log"' - "$REPO"
holds 'a clone verifies as well' bash -c 'git clone -q --no-local "$1" "$2" && "$3" verify --all --json --repo "$2" --anchor "$4"' - "$REPO" "$SCRATCH/clone" "$BIN/chancery-ci" "$ANCHOR"
git -C "$REPO" gc -q --prune=now
holds 'and the repository after gc' ci --all

# Dates are nobody's evidence.
agent 'GIT_COMMITTER_DATE="2001-01-01T00:00:00Z" GIT_AUTHOR_DATE="2090-01-01T00:00:00Z" git commit -q --allow-empty -m "Dated"'
signed=$(ci --commit HEAD | jq -r '.subjects[0].signed_at | fromdate')
[ $(($(date +%s) - signed)) -lt 120 ] && claim 'the time is the engine'"'"'s, whatever the commit says' || broken "signed at $signed"

# Sessions end.
fails 'outside its session the agent signs nothing' env -C "$REPO" git commit -q --allow-empty -m 'Nobody'
holds 'and left no commit' test "$(git -C "$REPO" log -1 --format=%s)" = Dated
agent 'echo "$CHANCERY_SESSION" >../handle'
fails 'a handle of an ended session is worth nothing' env -C "$REPO" CHANCERY_SESSION="$(cat "$REPO/../handle")" git commit -q --allow-empty -m 'Late'

# Installing and uninstalling, and what both leave alone.
git init -q "$SCRATCH/plain"
cd "$SCRATCH/plain"
printf '# kept\n[user]\n\tname = X ; trailing\n[gpg]\n    format = ssh\n\n[commit]\n\tgpgSign = false\n' >>.git/config
cp .git/config "$SCRATCH/config"
holds 'install' "$BIN/gitsign-hook" install --home "$CHANCERY_HOME"
holds 'git is configured' test "$(git config gpg.format) $(git config commit.gpgsign)" = 'x509 true'
holds 'status answers' "$BIN/gitsign-hook" status --home "$CHANCERY_HOME" --json
holds 'install again' "$BIN/gitsign-hook" install --home "$CHANCERY_HOME"
holds 'uninstall' "$BIN/gitsign-hook" uninstall --home "$CHANCERY_HOME"
holds '.git/config is restored byte for byte' cmp .git/config "$SCRATCH/config"
fails 'uninstalling twice is refused' "$BIN/gitsign-hook" uninstall --home "$CHANCERY_HOME"
git config extensions.worktreeConfig true
git config --worktree gpg.x509.program /bin/false
refuses hook.program_overridden 'an installation that a work tree overrules says so' "$BIN/gitsign-hook" install --home "$CHANCERY_HOME" --json
git config --worktree --unset gpg.x509.program
holds 'and succeeds once it does not' "$BIN/gitsign-hook" install --home "$CHANCERY_HOME"
