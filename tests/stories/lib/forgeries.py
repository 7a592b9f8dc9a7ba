"""Writes forged copies of a signed commit: `forgeries.py COMMIT OTHER TRUST LOG OUT`.

COMMIT and OTHER are raw objects of one repository, TRUST its trusted_root.json, LOG a folder with `entries.json` and
`checkpoint`. Every forgery is a file OUT/N; stdout lists `N<TAB>codes<TAB>what`.
"""

import base64
import hashlib
import json
import pathlib
import sys

import der
import log_entry
import signature
from signature import DECISION, ENTRY, TOKEN, Cms, arm, dearm, join, octets, split

commit, other, trust, log, out = [pathlib.Path(argument) for argument in sys.argv[1:]]
commit, other = commit.read_bytes(), other.read_bytes()
payload, armor = split(commit)
other_payload, other_armor = split(other)
assert join(payload, armor) == commit and arm(dearm(armor)) == armor, "the tools read the commit as git does"
cms, foreign = Cms(dearm(armor)), Cms(dearm(other_armor))
assert cms.write() == dearm(armor)
issuing = base64.b64decode(
    json.loads(trust.read_text())["certificateAuthorities"][0]["certChain"]["certificates"][0]["rawBytes"]
)
number = 0


def forged(codes, what, data):
    global number
    number += 1
    assert data != commit, what
    (out / str(number)).write_bytes(data)
    print(number, codes, what, sep="\t")


def by(codes, what, change):
    forged(codes, what, join(payload, arm(cms.changed(change))))


def raw(codes, what, data):
    forged(codes, what, join(payload, arm(data)))


def text(codes, what, armored):
    forged(codes, what, join(payload, armored))


def setting(place, tag, content):
    return lambda c: c.signer.__setitem__(place, (tag, content))


def unsigned(oid, value):
    return lambda c: c.replace(oid, value)


# Other encodings of the same values.
signed, free = cms.signed, cms.unsigned
by("cms.not_der", "signed attributes in another order", setting(3, 0xA0, b"".join(signed[1:] + signed[:1])))
by("cms.not_der", "unsigned attributes in another order", lambda c: c.set_unsigned(free[1:] + free[:1], sort=False))
whole = cms.write()
inner = der.only(whole)
raw("cms.not_der|limit.asn1_length", "a length with a leading zero", b"\x30\x83\x00" + len(inner).to_bytes(2, "big") + inner)
raw("cms.not_der|limit.asn1_length", "indefinite length", b"\x30\x80" + inner + b"\0\0")
raw("cms.trailing_data", "a NULL after the structure", whole + b"\x05\x00")
by("cms.alg_not_allowed|cms.digest_alg_inconsistent|cms.not_der", "NULL parameters", setting(2, 0x30, cms.signer[2][1] + b"\x05\x00"))
by("cms.version_mismatch", "SignerInfo version 3", setting(0, 0x02, b"\3"))

# Armour.
text("git.sig.armor_noncanonical", "armour of 76 columns", arm(whole, columns=76))
text("git.sig.armor_noncanonical", "armour with CRLF", arm(whole, end=b"\r\n"))
text("git.sig.armor_noncanonical", "prose before the armour", b"Approved by the security team.\n" + armor)
text("git.sig.armor_noncanonical", "a header inside the armour", armor.replace(b"-----\n", b"-----\nComment: approved\n\n", 1))
text("git.sig.unsupported_format", "the label PKCS7", arm(whole, label=b"PKCS7"))
text("git.sig.multiple_blocks", "two blocks", armor + other_armor)

# The closed list of parts.
claim = der.write(0x30, bytes.fromhex("060355040a") + der.write(0x31, der.write(0x0C, b"reviewed")))
by("cms.unsigned_attr_unknown", "one more unsigned attribute", lambda c: c.set_unsigned(free + [claim]))
by("cms.attr_unknown", "one more signed attribute", setting(3, 0xA0, b"".join(sorted(signed + [claim]))))
by("cms.attr_duplicate", "the decision twice", lambda c: c.set_unsigned(free + [a for a in free if DECISION in a[:24]]))
token = cms.evidence(TOKEN)
by("time.duplicate", "the token twice", unsigned(TOKEN, token * 2))
by("time.none", "no token", unsigned(TOKEN, None))
by("log.entry_missing", "no log entry", unsigned(ENTRY, None))
by("cms.attr_missing", "no decision", unsigned(DECISION, None))
by("cms.no_certificates", "no certificate", lambda c: setattr(c, "certificates", None))
by("cms.certificate_count", "the issuing authority enclosed", lambda c: setattr(c, "certificates", (0xA0, c.certificate + issuing)))
by("cms.signer_count", "a second signer", lambda c: setattr(c, "more_signers", der.write(0x30, der.join(foreign.signer))))
enclosed = (0x30, cms.content[1] + der.write(0xA0, octets(payload)))
by("cms.content_present", "the content enclosed", lambda c: setattr(c, "content", enclosed))

