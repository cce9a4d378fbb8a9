/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of capture files: made up after what is recorded, and numbered and dated as by tcpdump. */
#ifndef FZBPF_RECORDER_NAME_H
#define FZBPF_RECORDER_NAME_H

#include "recorder.h"

/* passed-IF-YYYYMMDD-HHMMSS.SUFFIX, or misses-IF-IP-... for the misses of one address. */
void recorder_name_make_up(const struct recorder *recorder, const char *interface, int64_t now_ns,
			   char *buf, size_t size);

/*
 * The file that the recording is at: the pattern, dated with the begin of the period if there is
 * -G, then the number if there is -C: with as many digits as -W needs, or from the second file on.
 * -ENAMETOOLONG.
 */
int recorder_name_next(const struct recorder *recorder, char *buf, size_t size);

#endif
