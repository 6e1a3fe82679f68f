#!/usr/bin/python3
# The RFC 7208 test suite (YAML) as JSON on standard output: a list of
# scenarios. Every scalar stays a string; an octet written "\xEF" is U+00EF.
import json
import sys

import yaml

with open(sys.argv[1], 'rb') as f:
    documents = [d for d in yaml.load_all(f, Loader=yaml.BaseLoader) if d]
json.dump(documents, sys.stdout)