# Signatures with a twin.
by("cms.signature_encoding", "the high-s twin of the signature", setting(5, 0x04, der.high_s(cms.value)))
stamp = Cms(token)
twin = stamp.changed(setting(5, 0x04, der.high_s(stamp.value)))
by("time.tsa_signature|time.malformed", "the high-s twin in the token", unsigned(TOKEN, twin))

# Evidence that is true, but not about this signature or not the one that was given.
entries = [base64.b64decode(entry) for entry in json.loads((log / "entries.json").read_text())["entries"]]
leaves = [log_entry.leaf(entry) for entry in entries]
entry = cms.evidence(ENTRY)
own = log_entry.leaf(log_entry.body(hashlib.sha256(cms.signed_der).digest(), cms.value, cms.certificate))
assert leaves[log_entry.field(entry, 1)] == own, "the tools compute leaf hashes as the log does"
later = log_entry.with_later_proof(entry, leaves, (log / "checkpoint").read_bytes())
by("log.index_mismatch", "a valid proof into a later tree", unsigned(ENTRY, octets(later)))
moved = log_entry.encode([(n, v + 1 if n == 1 else v) for n, v in log_entry.fields(entry)])
by("log.index_mismatch|log.entry_malformed", "another index than the proof's", unsigned(ENTRY, octets(moved)))
with_body = entry + log_entry.encode([(7, entries[log_entry.field(entry, 1)])])
by("log.entry_malformed", "the entry with its body", unsigned(ENTRY, octets(with_body)))
by("log.leaf_mismatch|log.inclusion_proof|log.index_mismatch", "another commit's entry", unsigned(ENTRY, octets(foreign.evidence(ENTRY))))
by("time.imprint_mismatch", "another commit's token", unsigned(TOKEN, foreign.evidence(TOKEN)))
by("time.decision_mismatch", "another commit's decision", unsigned(DECISION, octets(foreign.evidence(DECISION))))
decision = cms.evidence(DECISION)
widened = decision.replace(b'"rules":["', b'"rules":["a', 1)
by("time.decision_mismatch", "another rule in the decision", unsigned(DECISION, octets(widened)))
at = token.index(b"Z", token.index(bytes.fromhex("180f"))) - 6
past = token[: at - 8] + b"20390101" + token[at:]
by("time.tsa_signature", "another time in the token", unsigned(TOKEN, past))
granted = der.write(0x30, der.write(0x30, b"\x02\x01\x00") + token)
by("time.malformed", "a whole TimeStampResp for the token", unsigned(TOKEN, granted))
forged("cms.digest", "another commit's signature", join(payload, other_armor))
by("cms.ess_mismatch|cms.signer_mismatch", "another leaf enclosed", lambda c: setattr(c, "certificates", foreign.certificates))

# The object around the signature.
forged("cms.digest", "a word added to the message", commit + b"Reviewed-by: Ada\n")
author = next(line for line in payload.splitlines() if line.startswith(b"author "))
ada = author.replace(b"author builder <", b"author Ada Person <")
forged("cms.digest", "another author", commit.replace(author, ada, 1))
forged("git.malformed.nul_in_message", "a NUL in the message", commit + b"hidden\0text\n")
forged("git.malformed.duplicate_header", "two trees", commit.replace(b"\n", b"\n" + commit[:46], 1))
forged("git.malformed.duplicate_header", "two authors", commit.replace(author, author + b"\n" + ada, 1))
parents = [line for line in payload.splitlines() if line.startswith(b"parent ")]
late = commit.replace(parents[0] + b"\n", b"", 1).replace(author + b"\n", author + b"\n" + parents[0] + b"\n", 1)
forged("git.malformed.header_order|hist.not_descendant", "a parent after the author", late)
forged("git.sig.duplicate_header", "two signature headers", join(join(payload, other_armor), armor))
forged("git.sig.duplicate_header|git.sig.wrong_hash_header", "a header of the other hash beside", join(join(payload, other_armor, b"gpgsig-sha256"), armor))
forged("git.sig.wrong_hash_header", "the header of the other hash", join(payload, armor, b"gpgsig-sha256"))
forged("git.sig.missing", "no signature", payload)
forged("git.sig.missing", "the signature in the message", payload + b"\n" + armor)
forged("git.sig.empty|git.malformed.header", "an empty signature", join(payload, b"\n"))
