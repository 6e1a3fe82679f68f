# SPDX-License-Identifier: BSD-2-Clause
"""dkim_generate.py DIR N SEED: N signed messages that hit odd corners.

Writes DIR/msg/NNNN.eml, DIR/zone (for dns/zone.h), DIR/records (name <TAB>
text) and DIR/index: "file <TAB> signer <TAB> mutation <TAB> labels <TAB>
expect", where labels (comma-separated) name what is in the finished message
that some verifier reads in its own way, and expect is what RFC 6376 says by
construction: verified, refused or "?".
"""
import base64
import os
import random
import re
import subprocess
import sys
import time

import dkim
import nacl.signing

import dkim_ref

HERE = os.path.dirname(os.path.abspath(__file__))
DOMAIN = b'example.com'
NOW = int(time.time())
DAY = 86400


# --- messages ---------------------------------------------------------------

def name_case(r, name):
    return r.choice([name, name, name.upper(), name.lower(), name.swapcase()])


def fold(r, words):
    out = r.choice([b' ', b' ', b' ', b'', b'  ', b'\t', b'\r\n ', b' \r\n\t '])
    for i, w in enumerate(words):
        if i:
            out += r.choice([b' ', b' ', b'  ', b'\t', b' \t ', b'\r\n ',
                             b'\r\n\t', b' \r\n  ', b'\t\r\n '])
        out += w
    return out + r.choice([b'', b'', b'', b' ', b' \t', b'\t\r\n '])


def words(r):
    pool = [b'hello', b'b=x;', b'bh=', b'=?utf-8?q?x?=', b'"q u o t e"',
            b'a:b', b'DKIM-Signature:', b'<x@example.org>', b',', b'(c)']
    return [r.choice(pool) for _ in range(r.randint(1, 6))]


def header(r):
    fields = [b'From:' + fold(r, [b'Joe', b'<joe@example.com>'])]
    fields.append(name_case(r, b'Subject') + b':' + fold(r, words(r)))
    fields.append(b'To: suzie@example.net')
    fields.append(b'Date: Fri, 11 Jul 2003 21:00:37 -0700')
    for _ in range(r.choice([0, 0, 1, 3])):
        fields.insert(r.randrange(len(fields) + 1),
                      name_case(r, b'Received') + b':' + fold(r, words(r)))
    odd = r.choice(['', '', '', '', 'empty', 'utf8', 'long', 'many', 'repeat',
                    'repeat', 'colon', 'cr'])
    if odd == 'empty':
        fields.append(b'X-Empty:' + r.choice([b'', b' ', b'\r\n ', b' \t ']))
    elif odd == 'utf8':
        fields.append('X-Utf8: h\u00e9 \u20ac\U0001f4e7'.encode())
    elif odd == 'long':
        fields.append(b'X-Long: ' + b'x' * r.choice([900, 5000]))
    elif odd == 'many':
        fields += [b'X-%d: %d' % (i % 40, i) for i in range(300)]
    elif odd == 'repeat':
        fields += [b'X-Twice: 1', name_case(r, b'X-Twice') + b': 2']
    elif odd == 'colon':
        fields.append(b'X-Blank' + r.choice([b' ', b'\t', b'  ']) + b': v')
    elif odd == 'cr':
        fields.append(b'X-Cr: a\rb')
    r.shuffle(fields)
    return fields


