/* SPDX-License-Identifier: BSD-2-Clause */
/* What the start leaves in memory and service does not need. */
#ifndef ASSAY_DAEMON_FOOTPRINT_H
#define ASSAY_DAEMON_FOOTPRINT_H

/*
 * Unmaps the code and constants read so far, ours and the libraries': parsing
 * the configuration, relocation, OpenSSL's tables of algorithms. What is called
 * again comes back from the page cache at the price of a minor fault. A page no
 * process maps is among the first the kernel takes when memory is short, one
 * that is mapped among the last. For the process as a whole, once, after the
 * start. Nothing where the system has no such call, or for an object with
 * relocations in its code, which the file does not have.
 */
void footprint_shrink(void);

#endif
