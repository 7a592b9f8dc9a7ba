"""The tokens of a commit: stamps.py list|strip|double COMMIT.

`list` prints each as hexadecimal digits, `strip` writes the commit without a foreign authority's, `double` with that one twice.
"""

import pathlib
import sys

import der
from signature import TOKEN, Cms, arm, dearm, join, split

# 2.25.246148246.5.1
COUNTERSIGNED = bytes.fromhex("060769f5afd9160501")

what, path = sys.argv[1:]
payload, armor = split(pathlib.Path(path).read_bytes())
cms = Cms(dearm(armor))
(values,) = [der.only(attribute)[len(TOKEN) :] for attribute in cms.unsigned if der.only(attribute).startswith(TOKEN)]
tokens = [der.write(*value) for value in der.items(der.only(values))]
own = [token for token in tokens if COUNTERSIGNED in token]
foreign = [token for token in tokens if COUNTERSIGNED not in token]
if what == "list":
    print("\n".join(token.hex() for token in tokens))
else:
    kept = own if what == "strip" else own + foreign * 2
    cms.replace(TOKEN, b"".join(sorted(kept)))
    sys.stdout.buffer.write(join(payload, arm(cms.write())))
