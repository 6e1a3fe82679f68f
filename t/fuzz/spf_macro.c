/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Macro text and the values a peer chooses, each on a line of its own: text,
 * local part, HELO, address, record's domain. A name is what the whole
 * expansion ends in.
 */
#include "fuzz.h"

#include "spf/macro.h"

static struct slice
line(struct slice *rest, size_t max)
{
	bool more;

	return slice_upto(slice_cut(rest, '\n', &more), max);
}

/* RFC 7208 section 7.3, from the left and the long way round. */
static struct slice
slow_target(struct slice s)
{
	if (s.len && s.ptr[s.len - 1] == '.')
		s.len--;
	while (s.len > LIMIT_DOMAIN)
		s = slice_from(s, slice_find(s, '.') + 1);
	return s;
}

static void
check_target(struct slice text, const struct spf_macro_values *values)
{
	struct buf b = BUF_INIT(16u << 20);
	char out[LIMIT_DOMAIN + 1];
	size_t len;
	int rc = spf_macro_target(text, values, out, &len);

	assert(rc == 0 && len <= LIMIT_DOMAIN && out[len] == '\0');
	rc = spf_macro_expand(text, values, &b);
	assert(rc == 0);
	assert(slice_eq(slice_of(out, len), slow_target(buf_slice(&b))));
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size);
	struct slice text = line(&rest, LIMIT_SPF_RECORD);
	struct slice local = line(&rest, LIMIT_ENVELOPE);
	struct slice helo = line(&rest, LIMIT_ENVELOPE), address;
	struct spf_macro_values values = {
	    .sender = helo,
	    .local = local,
	    .sender_domain = SLICE_LIT("email.example.com"),
	    .helo = helo,
	    .validated = SLICE_LIT("unknown"),
	    .receiver = SLICE_LIT("mx.example.org"),
	    .now_s = 1234567890,
	};
	struct buf b = BUF_INIT(LIMIT_SPF_EXPLANATION);
	int rc;

	address = line(&rest, 64);
	values.domain = line(&rest, LIMIT_DOMAIN);
	if (ip_parse(address, &values.ip))
		values.ip = (struct ip){.family = IP_V4};
	if (spf_macro_target_valid(text))
		assert(spf_macro_valid(text, SPF_IN_TERM));
	if (!spf_macro_valid(text, SPF_IN_EXPLANATION)) {
		assert(!spf_macro_valid(text, SPF_IN_TERM));
		return 0;
	}
	rc = spf_macro_expand(text, &values, &b);
	assert(rc == 0 && b.len <= LIMIT_SPF_EXPLANATION);
	if (!spf_macro_uses(text, "slodiphvcrt") && !memchr(data, '%', size))
		assert(slice_eq(
		    buf_slice(&b), slice_upto(text, LIMIT_SPF_EXPLANATION)));
	buf_free(&b);
	if (spf_macro_valid(text, SPF_IN_TERM))
		check_target(text, &values);
	return 0;
}
