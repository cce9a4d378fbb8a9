/* SPDX-License-Identifier: BSD-2-Clause */
/* How the classes of reasons read and look. */
#ifndef FZBPF_CLASS_H
#define FZBPF_CLASS_H

#include "../bpf/relay_abi.h"
#include "theme.h"

const char *class_word(enum relay_class class);
enum meaning class_meaning(enum relay_class class);

#endif
