#!/usr/bin/python3
# pyspf as an oracle: spf_pyspf.py ZONE REQUESTS [ZONE REQUESTS ...]
#
# Zones and requests as t/oracle/spf_cli takes them; nothing leaves this
# process. For each request a line, divided by TABs:
#   what pyspf says, its explanation (empty: none of the domain's own),
#   what it says once it is put right, its explanation, the names of the
#   corrections that alone change the former.
# Each correction is a place where pyspf departs from RFC 7208; they are told
# in t/data/DISAGREEMENTS under the same names.
import ipaddress
import re
import sys

import spf

DEFAULT = spf.EXPLANATIONS['fail']


# --- the zone ---------------------------------------------------------------

def plain(text):
    return re.sub(r'\\(\d{3}|.)', lambda m: chr(int(m[1])) if len(m[1]) == 3 else m[1], text)


class Zone:
    def __init__(self, path):
        self.records = {}  # name -> [(type, data)]
        self.exists = set()
        with open(path, encoding='latin-1') as f:
            for line in f:
                if line.strip():
                    self.add(*line.rstrip('\n').split(' ', 2))

    def add(self, owner, rtype, data=''):
        owner = plain(owner).lower()
        if rtype == 'TXT':
            data = [plain(s).encode('latin-1') for s in re.findall(r'"((?:[^"\\]|\\.)*)"', data)]
        elif rtype == 'MX':
            preference, host = data.split(' ')
            data = (int(preference), plain(host).rstrip('.'))
        elif rtype in ('PTR', 'CNAME'):
            data = plain(data).rstrip('.')
        self.records.setdefault(owner, []).append((rtype, data))
        while owner:
            self.exists.add(owner)
            owner = owner.partition('.')[2]

    # RFC 4592: the closest encloser's wildcard.
    def owner(self, name):
        if name in self.exists:
            return name
        while '.' in name:
            name = name.partition('.')[2]
            if '*.' + name in self.records or name in self.exists:
                return '*.' + name
        return None

    def lookup(self, name, rtype):
        for _ in range(8):
            records = self.records.get(self.owner(name.lower()), [])
            found = [data for t, data in records if t == rtype]
            if found:
                return found
            types = {t: data for t, data in records}
            if 'SERVFAIL' in types:
                raise spf.TempError('SERVFAIL')
            if 'TIMEOUT' in types:
                error = spf.TempError('TIMEOUT')
                error.timeout = True
                raise error
            if 'CNAME' not in types:
                return []
            name = types['CNAME']
        raise spf.TempError('a loop of CNAMEs')


zone = None


def dns_lookup(name, qtype, strict=True, timeout=0):
    return [((name, qtype), data) for data in zone.lookup(name, qtype)]


spf.DNSLookup = dns_lookup

# --- pyspf put right --------------------------------------------------------

CORRECTIONS = ('macro', 'lazy', 'redirect', 'ptr', 'modifier', 'mx', 'label', 'grammar')

MACRO = r'%%|%_|%-|%\{([A-Za-z])(\d*)([rR]?)([.\-+,/_=]*)\}'
RE_MACRO = re.compile(MACRO)


class Spec(str):
    """A domain-spec that is not expanded yet, and like no other."""
    __hash__ = str.__hash__

    def of(self, query, literal):
        self.query, self.literal = query, literal
        return self

    def __eq__(self, other):
        return self is other


match = spf.domainmatch
spf.domainmatch = lambda ptrs, suffix: match(
    ptrs, suffix.query.target(suffix) if isinstance(suffix, Spec) else suffix)


