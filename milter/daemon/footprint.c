/* SPDX-License-Identifier: BSD-2-Clause */
/* See footprint.h. */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "daemon/footprint.h"

#ifdef __linux__

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Its pages are no longer the file's: they would come back unrelocated. */
static bool
code_is_relocated(
    const struct dl_phdr_info *object, const ElfW(Phdr) * dynamic)
{
	const ElfW(Dyn) *d =
	    (const ElfW(Dyn) *)(object->dlpi_addr + dynamic->p_vaddr);

	for (; d->d_tag != DT_NULL; d++)
		if (d->d_tag == DT_TEXTREL ||
		    (d->d_tag == DT_FLAGS && d->d_un.d_val & DF_TEXTREL))
			return true;
	return false;
}

static int
unmap_constants(struct dl_phdr_info *object, size_t size, void *arg)
{
	uintptr_t page = *(const uintptr_t *)arg;

	(void)size;
	for (size_t i = 0; i < object->dlpi_phnum; i++)
		if (object->dlpi_phdr[i].p_type == PT_DYNAMIC &&
		    code_is_relocated(object, &object->dlpi_phdr[i]))
			return 0;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &object->dlpi_phdr[i];
		uintptr_t from = object->dlpi_addr + p->p_vaddr;
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
