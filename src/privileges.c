/* SPDX-License-Identifier: BSD-2-Clause */
/* Capabilities, by libcap-ng. */
#include "privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdio.h>

/* Load and attach; hear the control messages. CAP_SYS_ADMIN stands for CAP_BPF. */
static const unsigned int needed[] = { CAP_BPF, CAP_NET_ADMIN, CAP_NET_RAW };

/* A file that `w` starts belongs to the user behind sudo, wherever it is. */
static const unsigned int kept[] = { CAP_CHOWN, CAP_DAC_OVERRIDE };

static bool have(unsigned int capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability) ||
	       (capability == CAP_BPF && capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN));
}

bool privileges_suffice(char *ret, size_t size)
{
	const char *names[] = { "CAP_BPF", "CAP_NET_ADMIN", "CAP_NET_RAW" };
	size_t used = 0, i;

	if (capng_get_caps_process()) {
		snprintf(ret, size, "capabilities (they cannot be read)");
		return false;
	}
	*ret = '\0';
	for (i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!have(needed[i]) && used < size)
			used += (size_t)snprintf(ret + used, size - used, "%s%s", used ? ", " : "",
						 names[i]);
	return !used;
}

int privileges_drop(void)
{
	size_t i;

	if (capng_get_caps_process())
		return -EPERM;
	capng_type_t both = CAPNG_EFFECTIVE | CAPNG_PERMITTED;
	bool had[sizeof(kept) / sizeof(*kept)];

	for (i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		had[i] = capng_have_capability(CAPNG_PERMITTED, kept[i]);
	capng_clear(CAPNG_SELECT_CAPS);
	for (i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		if (had[i])
			capng_update(CAPNG_ADD, both, kept[i]);
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}
