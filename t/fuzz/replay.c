/* SPDX-License-Identifier: BSD-2-Clause */
/* Replays t/data/corpus/NAME, NAME being the program's own, as TAP. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>

static int
replay(const char *dir, const char *file)
{
	static uint8_t octets[1 << 20];
	char path[4096];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "rb");
	if (!f)
		return -1;
	n = fread(octets, 1, sizeof(octets), f);
	(void)fclose(f);
	/* A copy of exactly n octets, so that reading past them is seen. */
	uint8_t *copy = malloc(n ? n : 1);
	if (!copy)
		return -1;
	memcpy(copy, octets, n);
	(void)LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir"), *name = strrchr(argv[0], '/');
	char dir[2048];
	struct dirent *e;
	int n = 0;
	DIR *d;

	(void)argc;
	name = name ? name + 1 : argv[0];
	(void)snprintf(
	    dir, sizeof(dir), "%s/t/data/corpus/%s", top ? top : ".", name);
	d = opendir(dir);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		printf("%s %d - %s\n",
		    replay(dir, e->d_name) ? "not ok" : "ok", n + 1,
		    e->d_name);
		(void)fflush(stdout);
		n++;
	}
	if (d)
		(void)closedir(d);
	if (n == 0)
		printf("not ok 1 - %s holds no corpus\n", dir);
	printf("1..%d\n", n ? n : 1);
	return n ? 0 : 1;
}
