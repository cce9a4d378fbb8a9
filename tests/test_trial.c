/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames made up for bindings, and what differs between two frames. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "../src/trial.h"
#include "fixture.h"

static uint16_t ones_sum(const uint8_t *bytes, size_t length, uint32_t total)
{
	for (size_t i = 0; i < length; i++)
		total += (uint32_t)bytes[i] << (i % 2 ? 0 : 8);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)total;
}

Test(trial, frames_of_a_binding_are_sound)
{
	static struct model *(*const models[])(void) = { fixture_warm, fixture_ipv6 };

	for (size_t i = 0; i < 4; i++) {
		struct model *model = models[i / 2]();
		bool to_client = i % 2, ipv4 = i < 2;
		size_t addresses = ipv4 ? 26 : 22, size = ipv4 ? 8 : 32;
		struct dissection frame;
		struct trial_frame made;

		model->bindings[0].server.ip = model->bindings[0].relayed.ip =
			fixture_ip(ipv4 ? "10.89.7.3" : "fd89::3");
		trial_of_binding(model, &model->bindings[0], to_client, &made);
		dissect(made.bytes, made.length, (uint32_t)made.length, 3478, &frame);
		cr_expect(dissect_ip_is_sound(&frame));
		cr_expect_eq(frame.has_channel, !to_client);
		cr_expect_eq(frame.ip_length + 14, made.length);
		if (ipv4)
			cr_expect_eq(ones_sum(made.bytes + 14, 20, 0), 0xffff);
		cr_expect_eq(ones_sum(made.bytes + frame.l4, frame.udp_length,
				      17U + frame.udp_length +
					      ones_sum(made.bytes + addresses, size, 0)),
			     0xffff);
		cr_expect_arr_eq(made.bytes, &model->mac, 6);
		model_free(model);
	}
}

Test(trial, packets)
{
	struct model_packet packet = { .length = 100, .captured = 60 };
	struct trial_frame frame;

	cr_expect_eq(trial_of_packet(&packet, &frame), 0);
	cr_expect_eq(frame.made_up, 40);
	packet.length = TRIAL_SIZE + 1;
	cr_expect_eq(trial_of_packet(&packet, &frame), -EMSGSIZE);
	packet.captured = 0;
	cr_expect_eq(trial_of_packet(&packet, &frame), -ENODATA);
}

Test(trial, changes_are_found_layer_by_layer)
{
	struct model *model = fixture_warm();
	struct trial_frame before, after;
	bool changed[TRIAL_SIZE];

	trial_of_binding(model, &model->bindings[0], false, &before);
	after = before;
	/* the ChannelData header goes, the hop count falls */
	memmove(after.bytes + 42, after.bytes + 46, after.length - 46);
	after.length -= 4;
	after.bytes[17] = (uint8_t)(after.bytes[17] - 4);
	after.bytes[39] = (uint8_t)(after.bytes[39] - 4);
	after.bytes[22]--;
	after.bytes[36] = 0x17;
	after.bytes[37] = 0x70;
	trial_changes(&before, &after, 3478, changed);
	for (size_t i = 0; i < before.length; i++)
		cr_expect_eq(changed[i],
			     i == 17 || i == 22 || i == 36 || i == 37 || i == 39 ||
				     (i >= 42 && i < 46),
			     "byte %zu", i);
	trial_changes(&after, &before, 3478, changed);
	for (size_t i = 0; i < after.length; i++)
		cr_expect_eq(changed[i], i == 17 || i == 22 || i == 36 || i == 37 || i == 39,
			     "byte %zu", i);
	model_free(model);
}
