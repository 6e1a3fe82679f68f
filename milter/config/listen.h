/* SPDX-License-Identifier: BSD-2-Clause */
/* Socket addresses as mail people write them. */
#ifndef ASSAY_CONFIG_LISTEN_H
#define ASSAY_CONFIG_LISTEN_H

#include <stdbool.h>

enum listen_family {
	LISTEN_UNIX,
	LISTEN_INET,
	LISTEN_INET6,
};

struct listen {
	enum listen_family family;
	char path[108]; /* LISTEN_UNIX */
	char host[64];  /* an address */
	unsigned port;
	/* As smfi_setconn wants it: "inet:8895@127.0.0.1", "unix:/path". */
	char spec[128];
};

/*
 * inet:PORT@HOST, inet:HOST:PORT, inet:PORT, inet6:PORT@HOST,
 * inet6:[HOST]:PORT, inet6:PORT, unix:/PATH, local:/PATH, /PATH. HOST is an
 * address or localhost. NULL when fine, else what is wrong.
 */
const char *listen_parse(const char *text, struct listen *);

#endif
