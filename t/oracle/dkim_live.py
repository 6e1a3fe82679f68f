# SPDX-License-Identifier: BSD-2-Clause
"""dkim_live.py DIR PART/PARTS AGAIN EVERY LATE SERVER...: dkimpy as mail comes.

Each NUMBER.eml that appears in DIR (every PARTS-th, from PART on) is verified with what the name servers
show, each asked directly, or showed within the TTL: every server has a cache
of its own here, and each look-up takes one of them by chance. Every EVERY-th
message is verified once more AGAIN seconds later. LATE seconds after its
arrival nothing is promised any more: what comes so late is no verification.
Prints "file <TAB> first or again <TAB> selector <TAB> pass, fail or late <TAB>
why" for each signature, and ends when DIR/end exists and nothing is left."""
import logging
import os
import random
import sys
import time

import dkim
import dns.exception
import dns.message
import dns.query
import dns.rdatatype

log = logging.getLogger('oracle')
log.addHandler(logging.NullHandler())


class Server:
    def __init__(self, address):
        self.address = address
        self.cache = {}
        self.silent_until = 0

    def ask(self, name, rdtype):
        """(records, ttl); None when the server does not answer."""
        now = time.monotonic()
        known = self.cache.get((name, rdtype))
        if known and known[1] > now:
            return known[0]
        if self.silent_until > now:
            return None
        query = dns.message.make_query(name, rdtype, use_edns=0, payload=1232)
        try:
            answer = dns.query.udp(query, self.address, timeout=0.5)
        except (dns.exception.Timeout, OSError):
            self.silent_until = now + 4
            return None
        records, ttl = [], 1
        for rrset in answer.answer:
            if str(rrset.name).lower() == name and rrset.rdtype == rdtype:
                records = list(rrset)
                ttl = rrset.ttl
        if not records and rdtype == dns.rdatatype.TXT:
            for rrset in answer.answer:
                if (str(rrset.name).lower() == name
                        and rrset.rdtype == dns.rdatatype.CNAME):
                    return self.ask(str(rrset[0].target).lower(), rdtype)
        self.cache[(name, rdtype)] = (records, now + ttl)
        return records


def main():
    directory = sys.argv[1]
    part, parts = map(int, sys.argv[2].split('/'))
    again, every = float(sys.argv[3]), int(sys.argv[4])
    late = float(sys.argv[5])
    servers = [Server(a) for a in sys.argv[6:]]

    def txt(name, timeout=5):
        if isinstance(name, bytes):
            name = name.decode()
        name = name.lower().rstrip('.') + '.'
        # No answer at all is no verdict: a busy machine takes its time.
        until = time.monotonic() + 20
        while time.monotonic() < until:
            for server in random.sample(servers, len(servers)):
                records = server.ask(name, dns.rdatatype.TXT)
                if records is None:
                    continue
                if len(records) != 1:
                    return None
                return b''.join(records[0].strings)
            time.sleep(0.2)
            for server in servers:
                server.silent_until = 0
        return None

    def verify(name, what):
        path = os.path.join(directory, name)
        message = open(path, 'rb').read()
        if time.time() > os.stat(path).st_mtime + late:
            print('\t'.join((name, what, '', 'late', '')), flush=True)
            return
        n, i = 1, 0
        while i < n:
            ok, why, selector = False, '', ''
            try:
                d = dkim.DKIM(message, logger=log)
                n = sum(x.lower() == b'dkim-signature' for x, y in d.headers)
                ok = n > 0 and d.verify(idx=i, dnsfunc=txt)
                selector = (d.signature_fields or {}).get(b's', b'').decode()
                why = '' if ok else 'no' if n else 'unsigned'
            except Exception as e:  # anything it raises is a refusal
                why = '%s: %s' % (type(e).__name__, e)
            print('\t'.join((name, what, selector, 'pass' if ok else 'fail',
                             ' '.join(why.split())[:200])), flush=True)
            i += 1

    done, later = set(), []
    while True:
        ending = os.path.exists(os.path.join(directory, 'end'))
        new = sorted(f for f in os.listdir(directory)
                     if f.endswith('.eml') and f not in done
                     and int(f[:-4]) % parts == part)
        for name in new:
            done.add(name)
            verify(name, 'first')
            if len(done) % every == 0:
                later.append((time.monotonic() + again, name))
            while later and later[0][0] <= time.monotonic():
                verify(later.pop(0)[1], 'again')
        while later and later[0][0] <= time.monotonic():
            verify(later.pop(0)[1], 'again')
        if ending and not new and not later:
            return
        time.sleep(0.05)


main()
