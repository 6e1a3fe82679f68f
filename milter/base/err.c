/* SPDX-License-Identifier: BSD-2-Clause */
/* Error texts. See err.h. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

int
err_set(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e || e->text[0])
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return -1;
}

int
err_errno(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	char why[128];
	va_list ap;
	size_t n;

	if (!e || e->text[0])
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	if (strerror_r(saved, why, sizeof(why)) != 0)
		(void)snprintf(why, sizeof(why), "error %d", saved);
	n = strlen(e->text);
	(void)snprintf(e->text + n, sizeof(e->text) - n, ": %s", why);
	return -1;
}

int
err_no_mem(struct err *e)
{
	return err_set(e, "out of memory");
}
