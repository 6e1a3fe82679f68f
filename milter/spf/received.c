/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing Received-SPF (RFC 7208 section 9.1; erratum 5436: the key-value
 * list may be folded). libspf2 can write one too; it cuts at 480 octets,
 * quotes nothing and knows nothing of our terms.
 */
#include "spf/received.h"

#include "base/buf.h"
#include "mail/limits.h"
#include "mail/quote.h"

#define RECEIVED_MAX (16 * LIMIT_SPF_RECEIVED_VALUE)

static bool
is_atext(char c)
{
	static const char others[] = "!#$%&'*+-/=?^_`{|}~";

	for (size_t i = 0; i + 1 < sizeof(others); i++)
		if (c == others[i])
			return true;
	return is_alnum(c);
}

/* dot-atom-text, RFC 5322 section 3.2.3. */
static bool
is_dot_atom(struct slice s)
{
	bool more = true;

	while (more) {
		struct slice part = slice_cut(&s, '.', &more);

		if (part.len == 0)
			return false;
		for (size_t i = 0; i < part.len; i++)
			if (!is_atext(part.ptr[i]))
				return false;
	}
	return true;
}

static struct slice
cut(struct slice s)
{
	return slice_upto(s, LIMIT_SPF_RECEIVED_VALUE);
}

/* What a result means, before and after the address and the domain. */
static void
add_comment(struct buf *b, const struct spf_received *r)
{
	struct slice who = cut(r->result->sender);
	char ip[IP_TEXT_MAX];
	struct slice client = slice_z(ip_format(&r->client, ip));
	struct buf text = BUF_INIT(4 * LIMIT_SPF_RECEIVED_VALUE);
	enum ar_word w = r->result->word;

	buf_add(&text, cut(r->receiver));
	buf_addz(&text, ": ");
	if (w == AR_TEMPERROR || w == AR_PERMERROR) {
		buf_addz(&text, "error in processing during lookup of ");
		buf_add(&text, who);
	} else if (w == AR_NEUTRAL) {
		buf_add(&text, client);
		buf_addz(&text, " is neither permitted nor denied by ");
		buf_add(&text, who);
	} else if (w == AR_NONE) {
		buf_add(&text, who);
		buf_addz(&text, " does not designate permitted sender hosts");
	} else {
		buf_addz(&text, "domain of ");
		buf_add(&text, who);
		buf_addz(&text,
		    w == AR_PASS ? " designates " : " does not designate ");
		buf_add(&text, client);
		buf_addz(&text, " as permitted sender");
	}
	buf_addc(b, '(');
	quote_comment(b, buf_slice(&text));
	buf_addc(b, ')');
	if (buf_status(&text))
		b->no_mem = true;
	buf_free(&text);
}

static void
add_pair(struct buf *b, const char *key, struct slice value)
{
	value = cut(value);
	buf_addf(b, "\n\t%s=", key);
	if (is_dot_atom(value))
		buf_add(b, value);
	else
		quote_string(b, value);
	buf_addc(b, ';');
}

int
spf_received_write(
    const struct spf_received *r, struct arena *arena, struct slice *value)
{
	const struct spf_result *res = r->result;
	struct buf b = BUF_INIT(RECEIVED_MAX);
	char ip[IP_TEXT_MAX];
	int rc = -1;

	buf_addf(&b, " %s\n\t", ar_word(res->word));
	add_comment(&b, r);
	add_pair(&b, "receiver", r->receiver);
	add_pair(&b, "client-ip", slice_z(ip_format(&r->client, ip)));
	add_pair(
	    &b, "identity", slice_z(r->null_sender ? "helo" : "mailfrom"));
	if (!r->null_sender)
		add_pair(&b, "envelope-from", res->sender);
	add_pair(&b, "helo", r->helo);
	if (res->reason == SPF_MATCHED)
		add_pair(&b, "mechanism", res->term);
	else if (res->reason == SPF_DEFAULT)
		add_pair(&b, "mechanism", SLICE_LIT("default"));
	else if (res->word != AR_NONE)
		add_pair(&b, "problem", slice_z(spf_reason_text(res->reason)));
	if (buf_status(&b) == 0)
		rc = arena_copy(arena, buf_slice(&b), value);
	buf_free(&b);
	return rc;
}
