"""sigstore-conformance's verification cases through `chancery artifact verify --sigstore`.

usage: conformance.py CHANCERY ASSETS [CODES]

ASSETS is the suite's `test/assets/bundle-verify`: a folder a case, `_fail` where it must be refused. Each runs with the
artifact and with its digest. CODES, a JSON file {case: code}, names the reason each refusal must have. Exit 1 unless all hold.
"""
import concurrent.futures
import hashlib
import json
import pathlib
import subprocess
import sys

IDENTITY = (
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/"
    ".github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main"
)
ISSUER = "https://token.actions.githubusercontent.com"


def text(path, default):
    return path.read_text().strip() if path.exists() else default


def command(chancery, case, by_digest):
    artifact = case / "artifact"
    if not artifact.exists():
        artifact = case.parent / "a.txt"
    about = "sha256:" + hashlib.sha256(artifact.read_bytes()).hexdigest() if by_digest else str(artifact)
    root = case / "trusted_root.json"
    line = [chancery, "artifact", "verify", "--json", "--sigstore", about, "--bundle", str(case / "bundle.sigstore.json")]
    line += ["--trusted-root", str(root) if root.exists() else "public"]
    if (case / "key.pub").exists():
        return line + ["--key", str(case / "key.pub")]
    return line + ["--identity", text(case / "identity", IDENTITY), "--issuer", text(case / "issuer", ISSUER)]


def run(chancery, case, by_digest):
    """The exit code and the reasons' codes."""
    done = subprocess.run(command(chancery, case, by_digest), capture_output=True, text=True, env={"HOME": "/nonexistent"})
    try:
        subjects = json.loads(done.stdout)["subjects"]
        codes = [reason["code"] for subject in subjects for reason in subject["reasons"]]
    except (ValueError, KeyError):
        codes = ["no answer: " + done.stderr.strip()[-200:]]
    return done.returncode, codes


def main():
    chancery, assets = sys.argv[1], pathlib.Path(sys.argv[2])
    expected = json.loads(pathlib.Path(sys.argv[3]).read_text()) if len(sys.argv) > 3 else {}
    cases = sorted(path for path in assets.iterdir() if path.is_dir())
    runs = [(case, by_digest) for case in cases for by_digest in (False, True)]
    held = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda one: run(chancery, *one), runs)
        for (case, by_digest), (code, codes) in zip(runs, answers):
            wanted = 1 if case.name.endswith("_fail") else 0
            holds = code == wanted and bool(codes) == bool(wanted)
            holds = holds and (not wanted or expected.get(case.name, codes[0]) == codes[0])
            held += holds
            print(f"{'ok' if holds else 'BROKEN'}: {case.name} by {'digest' if by_digest else 'content'}: {' '.join(codes)}")
    print(f"{held} of {len(runs)} conformance cases hold")
    sys.exit(held != len(runs) or not runs)


main()