def body(r):
    kind = r.choice(['text'] * 8 + [
        'empty', 'blank', 'crlfs', 'noend', 'noend-blank', 'cr', 'lf',
        'octets', 'long', 'tail'])
    if kind == 'empty':
        return b''
    if kind == 'blank':
        return r.choice([b' \r\n', b' \t \r\n\r\n', b'\r\n \r\n', b'\t\r\n'])
    if kind == 'crlfs':
        return b'\r\n' * r.randint(1, 5)
    if kind == 'octets':
        # No CR or LF, so that nobody takes it for a line end.
        return bytes(r.choice([x for x in range(256) if x not in (10, 13)])
                     for _ in range(300)) + b'\r\n'
    if kind == 'long':
        return b'y' * 3000 + b'\r\n' + b'z \t' * 700 + b'\r\n'
    out = b''
    for _ in range(r.randint(1, 8)):
        out += r.choice([b'line', b'a  b', b'a\tb', b' c', b'd ', b'e\t', b'',
                         b' ', b'.', b'..', b'-- ', b'f \t g  ']) + b'\r\n'
    out += b'x\r\n'
    if kind == 'noend':
        out += b'last'
    elif kind == 'noend-blank':
        out += r.choice([b'last ', b' \t', b'last\t \t'])
    elif kind == 'cr':
        out += r.choice([b'a\rb\r\n', b'a\r\r\n', b'\r', b'\r\r\r\n',
                         b'x \r y\r\n'])
    elif kind == 'lf':
        out += r.choice([b'a\nb\r\n', b'\n\n', b' \n\r\n', b'x\n'])
    elif kind == 'tail':
        out += r.choice([b'\r\n', b'\r\n\r\n', b' \r\n', b'\t\r\n\r\n',
                         b'\r\n \r\n'])
    return out


def join(fields, text):
    return b''.join(f + b'\r\n' for f in fields) + b'\r\n' + text


def split(message):
    head, text = message.split(b'\r\n\r\n', 1)
    return re.split(rb'\r\n(?![ \t])', head), text


def is_sig(f):
    return f.lower().startswith(b'dkim-signature')


# --- what is odd about a message -------------------------------------------

def tags_of(field):
    """The raw tags: [(name, value with the blanks round it), ...]"""
    out = []
    for t in field.split(b':', 1)[1].split(b';'):
        if b'=' in t:
            n, v = t.split(b'=', 1)
            out.append((n.strip(), v))
    return out


def label_tags(tag, labels):
    if re.search(rb'\s', tag.get(b'i', b'').strip()):
        labels.add('i-folded')
    if b'@a.' in tag.get(b'i', b''):
        labels.add('i-below')
    if b':' in tag.get(b'q', b''):
        labels.add('q-list')
    names = [x.strip().lower() for x in tag.get(b'h', b'').split(b':')]
    if b'from' not in names:
        labels.add('from-unsigned')
    if b'dkim-signature' in names:
        labels.add('signs-signatures')
    if tag.get(b'l', b'').strip() == b'0':
        labels.add('l-zero')
    t, x = (tag.get(n, b'').strip() for n in (b't', b'x'))
    if t.isdigit() and int(t) > NOW + DAY:
        labels.add('t-ahead')
    if t.isdigit() and x.isdigit() and int(x) <= int(t):
        labels.add('x-not-after-t')
    if tag.get(b'v', b'1').strip() != b'1':
        labels.add('v-other')


def label_signature(field, text, labels):
    tags = tags_of(field)
    tag = {}
    for n, v in tags:
        if n in tag:
            labels.add('duplicate-tag')
        tag[n] = v
    canon = tag.get(b'c', b'simple').strip().split(b'/')
    labels.add('simple-header' if canon[0] == b'simple' else 'relaxed-header')
    labels.add('relaxed-body' if canon[1:] == [b'relaxed'] else 'simple-body')
    size = len(dkim_ref.canon_body(
        'relaxed' if 'relaxed-body' in labels else 'simple', text))
    if int(tag.get(b'l', b'0')) > size:
        labels.add('l-beyond')
    if b'l' in tag and not text.strip(b'\r\n'):
        labels.add('l-of-nothing')
    labels.add(tag.get(b'a', b'').strip().decode())
    labels.add('key-' + tag.get(b's', b'').strip().decode())
    if re.search(rb'(?:^|[:;])\s*b\s*=[^;]*\s;', field):
        labels.add('blank-after-b')
    if any(re.match(rb'\s+b=', v) for n, v in tags if n != b'b'):
        labels.add('b-in-value')
    label_tags(tag, labels)


def labels_of(message):
    labels = set()
    fields, text = split(message)
    signatures = [f for f in fields if is_sig(f)]
    for f in signatures:
        label_signature(f, text, labels)
    if len(signatures) > 1:
        labels.add('two-signatures')
    if sum(bool(re.match(rb'(?i)from[ \t]*:', f)) for f in fields) > 1:
        labels.add('two-from')
    if any(re.match(rb'[^:]*[ \t]:', f) for f in fields):
        labels.add('blank-before-colon')
    if re.search(rb'(?<!\r)\n', text):
        labels.add('lf-alone')
    if re.search(rb'\r(?!\n)', text):
        labels.add('cr-alone')
    if text and not text.endswith(b'\r\n'):
        labels.add('no-crlf')
        if text[-1:] in (b' ', b'\t'):
            labels.add('blank-and-no-crlf')
    return labels


