/* SPDX-License-Identifier: BSD-2-Clause */
/* How the classes of reasons read and look: a problem is told by its letters too. */
#include "class.h"

const char *class_word(enum relay_class class)
{
	switch (class) {
	case RELAY_CLASS_NORMAL: return "normal";
	case RELAY_CLASS_WARMING: return "warming";
	case RELAY_CLASS_PROBLEM: return "PROBLEM";
	}
	return "?";
}

enum meaning class_meaning(enum relay_class class)
{
	switch (class) {
	case RELAY_CLASS_WARMING: return MEANING_WARMING;
	case RELAY_CLASS_PROBLEM: return MEANING_PROBLEM;
	case RELAY_CLASS_NORMAL: break;
	}
	return MEANING_TEXT;
}
