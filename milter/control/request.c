/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines on the control socket. See request.h. */
#include "control/request.h"

#include "mail/limits.h"

#define HELLO "assay/1 "
#define END ".\n"

const struct name control_verb_words[] = {
    {CONTROL_STATUS, "status"},
    {CONTROL_RELOAD, "reload"},
    {CONTROL_DRAIN, "drain"},
    {0, NULL},
};

const struct name control_outcome_words[] = {
    {CONTROL_OK, "ok"},
    {CONTROL_FAILED, "failed"},
    {CONTROL_DENIED, "denied"},
    {CONTROL_UNKNOWN, "unknown"},
    {CONTROL_BUSY, "busy"},
    {0, NULL},
};

enum request_state
request_parse(struct slice in, enum control_verb *out)
{
	size_t end = slice_find(in, '\n');
	struct slice line = slice_upto(in, end);
	int verb;

	if (in.len > LIMIT_CONTROL_REQUEST)
		return REQUEST_WRONG;
	if (end == in.len)
		return in.len < LIMIT_CONTROL_REQUEST ? REQUEST_PARTIAL
						      : REQUEST_WRONG;
	if (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	if (end + 1 < in.len || !slice_starts(line, SLICE_LIT(HELLO)) ||
	    names_value(control_verb_words,
		slice_from(line, sizeof(HELLO) - 1), &verb))
		return REQUEST_WRONG;
	*out = (enum control_verb)verb;
	return REQUEST_WHOLE;
}

void
request_format(struct buf *b, enum control_verb verb)
{
	buf_addf(b, HELLO "%s\n", names_word(control_verb_words, (int)verb));
}

void
reply_begin(struct buf *b, enum control_outcome outcome)
{
	buf_addf(
	    b, HELLO "%s\n", names_word(control_outcome_words, (int)outcome));
}

void
reply_value(struct buf *b, struct slice v)
{
	for (size_t i = 0; i < v.len; i++)
		if (is_print(v.ptr[i]))
			buf_addc(b, v.ptr[i]);
		else
			buf_addf(b, "\\x%02x", (unsigned char)v.ptr[i]);
}

void
reply_end(struct buf *b)
{
	buf_addz(b, END);
}

bool
reply_parse(struct slice in, enum control_outcome *outcome, struct slice *body)
{
	bool more;
	struct slice first = slice_cut(&in, '\n', &more);
	size_t end = sizeof(END) - 1;
	int word;

	*body = SLICE_EMPTY;
	if (!slice_starts(first, SLICE_LIT(HELLO)) ||
	    names_value(control_outcome_words,
		slice_from(first, sizeof(HELLO) - 1), &word) ||
	    in.len < end ||
	    !slice_eq(slice_from(in, in.len - end), SLICE_LIT(END)) ||
	    (in.len > end && in.ptr[in.len - end - 1] != '\n'))
		return false;
	*outcome = (enum control_outcome)word;
	*body = slice_upto(in, in.len - end);
	return true;
}
