/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fuzz target: t/fuzz/NAME.c defines this function, its corpus is
 * t/data/corpus/NAME. Linked with libFuzzer (--enable-fuzz, CC=clang) it
 * searches; linked with replay.c it is a test of make check. A target asserts
 * more than survival: parse(print(x)) == x, any chunking equals one piece.
 */
#ifndef ASSAY_FUZZ_H
#define ASSAY_FUZZ_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
