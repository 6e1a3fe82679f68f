# SPDX-License-Identifier: BSD-2-Clause
"""dns_api.py PORT FILE: as much of two DNS providers' APIs as the hooks of
contrib/publish use, in memory. Writes the records to FILE after each change;
answers 403 to a token that is not "good"."""
import http.server
import json
import sys
import urllib.parse

ZONE = 'example.com'
records = {}
log = []


class Handler(http.server.BaseHTTPRequestHandler):
    def reply(self, code, body=None):
        self.send_response(code)
        self.end_headers()
        if body is not None:
            self.wfile.write(json.dumps(body).encode())

    def body(self):
        return json.loads(self.rfile.read(int(self.headers['Content-Length'])))

    def handle_call(self):
        url = urllib.parse.urlparse(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        parts = url.path.strip('/').split('/')
        ours = parts[0] == 'cf'
        if self.headers['Authorization'] != 'Bearer good':
            return self.reply(403, {'errors': ['no']})
        if ours and parts[1:] == ['zones']:
            return self.reply(200, {'result': [{'id': 'z1'}]
                                    if query['name'] == ZONE else []})
        if not ours and parts[1] == 'domains' and len(parts) == 3:
            return self.reply(200 if parts[2] == ZONE else 404, {})
        if self.command == 'GET':
            found = [r for r in records.values() if r['fqdn'] == query['name']]
            return self.reply(200, {'result': found, 'domain_records': found})
        if self.command == 'POST':
            r = self.body()
            r['id'] = len(log) + 1
            r['fqdn'] = r['name'] if ours else r['name'] + '.' + ZONE
            records[r['id']] = r
            log.append('add ' + str(r['id']))
            self.reply(200, {'result': r, 'domain_record': r})
        if self.command == 'DELETE':
            del records[int(parts[-1])]
            log.append('delete ' + parts[-1])
            self.reply(200, {'result': {}}) if ours else self.reply(204)
        with open(sys.argv[2], 'w') as f:
            json.dump({'records': list(records.values()), 'log': log}, f)

    do_GET = do_POST = do_DELETE = handle_call

    def log_message(self, *args):
        pass


http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
