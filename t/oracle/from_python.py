#!/usr/bin/python3
# Whom Python takes for the author: each From field, a line of hexadecimal
# digits on stdin, read in several ways; their domains, a line on stdout.
#
# The old parser of email.utils, the new one of email.headerregistry, and the
# old one on text whose encoded words were decoded first, as some mail programs
# do; octets as UTF-8, and where they are none, as Latin-1, too.
import email.header
import email.utils
import sys
import warnings
from email.headerregistry import HeaderRegistry

warnings.simplefilter("ignore")
registry = HeaderRegistry()


def domain(address):
    name = address.rpartition("@")[2].strip().strip(".").lower() if "@" in address else ""
    try:
        name = name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return None
    # What is no name, or one of one label, is nobody's domain.
    return name if "." in name and all(c.isalnum() or c in ".-_" for c in name) else None


def decoded(text):
    return str(email.header.make_header(email.header.decode_header(text)))


readers = [
    lambda text: email.utils.getaddresses([text])[0][1],
    lambda text: email.utils.parseaddr(text)[1],
    lambda text: email.utils.parseaddr(decoded(text))[1],
    lambda text: registry("From", text).addresses[0].addr_spec,
]

for line in sys.stdin:
    octets = bytes.fromhex(line.strip())
    found = set()
    try:
        octets.decode()
        charsets = ["utf-8"]
    except UnicodeError:
        charsets = ["utf-8", "latin-1"]
    for charset in charsets:
        text = octets.decode(charset, "replace").replace("\r\n", "").replace("\n", "")
        for reader in readers:
            try:
                found.add(domain(reader(text)))
            except Exception:
                pass  # it shows nothing, or fails
    print(" ".join(sorted(name for name in found if name)) or "-")
