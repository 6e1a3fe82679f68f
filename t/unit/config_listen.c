/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/listen.h"

#include "unit.h"

struct row {
	const char *name, *spec; /* spec NULL: refused */
};

static const struct row rows[] = {
    {"inet:8891@127.0.0.1", "inet:8891@127.0.0.1"},
    {"inet:8891@localhost", "inet:8891@127.0.0.1"},
    {"inet:8891", "inet:8891@127.0.0.1"},
    {"INET:8891", "inet:8891@127.0.0.1"},
    {"inet:127.0.0.1:8891", "inet:8891@127.0.0.1"},
    {"inet:localhost:8891", "inet:8891@127.0.0.1"},
    {"inet:0.0.0.0:8891", "inet:8891@0.0.0.0"},
    {"inet6:8891@::1", "inet6:8891@::1"},
    {"inet6:8891@[::1]", "inet6:8891@::1"},
    {"inet6:[::1]:8891", "inet6:8891@::1"},
    {"inet:[::1]:8891", "inet6:8891@::1"},
    {"inet:[127.0.0.1]:8891", NULL},
    {"inet6:8891", "inet6:8891@::1"},
    {"unix:/run/assay/assay.sock", "unix:/run/assay/assay.sock"},
    {"local:/run/assay/assay.sock", "unix:/run/assay/assay.sock"},
    {"/run/assay/assay.sock", "unix:/run/assay/assay.sock"},
    {"inet:", NULL},
    {"inet:0", NULL},
    {"inet:65536", NULL},
    {"inet:99999@127.0.0.1", NULL},
    {"inet:smtp@127.0.0.1", NULL},
    {"inet:8891@mx.example.com", NULL},
    {"inet:8891@::1", NULL},
    {"inet6:8891@127.0.0.1", NULL},
    {"unix:relative", NULL},
    {"unix:", NULL},
    {"", NULL},
    {"8891", NULL},
    {"tcp:8891", NULL},
    {"unix:/"
     "0123456789"
     "0123456789"
     "0123456789"
     "0123456789"
     "0123456789"
     "0123456789"
     "0123456789"
     "0123456789"
     "0123456789"
     "0123456789"
     "0123456",
	NULL},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct listen l;
	const char *wrong = listen_parse(r->name, &l);

	if (r->spec) {
		assert_null(wrong);
		assert_string_equal(l.spec, r->spec);
	} else {
		assert_non_null(wrong);
	}
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
