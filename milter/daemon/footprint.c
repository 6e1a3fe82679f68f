/* SPDX-License-Identifier: BSD-2-Clause */
/* See footprint.h. */
#define _DEFAULT_SOURCE /* madvise */
#include "daemon/footprint.h"

#ifdef __linux__

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* dl_iterate_phdr(3), which link.h has for GNU programs only. */
struct object {
	ElfW(Addr) base;
	const char *name;
	const ElfW(Phdr) * headers;
	ElfW(Half) n;
};
int dl_iterate_phdr(
    int (*)(struct object *, size_t size, void *arg), void *arg);

/* Its pages are no longer the file's: they would come back unrelocated. */
static bool
code_is_relocated(const struct object *object, const ElfW(Phdr) * dynamic)
{
	const ElfW(Dyn) *d =
	    (const ElfW(Dyn) *)(object->base + dynamic->p_vaddr);

	for (; d->d_tag != DT_NULL; d++)
		if (d->d_tag == DT_TEXTREL ||
		    (d->d_tag == DT_FLAGS && d->d_un.d_val & DF_TEXTREL))
			return true;
	return false;
}

static int
unmap_constants(struct object *object, size_t size, void *arg)
{
	uintptr_t page = *(const uintptr_t *)arg;

	(void)size;
	for (size_t i = 0; i < object->n; i++)
		if (object->headers[i].p_type == PT_DYNAMIC &&
		    code_is_relocated(object, &object->headers[i]))
			return 0;
	for (size_t i = 0; i < object->n; i++) {
		const ElfW(Phdr) *p = &object->headers[i];
		uintptr_t from = object->base + p->p_vaddr;
		uintptr_t to = from + p->p_memsz;

		if (p->p_type != PT_LOAD || p->p_flags & PF_W)
			continue;
		from -= from % page;
		(void)madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 0;
}

void
footprint_shrink(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)dl_iterate_phdr(unmap_constants, &page);
}

#else

void
footprint_shrink(void)
{
}

#endif