class Query(spf.query):
    def __init__(self, fixed, **kw):
        self.fixed = fixed
        self.validated = None
        self.explaining = False
        super().__init__(**kw)

    # macro: syntax of section 7.1, expansion of section 7.3
    def check_macros(self, text, exp):
        letters = 'slodipvhcrt' if exp else 'slodipvh'
        rest = RE_MACRO.sub(lambda m: '' if self.good(m, letters) else '%', text)
        if '%' in rest:
            raise spf.PermError('macro syntax', text)

    @staticmethod
    def good(m, letters):
        return not m[1] or (m[1].lower() in letters and (not m[2] or int(m[2]) > 0))

    def expand(self, text, stripdot=True):
        # modifier: an unknown one is ignored, and looks nothing up
        if 'modifier' in self.fixed and sys._getframe(1).f_code.co_name == 'check0':
            text = re.sub('%{[pP]', '%{d', text)
        if 'macro' not in self.fixed:
            return super().expand(text, stripdot)
        self.check_macros(text, not stripdot)
        text = RE_MACRO.sub(self.value, text)
        if not stripdot:
            return text
        if text.endswith('.'):
            text = text[:-1]
        while len(text) > 253 and '.' in text:
            text = text.partition('.')[2]
        return text

    def value(self, m):
        if not m[1]:
            return {'%%': '%', '%_': ' ', '%-': '%20'}[m[0]]
        if m[1].lower() == 'p':
            self.getp()
        letter = m[1].lower()
        text = self.l + '@' + self.o if letter == 's' else getattr(self, letter)
        parts = re.split('[' + re.escape(m[4] or '.') + ']', text)
        if m[3]:
            parts.reverse()
        if m[2]:
            parts = parts[-int(m[2]):]
        text = '.'.join(parts)
        return spf.urllibparse.quote(text, '~') if m[1].isupper() else text

    # lazy: a domain-spec is expanded when its term is reached
    def expand_domain(self, arg):
        if 'lazy' not in self.fixed:
            return super().expand_domain(arg)
        if arg == self.d:
            return Spec(arg).of(self, True)
        if spf.RE_TOPLAB.split(arg)[-1]:
            raise spf.PermError('domain-spec', arg)
        if 'macro' in self.fixed:
            self.check_macros(arg, False)
        elif not re.search('%{[pP]', arg):
            self.expand(arg)
        return Spec(arg).of(self, False)

    def validate_mechanism(self, mech):
        # grammar: "exists" needs its domain-spec, qualified or not
        if 'grammar' in self.fixed and re.match('[-+?~]?exists$', mech, re.I):
            raise spf.PermError('exists without a domain', mech)
        if 'lazy' in self.fixed and re.match('[-+?~]?include$', mech, re.I):
            raise spf.PermError('include without a domain', mech)
        return super().validate_mechanism(mech)

    def target(self, name):
        if not isinstance(name, Spec):
            return name
        return str(name) if name.literal else self.expand(str(name))

    def check1(self, record, domain, recursion):
        return super().check1(record, self.target(domain), recursion)

    def dns(self, name, *args, **kw):
        if 'lazy' not in self.fixed:
            return super().dns(name, *args, **kw)
        name = self.target(name)
        return super().dns(name, *args, **kw) if name else []

    def getp(self):
        if 'ptr' in self.fixed:
            self.p = None
        return super().getp()

    # redirect: counted when it is reached
    def check_lookups(self):
        parsing = 'cidrlength' not in sys._getframe(1).f_locals
        if 'redirect' not in self.fixed or not parsing:
            super().check_lookups()

    def dns_spf(self, domain):
        local = sys._getframe(1).f_locals
        if 'redirect' in self.fixed and domain is local.get('redirect', ''):
            super().check_lookups()
        domain = self.target(domain)
        # label: section 4.3, "is not a multi-label domain name"
        if 'label' in self.fixed and '.' not in domain:
            return None
        record = super().dns_spf(domain)
        if record and 'grammar' in self.fixed and re.search('[^ -~]', record):
            raise spf.PermError('octets')
        if record and 'modifier' in self.fixed:
            record = re.sub('(?i) (redirect|exp)=', lambda m: m[0].lower(), record)
        return record

    # ptr: neither trouble nor emptiness of the client's reverse DNS counts
    def validated_ptrs(self):
        if 'ptr' not in self.fixed:
            return super().validated_ptrs()
        if self.validated is None:
            name = ipaddress.ip_address(self.c).reverse_pointer
            self.validated = [p for p in self.quiet(name, 'PTR')[:10]
                              if self.cidrmatch(self.quiet(p, self.A), self.cidrmax)]
        return self.validated

    def quiet(self, name, qtype):
        try:
            return super().dns(name, qtype, ignore_void=True) if name else []
        except spf.TempError as e:
            if hasattr(e, 'timeout') and not self.explaining:
                raise
            return []

    # pyspf explains before it knows the result
    def get_explanation(self, spec):
        saved, self.explaining = self.validated, True
        try:
            return super().get_explanation(spec)
        finally:
            self.validated, self.explaining = saved, False

    # modifier: unknown ones "MUST be ignored no matter where, or how often"
    def note_error(self, *msg):
        m = re.match(r'(.*)= MUST appear at most once', msg[0])
        if 'modifier' in self.fixed and m and m[1].lower() not in ('redirect', 'exp'):
            return None
        return super().note_error(*msg)

    # mx: a host is looked up when those before it have not matched
    def dns_mx(self, name):
        if 'mx' not in self.fixed:
            return super().dns_mx(name)
        hosts = self.dns(name, 'MX')
        if len(hosts) > spf.MAX_MX:
            raise spf.PermError('MX')
        return (a for _, host in hosts for a in self.dns_a(host, self.A))

    def cidrmatch(self, addresses, n):
        if 'mx' not in self.fixed:
            return super().cidrmatch(addresses, n)
        return any(super(Query, self).cidrmatch([a], n) for a in addresses)


def check(fixed, ip, helo, sender, receiver):
    try:
        query = Query(fixed, i=ip, s=sender, h=helo, receiver=receiver)
        word, _, text = query.check()
    except Exception as e:  # pyspf's own; a difference, then
        return 'exception', repr(e)
    return word, '' if word != 'fail' or text == DEFAULT else text


def main(argv):
    global zone
    for path, requests in zip(argv[::2], argv[1::2]):
        zone = Zone(path)
        with open(requests, encoding='latin-1') as f:
            for line in f:
                identity, ip, helo, sender, receiver = map(plain, line.rstrip('\n').split('\t'))
                args = (ip, helo, '' if identity == 'helo' else sender, receiver)
                said = check((), *args)
                right = check(CORRECTIONS, *args)
                why = [c for c in CORRECTIONS if check((c,), *args) != said]
                print(*said, *right, ','.join(why), sep='\t')


main(sys.argv[1:])