# --- signers ----------------------------------------------------------------

def signed_names(r, fields):
    have = [f.split(b':', 1)[0].rstrip() for f in fields]
    names = [b'From']
    for n in have:
        if n.lower() != b'from' and r.random() < 0.6:
            names.append(n)
    if r.random() < 0.4:
        names += [b'From', b'Subject', b'Reply-To', b'Cc']
    if r.random() < 0.2:
        names += [b'X-Absent', b'X-Absent']
    if r.random() < 0.05:
        names.append(b'DKIM-Signature')
    r.shuffle(names)
    return [name_case(r, n) for n in names]


def blank(r):
    return r.choice([b'', b'', b'', b' ', b'  ', b'\t', b'\r\n ', b' \r\n\t'])


def ref_tags(r, world, key, names, hc, bc, length):
    """The tags of a signature nobody else would write."""
    refused = False
    canon = b'%s/%s' % (hc.encode(), bc.encode())
    if bc == 'simple' and r.random() < 0.3:
        canon = hc.encode()
    sep = r.choice([b':', b':', b' : ', b':\r\n ', b'\r\n\t:', b' :\t'])
    tags = [(b'v', b'1'), (b'a', key.alg.encode()), (b'd', DOMAIN),
            (b's', world.selector(r, key)), (b'h', sep.join(names)),
            (b'bh', b'%B'), (b'b', b'%S')]
    if canon != b'simple/simple' or r.random() < 0.5:
        tags.append((b'c', canon))
    if length is not None:
        tags.append((b'l', b'%d' % length))
    pick = r.random()
    if pick < 0.1:
        tags.append((b'i', r.choice([b'joe@example.com', b'@example.com',
                                     b'@a.b.example.com'])))
    elif pick < 0.13:
        tags.append((b'i', b'joe@EXAMPLE.com'))
    elif pick < 0.16:
        tags.append((b'i', b'joe@badexample.com'))
        refused = True
    elif pick < 0.19:
        tags.append((b'i', b'a=3Bb@\r\n example.com'))
    pick = r.random()
    if pick < 0.1:
        tags += [(b't', b'%d' % (NOW - DAY)), (b'x', b'%d' % (NOW + DAY))]
    elif pick < 0.13:
        tags.append((b'x', b'%d' % (NOW - 2 * DAY)))
        refused = True
    elif pick < 0.16:
        tags += [(b't', b'%d' % (NOW - DAY)), (b'x', b'%d' % (NOW - DAY))]
        refused = True
    elif pick < 0.18:
        tags.append((b't', b'%d' % (NOW + 3 * DAY)))
    elif pick < 0.2:
        tags += [(b't', b'%d' % (NOW - DAY)), (b'x', b'9999999999999')]
    if r.random() < 0.2:
        tags.append((b'zz', r.choice([b'', b'x y', b'c=d', b'%d' % NOW,
                                                b'b=c'])))
    if r.random() < 0.1:
        tags.append((b'z', b'From:x|Subject:b=3Dy|To:z'))
    pick = r.random()
    if pick < 0.1:
        tags.append((b'q', b'dns/txt'))
    elif pick < 0.13:
        tags.append((b'q', b'foo:dns/txt'))
    elif pick < 0.15:
        tags.append((b'q', b'foo'))
        refused = True
    if r.random() < 0.04:
        tags.append((b'd', DOMAIN))
        refused = True
    if r.random() < 0.04:
        tags = [t for t in tags if t[0] != b'v']
        tags.append((b'v', r.choice([b'2', b'1.0', b''])))
        refused = True
    if r.random() < 0.03:
        tags.append((b'B', b'x'))
    r.shuffle(tags)
    out = []
    for n, v in tags:
        lead, tail = blank(r), blank(r)
        if n == b'b' and r.random() < 0.9:
            tail = b''
        out.append(lead + n + blank(r) + b'=' + blank(r) + v + tail)
    if not out[0][:1].isspace():
        out[0] = b' ' + out[0]
    # A line of blanks only would end nothing here, but some read it so.
    if r.random() < 0.3 and out[-1].strip():
        out.append(b'')
    out[-1] = out[-1].rstrip() if out[-1].strip() else out[-1]
    return out, refused


