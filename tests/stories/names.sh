#!/usr/bin/env bash
# Names that people and tools take for one another: protected paths, authors, tags.
source "$(dirname "$0")/lib/story.sh"
world

START=$(git -C "$REPO" rev-parse HEAD)
fresh() { git -C "$REPO" reset -q --hard "$START"; git -C "$REPO" clean -qfd; }
plant() { agent "mkdir -p \"\$(dirname '$1')\"; echo x >'$1'; git add -f -- '$1'; git commit -qm x" >/dev/null 2>&1 || true; }

for path in AGENTS.md CLAUDE.md .cursorrules .claude/settings.json .github/copilot-instructions.md .github/workflows/x.yml \
    .gitlab-ci.yml Jenkinsfile .env .chancery/x .chancery/policy/baseline/x.cedar .chancery/anchor/2.json; do
    plant "$path"
    holds "without a prompt an agent does not get $path signed" test "$(git -C "$REPO" rev-parse HEAD)" = "$START"
    fresh
done
# On file systems that fold case these overwrite what is protected.
for path in .Chancery/policy/baseline/agents.cedar .CHANCERY/config.toml .chancery/Policy/baseline/agents.cedar; do
    plant "$path"
    if [ "$(git -C "$REPO" rev-parse HEAD)" = "$START" ]; then
        claim "an agent does not get $path signed"
    else
        holds "$path is at least told of" jq -e '[.subjects[].reasons[].code] | index("git.tree.collision")' <(ci --commit HEAD)
    fi
    fresh
done

# The author line is text.
agent 'git commit -q --allow-empty --author "CEO <ceo@example.org>" -m x'
holds 'an author who is neither signer nor sponsor is told of' jq -e '[.subjects[].reasons[].code] | index("id.author_differs")' <(ci --commit HEAD)
holds 'and the signer is named as who he is' jq -e '.subjects[0].signer | .agent == "builder" and .class == "agent"' <(ci --commit HEAD)
fresh
person git commit -q --allow-empty --author 'CEO <ceo@example.org>' -m x
holds 'the same for a person' jq -e '[.subjects[].reasons[].code] | index("id.author_differs")' <(ci --commit HEAD)
fresh
person git commit -q --allow-empty -m x
holds "one's own name is nothing to tell" jq -e '[.subjects[].reasons[].code] == []' <(ci --commit HEAD)
fresh

# A signed tag does not sign what it points to.
git -C "$REPO" -c commit.gpgsign=false commit -q --allow-empty -m Unsigned
person git tag -s -m x v1
refuses 'git.sig.missing|hist\.[a-z_]+' 'a signed tag on an unsigned commit' ci --tag v1
fresh
