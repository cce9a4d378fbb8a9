/* SPDX-License-Identifier: BSD-2-Clause */
/* Pairs of request and response: either order, contradictions, age and room. */
#include "../src/transactions.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "stun_messages.h"

/* r, R: a request for peer 1 or 2; s: a success response. Each is applied in turn under one key;
 * the results: '.' = waits, '1' '2' = the pair with that request, '!' = contradiction. */
static const struct {
	const char *name, *steps, *results;
} orders[] = {
	{ "usual", "rs", ".1" },
	{ "response seen first", "sr", ".1" },
	{ "request retransmitted, one answer", "rrs", "..1" },
	{ "request retransmitted, two answers", "rsrs", ".1.1" },
	{ "both answers after both requests", "rrss", "..11" },
	{ "contradiction before the answer", "rRs", ".!!" },
	{ "contradiction, then the first again", "rRrs", ".!!!" },
	{ "another request after the answer needs its own", "rsRs", ".1.2" },
	{ "retransmission, then a forgery, then the second answer", "rsrRs", ".1.!!" },
	{ "forgery after the answer, then the retransmission", "rsRrs", ".1.!!" },
	{ "response twice before the request", "ssr", "..1" },
};

static char name_result(int err, const struct transaction *pair)
{
	if (err == -EAGAIN)
		return '.';
	if (err)
		return err == -EBADMSG ? '!' : '?';
	return pair->request.peer.port == 1 ? '1' : '2';
}

Test(transactions, pairs_in_any_order)
{
	struct endpoint client = endpoint_from("10.0.0.1:1");
	struct endpoint server = endpoint_from("10.0.0.2:3478");
	size_t i, step;

	for (i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		struct transactions *transactions = transactions_new();
		struct stun_message message = { .method = STUN_METHOD_CHANNEL_BIND };
		struct transaction_key key = transactions_key(&client, &server, &message);
		char results[16] = "";

		for (step = 0; orders[i].steps[step]; step++) {
			struct transaction pair = { 0 };
			char what = orders[i].steps[step];
			int err;

			message.peer_count = what != 's';
			message.peer.port = what == 'R' ? 2 : 1;
			if (what == 's')
				err = transactions_response(transactions, &key, &message,
							    (int64_t)step, &pair);
			else
				err = transactions_request(transactions, &key, &message,
							   (int64_t)step, &pair);
			results[step] = name_result(err, &pair);
		}
		cr_expect_str_eq(results, orders[i].results, "%s: %s", orders[i].name, results);
		transactions_free(transactions);
	}
}

static struct transaction_key number_key(unsigned int number)
{
	struct endpoint client = endpoint_from("10.0.0.1:1");
	struct stun_message message = { .method = STUN_METHOD_REFRESH };

	memcpy(message.transaction, &number, sizeof(number));
	return transactions_key(&client, &client, &message);
}

Test(transactions, the_oldest_makes_room)
{
	struct transactions *transactions = transactions_new();
	struct stun_message message = { 0 };
	struct transaction_key key;
	struct transaction pair;
	unsigned int i;

	for (i = 0; i < TRANSACTIONS_MAX + 10; i++) {
		key = number_key(i);
		transactions_request(transactions, &key, &message, i, &pair);
	}
	cr_assert_eq(transactions_count(transactions), TRANSACTIONS_MAX);
	cr_assert_eq(transactions_evicted(transactions), 10);
	key = number_key(10);
	cr_assert_eq(transactions_response(transactions, &key, &message, i, &pair), 0);
	key = number_key(9);
	cr_assert_eq(transactions_response(transactions, &key, &message, i, &pair), -EAGAIN);
	transactions_free(transactions);
	transactions_free(NULL);
}

Test(transactions, are_forgotten_after_a_minute)
{
	struct transactions *transactions = transactions_new();
	struct stun_message message = { 0 };
	struct transaction_key key = number_key(1);
	struct transaction pair;

	transactions_request(transactions, &key, &message, 0, &pair);
	cr_assert_eq(
		transactions_response(transactions, &key, &message, TRANSACTIONS_AGE_NS - 1, &pair),
		0);
	cr_assert_eq(
		transactions_response(transactions, &key, &message, TRANSACTIONS_AGE_NS, &pair),
		-EAGAIN);
	cr_assert_eq(transactions_count(transactions), 1);
	cr_assert_eq(transactions_evicted(transactions), 0);
	transactions_free(transactions);
}