def sign_ref(r, world, fields, text):
    key = r.choice(world.keys)
    names = signed_names(r, fields)
    refused = False
    if r.random() < 0.03:
        names = [n for n in names if n.lower() != b'from'] or [b'To']
        refused = True
    hc, bc = r.choice(['simple', 'relaxed']), r.choice(['simple', 'relaxed'])
    length = None
    if r.random() < 0.2:
        size = len(dkim_ref.canon_body(bc, text))
        length = r.choice([0, size, size, size // 2])
        if r.random() < 0.15:
            length = size + 1
            refused = True
    tags, bad = ref_tags(r, world, key, names, hc, bc, length)
    refused = refused or bad
    field = dkim_ref.sign(fields, text, key, tags, names, hc, bc, length,
                          name_case(r, b'DKIM-Signature'))
    selector = re.search(rb'[;\s:]s\s*=\s*([a-z0-9-]+)', field).group(1)
    if selector in world.refused:
        refused = True
    if selector == b'same-domain' and b'@a.b.' in field:
        refused = True
    return field, refused


def sign_dkimpy(r, world, fields, text):
    key = r.choice(world.keys)
    d = dkim.DKIM(join(fields, text))
    canon = (r.choice([b'simple', b'relaxed']), r.choice([b'simple', b'relaxed']))
    names = [n for n in d.default_sign_headers()]
    if r.random() < 0.3:
        names += [b'reply-to', b'x-absent', b'subject']
    secret = key.pem if key.pem else base64.b64encode(key.seed)
    out = d.sign(world.selector(r, key), DOMAIN, secret,
                 signature_algorithm=key.alg.encode(),
                 identity=r.choice([None, b'joe@example.com']),
                 canonicalize=canon, include_headers=names,
                 length=r.random() < 0.2)
    selector = re.search(rb'[;\s]s=([a-z0-9-]+)', out).group(1)
    return out.rstrip(b'\r\n'), selector in world.refused


def sign_maildkim(world, jobs, directory):
    path = os.path.join(directory, 'jobs')
    with open(path, 'wb') as f:
        for job in jobs:
            f.write(b'\t'.join(job) + b'\n')
    subprocess.run(['perl', os.path.join(HERE, 'dkim_maildkim.pl'), 'sign',
                    path], check=True)


# --- mutations --------------------------------------------------------------

def mutate(r, message):
    """Returns the mutation's name and the message. Whether it matters is for
    the verifiers to say."""
    fields, text = split(message)
    kinds = ['none'] * 10 + [
        'body-octet', 'body-append', 'body-crlfs', 'body-blanks',
        'body-truncate', 'header-blanks', 'header-refold', 'header-case',
        'header-add', 'header-again-top', 'header-again-bottom',
        'header-remove', 'header-swap', 'sig-b', 'sig-bh', 'sig-blanks',
        'sig-semicolon', 'sig-unknown-tag', 'sig-selector', 'sig-twice',
        'second-from']
    kind = r.choice(kinds)
    sig = next(i for i, f in enumerate(fields) if is_sig(f))
    other = r.choice([i for i in range(len(fields)) if i != sig])
    if kind == 'body-octet' and text.strip():
        at = r.choice([i for i, c in enumerate(text) if c not in b' \t\r\n'])
        text = text[:at] + b'Q' + text[at + 1:]
    elif kind == 'body-append':
        if not text.endswith(b'\r\n'):
            text += b'\r\n'
        text += b'spam\r\n'
    elif kind == 'body-crlfs':
        if text.endswith(b'\r\n') or not text:
            text += b'\r\n\r\n'
    elif kind == 'body-blanks':
        text = text.replace(b'\r\n', b' \r\n').replace(b'a', b'a')
    elif kind == 'body-truncate':
        text = text[:len(text) // 2]
        if text.endswith(b'\r'):
            text = text[:-1]
    elif kind == 'header-blanks':
        fields[other] = fields[other].replace(b' ', b'  ') + b' '
    elif kind == 'header-refold':
        fields[other] = fields[other].replace(b' ', b'\r\n ', 1)
    elif kind == 'header-case':
        n, v = fields[other].split(b':', 1)
        fields[other] = n.swapcase() + b':' + v
    elif kind == 'header-add':
        fields.insert(r.randrange(len(fields) + 1), b'X-New: 1')
    elif kind == 'header-again-top':
        fields.insert(0, fields[other])
    elif kind == 'header-again-bottom':
        fields.append(fields[other])
    elif kind == 'header-remove':
        del fields[other]
    elif kind == 'header-swap':
        o2 = r.choice([i for i in range(len(fields)) if i != sig])
        fields[other], fields[o2] = fields[o2], fields[other]
    elif kind == 'sig-b':
        at = r.choice([m.start() for m in re.finditer(rb'[A-Za-z0-9]', fields[sig])][-40:])
        new = b'A' if fields[sig][at:at + 1] != b'A' else b'B'
        fields[sig] = fields[sig][:at] + new + fields[sig][at + 1:]
    elif kind == 'sig-bh':
        fields[sig] = re.sub(rb'(bh\s*=\s*)(.)', lambda m: m.group(1) + (
            b'A' if m.group(2) != b'A' else b'B'), fields[sig], 1)
    elif kind == 'sig-blanks':
        fields[sig] = fields[sig].replace(b';', b' ; ', 1)
    elif kind == 'sig-semicolon':
        fields[sig] += b';'
    elif kind == 'sig-unknown-tag':
        fields[sig] = fields[sig].rstrip(b';') + b'; yy=1'
    elif kind == 'sig-selector':
        fields[sig] = re.sub(rb'([;\s:]s\s*=\s*)[a-z0-9-]+', rb'\1missing',
                             fields[sig], 1)
    elif kind == 'sig-twice':
        fields.insert(sig, fields[sig])
    elif kind == 'second-from':
        fields.insert(r.choice([0, len(fields)]), b'From: evil@example.org')
    return kind, join(fields, text)


# --- keys -------------------------------------------------------------------

class World:
    """Keys and what the DNS shows of them."""

    def __init__(self, directory, r):
        self.directory = directory
        self.rsa_pem = os.path.join(directory, 'rsa.pem')
        self.records = []
        self.refused = set()
        self.by_key = {}
        rsa = self.rsa('rsa.pem', 1024)
        big = self.rsa('big.pem', 2048)
        small = self.rsa('small.pem', 768)
        ed = dkim_ref.Key('ed25519-sha256',
                          seed=bytes(r.randrange(256) for _ in range(32)))
        self.keys = [rsa] * 9 + [big] * 3 + [ed] * 4 + [small]
        p = self.spki('rsa.pem')
        bare = base64.b64encode(base64.b64decode(p)[22:])
        edp = base64.b64encode(bytes(ed.ed.verify_key))
        self.add(rsa, b'rsa', b'v=DKIM1; k=rsa; p=' + p)
        self.add(rsa, b'rsa', b'v=DKIM1; k=rsa; p=' + p)
        self.add(rsa, b'no-v', b'p=' + p)
        self.add(rsa, b'bare', b'v=DKIM1; p=' + bare)
        self.add(rsa, b'pieces', b'v=DKIM1; p=' + b' '.join(
            p[i:i + 30] for i in range(0, len(p), 30)))
        self.add(rsa, b'same-domain', b'v=DKIM1; t=s; p=' + p)
        self.add(rsa, b'testing', b'v=DKIM1; t=y; n=note; zz=1; p=' + p)
        self.add(rsa, b'email', b's=email; p=' + p)
        self.add(rsa, b'hashes', b'v=DKIM1; h=sha1:sha256; p=' + p + b';')
        self.add(rsa, b'sha1', b'v=DKIM1; h=sha1; p=' + p, True)
        self.add(rsa, b'revoked', b'v=DKIM1; p=', True)
        self.add(rsa, b'v2', b'v=DKIM2; p=' + p, True)
        self.add(rsa, b'v-last', b'p=' + p + b'; v=DKIM1', True)
        self.add(rsa, b'tlsrpt', b'v=DKIM1; s=tlsrpt; p=' + p, True)
        self.add(rsa, b'unknown-type', b'v=DKIM1; k=foo; p=' + p, True)
        self.add(rsa, b'duplicate', b'v=DKIM1; p=' + p + b'; p=' + p, True)
        self.add(rsa, b'granularity', b'v=DKIM1; g=; p=' + p)
        self.add(big, b'big', b'v=DKIM1; k=rsa; p=' + self.spki('big.pem'))
        self.add(ed, b'ed', b'v=DKIM1; k=ed25519; p=' + edp)
        self.add(ed, b'ed-as-rsa', b'v=DKIM1; p=' + edp, True)
        self.add(small, b'small', b'v=DKIM1; p=' + self.spki('small.pem'),
                 True)

    def rsa(self, name, bits):
        path = os.path.join(self.directory, name)
        with open(path, 'wb') as f:
            subprocess.run(['openssl', 'genrsa', '-traditional', str(bits)],
                           stdout=f, stderr=subprocess.DEVNULL, check=True)
        return dkim_ref.Key('rsa-sha256', pem=open(path, 'rb').read())

    def spki(self, name):
        der = subprocess.run(
            ['openssl', 'rsa', '-in', os.path.join(self.directory, name),
             '-pubout', '-outform', 'DER'], check=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        return base64.b64encode(der)

    def add(self, key, selector, text, refused=False):
        self.by_key.setdefault(id(key), []).append(selector)
        self.records.append((selector + b'._domainkey.' + DOMAIN, text))
        if refused:
            self.refused.add(selector)

    def selector(self, r, key):
        all_of = self.by_key[id(key)]
        # Mostly a plain one: the oddity should not be the key each time.
        s = all_of[0] if r.random() < 0.6 else r.choice(all_of)
        return s

    def write(self):
        seen = set()
        with open(os.path.join(self.directory, 'zone'), 'wb') as z, \
                open(os.path.join(self.directory, 'records'), 'wb') as f:
            for name, text in self.records:
                if name in seen:
                    continue
                seen.add(name)
                z.write(name + b' TXT "' + text + b'"\n')
                f.write(name + b'\t' + text + b'\n')


def main():
    directory, n, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    r = random.Random(seed)
    out = os.path.join(directory, 'msg')
    os.makedirs(out, exist_ok=True)
    world = World(directory, r)
    world.write()
    todo, jobs = [], []
    for i in range(n):
        fields, text = header(r), body(r)
        plain = join(fields, text)
        signer = r.choice(['ref', 'ref', 'dkimpy', 'Mail::DKIM'])
        # What these read in their own way they sign in their own way.
        odd = labels_of(plain)
        if signer != 'ref' and odd & {'blank-before-colon', 'lf-alone',
                                      'no-crlf'}:
            signer = 'ref'
        path = os.path.join(out, '%05d.eml' % i)
        if signer == 'Mail::DKIM':
            unsigned = os.path.join(directory, 'unsigned-%05d' % i)
            open(unsigned, 'wb').write(plain)
            jobs.append([unsigned.encode(), path.encode(), DOMAIN, b'rsa',
                         world.rsa_pem.encode(),
                         b'%s/%s' % (r.choice([b'simple', b'relaxed']),
                                     r.choice([b'simple', b'relaxed'])),
                         r.choice([b'', b'@example.com',
                                   b'joe@a.example.com'])])
            refused = False
        else:
            sign = sign_ref if signer == 'ref' else sign_dkimpy
            field, refused = sign(r, world, fields, text)
            open(path, 'wb').write(join([field] + fields, text))
        todo.append((path, signer, refused))
    sign_maildkim(world, jobs, directory)
    with open(os.path.join(directory, 'index'), 'w') as index:
        for path, signer, refused in todo:
            message = open(path, 'rb').read()
            kind, message = mutate(r, message)
            open(path, 'wb').write(message)
            expect = '?'
            if refused:
                expect = 'refused'
            elif kind == 'none':
                expect = 'verified'
            index.write('\t'.join([
                os.path.basename(path), signer, kind,
                ','.join(sorted(labels_of(message))), expect]) + '\n')


if __name__ == '__main__':
    main()
