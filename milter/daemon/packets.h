/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packets of one milter connection, looked at on their way to libmilter
 * for what it does not survive: macros in which a name has no value. Its
 * smfi_getsymval goes from name to name by twos and runs past the end of such
 * a list (8.17.1).
 */
#ifndef ASSAY_DAEMON_PACKETS_H
#define ASSAY_DAEMON_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/* All zero at the beginning of a connection. */
struct packets {
	uint8_t head[5]; /* length, command */
	uint8_t nhead;
	bool stage; /* the next octet says whose macros these are */
	bool odd;   /* of names and values so far */
	uint32_t left;
};

/*
 * Takes note of octets of the stream, in order. False when libmilter must not
 * see them: hang up.
 */
MUST_CHECK bool packets_pass(struct packets *, const void *, size_t len);

#endif
