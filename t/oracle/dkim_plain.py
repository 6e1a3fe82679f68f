# SPDX-License-Identifier: BSD-2-Clause
"""dkim_plain.py DIR N SEED: N unsigned messages, DIR/plain/NNNNN.eml, and
DIR/index: "file <TAB> labels", labels as in dkim_generate.py and besides:
odd-header  a field that is not "Name: text" on its first line
cr-header   a CR alone in the header
nul         a NUL in the body"""
import os
import random
import re
import sys

from dkim_generate import body, header, join, labels_of, split


def main():
    directory, n, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    r = random.Random(seed)
    out = os.path.join(directory, 'plain')
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(directory, 'index'), 'w') as index:
        for i in range(n):
            message = join(header(r), body(r))
            labels = labels_of(message)
            fields, _ = split(message)
            if not all(re.match(rb'[!-~]+: [!-~]', f) for f in fields):
                labels.add('odd-header')
            if any(re.search(rb'\r(?!\n)', f) for f in fields):
                labels.add('cr-header')
            if b'\0' in message:
                labels.add('nul')
            name = '%05d.eml' % i
            open(os.path.join(out, name), 'wb').write(message)
            index.write('%s\t%s\n' % (name, ','.join(sorted(labels))))


main()
