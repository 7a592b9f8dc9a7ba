"""What an agent tries that runs as its person's own system user: `agent_tries.py BIN HOME REPO SCRATCH ENGINE`.

Prints `ok: …` for what was refused and `BROKEN: …` for what was not.
"""

import ctypes
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.error
import urllib.request

BIN, HOME, REPO, SCRATCH = [pathlib.Path(argument) for argument in sys.argv[1:5]]
ENGINE = sys.argv[5]
# What PKCS#8 of P-256 and Ed25519 keys holds whatever the key, SEC 1 keys, and PEM.
KEY_MARKS = [
    bytes.fromhex("020100301306072a8648ce3d020106082a8648ce3d030107"),
    bytes.fromhex("300506032b657004220420"),
    bytes.fromhex("30770201010420"),
    b"PRIVATE KEY-----",
    b"own_",
]
broken = 0


def tell(what, refused, detail=""):
    global broken
    broken += not refused
    print(f"ok: {what}" if refused else f"BROKEN: {what} {detail}", flush=True)


def run(*command, env=None, **more):
    return subprocess.run([str(part) for part in command], env=env, capture_output=True, timeout=120, **more)


def files(*places):
    for place in places:
        for path in pathlib.Path(place).rglob("*"):
            if path.is_file() and not path.is_symlink():
                try:
                    yield path, path.read_bytes()
                except OSError:
                    continue


def processes(name):
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        text = b" ".join(command)
        if pathlib.Path(command[0].decode(errors="replace")).name == name and str(SCRATCH).encode() in text:
            yield int(entry.name)


def without_session(**more):
    env = {key: value for key, value in os.environ.items() if not key.startswith(("CHANCERY_SESSION", "GIT_CONFIG"))}
    return {**env, **more}


# Files.
found = [(path, mark) for path, data in files(HOME, os.environ["HOME"], REPO) for mark in KEY_MARKS if mark in data]
tell("no file holds a key or a credential in the clear", not found, str(found[:3]))
environment = "\0".join(f"{key}={value}" for key, value in os.environ.items()).encode()
tell("the environment holds none", not any(mark in environment for mark in KEY_MARKS))
sealed = [path for path, _ in files(HOME) if path.suffix == ".sealed"]
tell("sealed keys are there to be read, and are only sealed bytes", len(sealed) >= 2, str(sealed))

# Memory.
libc = ctypes.CDLL(None, use_errno=True)
for name in ["chancery-broker", "chancery-server"]:
    found = list(processes(name))
    tell(f"{name} runs", bool(found))
    for process in found:
        for file in ["mem", "environ", "maps", "fd", "auxv", "stack"]:
            path = f"/proc/{process}/{file}"
            try:
                os.listdir(path) if file == "fd" else open(path, "rb").read(16)
                tell(f"/proc/{name}/{file} is closed", False, f"it was read: {path}")
            except OSError:
                tell(f"/proc/{name}/{file} is closed", True)
        # PTRACE_ATTACH is 16, PTRACE_SEIZE 0x4206.
        for request in [16, 0x4206]:
            refused = libc.ptrace(request, process, 0, 0) == -1
            tell(f"ptrace of {name} is refused ({request})", refused)
        local, remote = ctypes.create_string_buffer(16), 0x400000
        vector = (ctypes.c_size_t * 2)(ctypes.addressof(local), 16)
        there = (ctypes.c_size_t * 2)(remote, 16)
        libc.process_vm_readv.restype = ctypes.c_ssize_t
        read = libc.process_vm_readv(process, vector, 1, there, 1, 0)
        tell(f"process_vm_readv of {name} is refused", read == -1 and ctypes.get_errno() == 1, f"{read} {ctypes.get_errno()}")


# The engine, without a credential and with whatever looks like one.
def ask(method, route, body=None, bearer=None):
    headers = {"content-type": "application/json"}
    if bearer:
        headers["authorization"] = f"Bearer {bearer}"
    request = urllib.request.Request(ENGINE + route, method=method, headers=headers, data=body and json.dumps(body).encode())
    try:
        return urllib.request.urlopen(request, timeout=20).status, ""
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


person = {"person": "mallory@example.org"}
agent = {"name": "mallory", "class": "coder", "sponsor": "ada@example.org"}
session = {"person": "ada@example.org", "custody": "broker"}
for route, body in [("/v1/persons", person), ("/v1/agents", agent), ("/v1/sessions/person", session)]:
    for bearer in [None, "own_guess", os.environ.get("CHANCERY_SESSION")]:
        status, text = ask("POST", route, body, bearer)
        refused = status in (401, 403) and "issue.unauthorized" in text
        tell(f"POST {route} {'with' if bearer else 'without'} a credential", refused, f"{status} {text[:120]}")
