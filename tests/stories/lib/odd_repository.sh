# Makes a repository whose history holds what real ones hold and tools forget. Sourced after story.sh.

# odd_repository FOLDER FORMAT: merges of two and three, an evil merge, a gitlink, links, changed modes, odd names.
odd_repository() {
    local folder=$1 format=$2 blob zeros
    git init -q --object-format="$format" "$folder"
    (
        cd "$folder"
        export GIT_AUTHOR_DATE='1112911993 -0730' GIT_COMMITTER_DATE='1112911993 -0730'
        mkdir -p src/deep/er 'with space' .github/workflows
        printf 'one\n' >src/one; printf 'two\n' >src/deep/er/two; printf 'three\n' >'with space/three "quoted"'
        printf 'umlaut\n' >$'caf\303\251'; printf 'latin\n' >$'caf\351'; printf 'newline\n' >$'two\nlines'; : >empty
        printf 'on: push\n' >.github/workflows/ci.yml
        head -c 300000 /dev/urandom >binary
        ln -s one src/link; ln -s /nowhere dangling
        git add -A; git commit -qm 'Start'
        zeros=$(printf '%0*d' "$([ "$format" = sha1 ] && echo 40 || echo 64)" 7)
        git update-index --add --cacheinfo "160000,$zeros,vendor/module"; mkdir -p vendor/module
        git commit -qm 'Pin a submodule without .gitmodules'
        chmod +x src/one; git add src/one; git commit -qm 'Change a mode'
        git rm -q dangling; ln -s src/deep dangling; git add dangling; git commit -qm 'Turn a link'
        git switch -qc left; printf 'left\n' >left; git add left; git commit -qm 'Left'
        git switch -qc right main; printf 'right\n' >right; git add right; git commit -qm 'Right'
        git switch -qc third main; git mv src/one src/renamed; git commit -qm 'Rename'
        git switch -q main; git merge -q --no-ff -m 'Two' left
        git merge -q -m 'Octopus' right third
        git switch -qc evil HEAD~1; printf 'evil\n' >evil; git add evil; git commit -qm 'Beside'
        git switch -q main; git merge -q --no-ff --no-commit evil; printf 'slipped in\n' >slipped; git add slipped
        git commit -qm 'Merge and more'
        git checkout -q --orphan island; git rm -qrf . ; printf 'island\n' >island; git add island; git commit -qm 'A second root'
        git switch -q main; git merge -q --allow-unrelated-histories -m 'Join the island' island
        git commit -q --allow-empty --allow-empty-message -m ''
        git -c i18n.commitEncoding=ISO-8859-1 commit -q --allow-empty -m $'Gr\374\337e'
        git tag light HEAD~1; git tag -m 'annotated' v1
    ) >/dev/null 2>&1
}
