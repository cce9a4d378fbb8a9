/* SPDX-License-Identifier: BSD-2-Clause */
/* Refusals say what failed, why, and the command to type next. */
#include "preflight.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "privileges.h"

#define LISTED 256

struct text {
	char *at;
	size_t left;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text->at, text->left, format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= text->left)
		length = text->left ? (int)text->left - 1 : 0;
	text->at += length;
	text->left -= (size_t)length;
}

static void no_interface(char *ret, size_t size, const char *name)
{
	struct interface *all = calloc(LISTED, sizeof(*all));
	size_t nearest[INTERFACES_NEAREST], count, i;
	struct text text = { ret, size };
	int listed = all ? interfaces_list(all, LISTED) : 0;

	add(&text, "there is no interface \"%s\" here", name);
	count = listed > 0 ? interfaces_nearest(name, all, (size_t)listed, nearest) : 0;
	for (i = 0; i < count; i++)
		add(&text, "%s\n  fzbpf-top %-15s  %s%s%s",
		    i ? "" : "\nDid you mean:", all[nearest[i]].name,
		    all[nearest[i]].up ? "up" : "down",
		    all[nearest[i]].ethernet ? "" : ", not Ethernet",
		    all[nearest[i]].carrier ? "" : ", no carrier");
	add(&text, "\nAll interfaces are listed by\n  fzbpf-top -D");
	free(all);
}

static void not_ethernet(char *ret, size_t size, const struct interface *interface)
{
	struct text text = { ret, size };

	add(&text,
	    "%s is not an Ethernet interface (ARPHRD type %u): it has no MAC addresses to learn\n"
	    "Interfaces that have are listed by\n  fzbpf-top -D",
	    interface->name, interface->type);
}

static void not_permitted(char *ret, size_t size, const char *missing, const char *interface)
{
	struct text text = { ret, size };

	add(&text,
	    "may not load BPF programs: %s missing\n"
	    "Choose one:\n"
	    "  run it once as root            sudo fzbpf-top %s\n"
	    "  allow this binary for good     sudo setcap cap_bpf,cap_net_admin,cap_net_raw+ep "
	    "\"$(command -v fzbpf-top)\"",
	    missing, interface);
}

void preflight_busy(const struct preflight_holder *holder, const char *interface, char *ret_error,
		    size_t size)
{
	snprintf(ret_error, size,
		 "cannot attach to %s: another XDP program is already there\n"
		 "  id %u  name %s  tag %s  mode %s\n"
		 "Choose one:\n"
		 "  look at it                     sudo bpftool prog show id %u\n"
		 "  replace it (its work stops)    sudo fzbpf-top --force %s",
		 interface, holder->id, holder->name, holder->tag, holder->mode, holder->id,
		 interface);
}

enum exit_status preflight_interface(const struct options *options, struct interface *ret,
				     char *ret_error, size_t size)
{
	char missing[128];

	if (interfaces_find(options->interface, ret)) {
		no_interface(ret_error, size, options->interface);
		return EXIT_STATUS_NO_INTERFACE;
	}
	if (!ret->ethernet) {
		not_ethernet(ret_error, size, ret);
		return EXIT_STATUS_USAGE;
	}
	if (!privileges_suffice(missing, sizeof(missing))) {
		not_permitted(ret_error, size, missing, options->interface);
		return EXIT_STATUS_NOT_PERMITTED;
	}
	return EXIT_STATUS_DONE;
}

size_t preflight_bind(const struct options *options, const struct interface *interface,
		      struct bindings *bindings, int64_t now_ns)
{
	const struct options_binding *given;
	const struct in6_addr *own;
	struct event_binding binding;
	size_t i, a, failed = 0;

	for (i = 0; i < options->binding_count; i++) {
		given = &options->bindings[i];
		binding = (struct event_binding){
			.client = given->client,
			.server = given->server,
			.relayed = given->relayed,
			.peer = given->peer,
			.channel = given->channel,
			.fixed = true,
			.why = "option",
		};
		for (a = 0; a < interface->address_count; a++) {
			own = &interface->addresses[a].ip;
			if (IN6_IS_ADDR_UNSPECIFIED(&binding.server.ip) &&
			    !IN6_IS_ADDR_V4MAPPED(own) == !IN6_IS_ADDR_V4MAPPED(&binding.client.ip))
				binding.server.ip = *own;
		}
		if (bindings_bind(bindings, &binding, NULL, now_ns))
			failed++;
	}
	return failed;
}
