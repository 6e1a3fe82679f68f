/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CRC-32 as in Ethernet, gzip and PNG (ISO 3309): tells an accident to octets
 * on a disk. It is no protection against anybody who means it.
 */
#ifndef ASSAY_BASE_CRC_H
#define ASSAY_BASE_CRC_H

#include <stdint.h>

#include "base/slice.h"

uint32_t crc32_of(struct slice);

#endif
