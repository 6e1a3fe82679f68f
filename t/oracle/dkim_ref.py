# SPDX-License-Identifier: BSD-2-Clause
"""RFC 6376 done in the plainest way: whole texts, one step after the other.

A second reading of the RFC beside the C code, used to sign what other signers
cannot write (odd spacing, odd order of tags, l=, x=, q=, z=).
"""
import base64
import hashlib
import re

import dkim.crypto
import nacl.signing


def canon_field(how, raw):
    """raw: b"Name: value" folded with CRLF, no CRLF at its end."""
    if how == 'simple':
        return raw
    name, value = raw.split(b':', 1)
    name, value = (re.sub(b'[ \t]+', b' ', x.replace(b'\r\n', b''))
                   for x in (name, value))
    return name.lower().rstrip(b' ') + b':' + value.strip(b' ')


def canon_body(how, body):
    lines = body.split(b'\r\n')
    if how == 'relaxed':
        lines = [re.sub(b'[ \t]+', b' ', x).rstrip(b' ') for x in lines]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return b'\r\n' if how == 'simple' else b''
    return b''.join(x + b'\r\n' for x in lines)


def pick(fields, names):
    """The fields that h= names, each name from the bottom up."""
    left = list(fields)
    out = []
    for name in names:
        for i in range(len(left) - 1, -1, -1):
            if left[i].split(b':', 1)[0].rstrip().lower() == name.lower():
                out.append(left.pop(i))
                break
    return out


class Key:
    def __init__(self, alg, pem=None, seed=None):
        self.alg = alg
        self.pem = pem
        self.rsa = pem and dkim.crypto.parse_pem_private_key(pem)
        self.seed = seed
        self.ed = seed and nacl.signing.SigningKey(seed)

    def sign(self, data):
        digest = hashlib.sha256(data)
        if self.ed:
            return self.ed.sign(digest.digest()).signature
        return dkim.crypto.RSASSA_PKCS1_v1_5_sign(digest, self.rsa)


def sign(fields, body, key, tags, names, header_canon, body_canon, length=None,
         name=b'DKIM-Signature'):
    """tags: [text, ...], each b"<blanks>x<blanks>=<blanks>" with %B for the
    body hash, or for b= up to its "=" and %S after it; joined by ";"."""
    canonical = canon_body(body_canon, body)
    if length is not None:
        canonical = canonical[:length]
    bh = base64.b64encode(hashlib.sha256(canonical).digest())
    parts = [x.replace(b'%B', bh) for x in tags]
    empty = [x[:x.index(b'=') + 1] if b'%S' in x else x for x in parts]
    data = b''.join(canon_field(header_canon, x) + b'\r\n'
                    for x in pick(fields, names))
    data += canon_field(header_canon, name + b':' + b';'.join(empty))
    b = base64.b64encode(key.sign(data))
    return name + b':' + b';'.join(x.replace(b'%S', b) for x in parts)