tokens = set(re.findall(rb"(?<![0-9A-Za-z_-])[0-9A-Za-z_-]{32,64}(?![0-9A-Za-z_-])", environment))
small = [data for path, data in files(HOME, os.environ["HOME"]) if len(data) < 1 << 16 and path.suffix != ".json"]
for data in small:
    tokens.update(re.findall(rb"(?<![0-9A-Za-z_-])[0-9A-Za-z_-]{43,64}(?![0-9A-Za-z_-])", data))
opened = [token for token in list(tokens)[:400] if ask("GET", "/v1/agents", bearer=token.decode())[0] == 200]
tell(f"none of {min(len(tokens), 400)} words that look like credentials opens a session at the engine", not opened, str(opened[:2]))

# The person's rights, from inside the session, from another session of processes, from a terminal of its own.
chancery = BIN / "chancery"
prompt = SCRATCH / "prompt.md"
acts = {
    "register a person": [chancery, "person", "register", "mallory@example.org"],
    "register an agent": [chancery, "agent", "register", "mallory", "--sponsor", "ada@example.org"],
    "sign a grant": [chancery, "grant", "create", "--agent", "builder", "--repo", REPO],
    "sign a prompt": [chancery, "prompt", "sign", prompt, "--repo", REPO],
    "log in": [chancery, "login", "ada@example.org"],
    "stop the engine's policy": [chancery, "anchor", "update", "--repo", REPO],
}


def daemon(command):
    """Runs a command whose ancestors are gone: forked twice, in its own session, without the session's variables."""
    script = 'setsid sh -c \'(sleep 0.3; "$@" >"$0/said" 2>&1 </dev/null; echo $? >"$0/code") &\' "$@"'
    for name in ["said", "code"]:
        (SCRATCH / name).unlink(missing_ok=True)
    run("sh", "-c", script, "sh", SCRATCH, *command, env=without_session())
    run("sh", "-c", f'for n in $(seq 200); do [ -e "{SCRATCH}/code" ] && exit; sleep 0.1; done')
    said = (SCRATCH / "said").read_text(errors="replace") if (SCRATCH / "said").exists() else ""
    code = (SCRATCH / "code").read_text().strip() if (SCRATCH / "code").exists() else "none"
    return code, said


for act, command in acts.items():
    inside = run(*command, stdin=subprocess.DEVNULL)
    tell(f"inside the session: {act}", inside.returncode in (1, 3), f"exit {inside.returncode} {inside.stderr[-200:]}")
    apart = run("setsid", "-w", *command, env=without_session(), stdin=subprocess.DEVNULL)
    tell(f"without CHANCERY_SESSION, setsid: {act}", apart.returncode in (1, 3), f"exit {apart.returncode} {apart.stderr[-200:]}")
    line = " ".join(f"'{part}'" for part in command)
    pty = run("script", "-qec", line, "/dev/null", env=without_session(), input=b"y\ny\nown_guess\n")
    tell(f"on a terminal of its own: {act}", pty.returncode in (1, 3), f"exit {pty.returncode} {pty.stdout[-200:]}")
    code, said = daemon(command)
    tell(f"as an orphan: {act}", code in ("1", "3"), f"exit {code} {said[-200:]}")

# Commits. What is signed in the session is the agent's; outside it nothing is.
git = ["git", "-C", REPO, "-c", "gpg.format=x509", "-c", f"gpg.x509.program={BIN}/gitsign-hook", "-c", "user.signingkey=ada@example.org"]
commit = [*git, "commit", "-q", "-S", "--allow-empty", "-m", "In the name of the person"]
named = {"GIT_AUTHOR_NAME": "Ada Person", "GIT_AUTHOR_EMAIL": "ada@example.org"}


def head():
    return run("git", "-C", REPO, "rev-parse", "HEAD").stdout


def signer(revision):
    anchor = next((HOME / "anchors").glob("*.json"))
    judged = run(BIN / "chancery-ci", "verify", "--json", "--commit", revision.decode().strip(), "--repo", REPO, "--anchor", anchor)
    return json.loads(judged.stdout)["subjects"][0].get("signer", {}).get("class")


for how, attempt in {
    "inside the session": lambda: run(*commit, env={**os.environ, **named}),
    "without CHANCERY_SESSION, setsid": lambda: run("setsid", "-w", *commit, env=without_session(**named)),
    "on a terminal of its own": lambda: run("script", "-qec", " ".join(f"'{p}'" for p in commit), "/dev/null", env=without_session(**named), input=b"y\n"),
    "as an orphan": lambda: daemon(commit),
}.items():
    before = head()
    attempt()
    after = head()
    who = "nobody" if after == before else signer(after)
    tell(f"{how}: a commit in the person's name is signed by {who}", who in ("nobody", "agent"), str(who))

print("end of the tries")
sys.exit(1 if broken else 0)
