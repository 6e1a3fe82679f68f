# SPDX-License-Identifier: BSD-2-Clause
"""dkim_dkimpy.py RECORDS FILE...: what dkimpy says of each signature.

RECORDS has "name <TAB> text" lines. Prints "file <TAB> index <TAB> pass or
fail <TAB> why"."""
import logging
import os
import sys

import dkim

log = logging.getLogger('oracle')
log.addHandler(logging.NullHandler())


def main():
    records = {}
    for line in open(sys.argv[1], 'rb'):
        name, text = line.rstrip(b'\n').split(b'\t', 1)
        records.setdefault(name, []).append(text)

    def txt(name, timeout=5):
        if isinstance(name, str):
            name = name.encode()
        found = records.get(name.lower().rstrip(b'.'))
        return found[0] if found else None

    for path in sys.argv[2:]:
        message = open(path, 'rb').read()
        n = 1
        i = 0
        while i < n:
            ok, why = False, ''
            try:
                d = dkim.DKIM(message, logger=log)
                n = sum(x.lower() == b'dkim-signature' for x, y in d.headers)
                ok = n > 0 and d.verify(idx=i, dnsfunc=txt)
            except Exception as e:  # anything it raises is a refusal
                why = '%s: %s' % (type(e).__name__, e)
            print('%s\t%d\t%s\t%s' % (
                os.path.basename(path), i, 'pass' if ok else 'fail',
                why.replace('\n', ' ').replace('\t', ' ')[:200]))
            i += 1


main()
