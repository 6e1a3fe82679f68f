/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories that a test makes and takes away again. */
#ifndef ASSAY_UNIT_SCRATCH_H
#define ASSAY_UNIT_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Removes path with all below it; what is not there is no fault. */
static inline void
scratch_remove(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char name[1024];

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if ((size_t)snprintf(name, sizeof(name), "%s/%s", path,
			e->d_name) < sizeof(name) &&
		    unlink(name))
			scratch_remove(name);
	}
	if (d)
		(void)closedir(d);
	(void)rmdir(path);
}

#endif
