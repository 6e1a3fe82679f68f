/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is told about a verdict: the explanation of the domain's owner (RFC
 * 7208 section 6.2) and the way to the term that decided. See eval.h.
 */
#include "spf/eval.h"

#include "base/buf.h"
#include "dns/rdata.h"

/* --- exp= ----------------------------------------------------------------- */

/*
 * Exactly one TXT record, sound macros, no more text than a record may have.
 * "If there are any DNS processing errors (any RCODE other than 0), or if no
 * records are returned, or if more than one record is returned, or if there
 * are syntax errors in the explanation string, then proceed as if no "exp"
 * modifier was given."
 */
static bool
read_text(struct spf_eval *e, struct slice name, struct slice *text)
{
	const struct answer *a = spf_eval_ask(e, name, DNS_TXT, SPF_ASK_EXP);

	if (!a || a->nrr != 1 || a->rdata[0].len > LIMIT_SPF_RECORD)
		return false;
	if (rdata_txt(a->rdata[0], e->arena, text)) {
		(void)spf_eval_fail(e);
		return false;
	}
	return spf_macro_valid(*text, SPF_IN_EXPLANATION);
}

/* One line of printable ASCII, whatever the macros have brought in. */
static void
add_line(struct slice s, size_t max, struct buf *out)
{
	for (size_t i = 0; i < s.len && i < max; i++)
		buf_addc(out, is_print(s.ptr[i]) ? s.ptr[i] : '?');
}

struct slice
spf_explain(struct spf_eval *e)
{
	struct buf b = BUF_INIT(LIMIT_SPF_EXPLANATION);
	struct buf line = BUF_INIT(LIMIT_SPF_EXPLANATION);
	const struct spf_frame *f = e->explains;
	struct slice name, text, out = SLICE_EMPTY;
	struct spf_macro_values values;

	if (!f->record.exp || spf_eval_is_mute(e, f->record.exp->target))
		return out;
	if (!spf_eval_target(
		e, f, f->record.exp->target, SPF_ASK_EXP, &name) ||
	    !read_text(e, name, &text) ||
	    !spf_eval_values(e, f, text, SPF_ASK_EXP, &values))
		return out;
	if (spf_macro_expand(text, &values, &b) == 0)
		add_line(buf_slice(&b), LIMIT_SPF_EXPLANATION, &line);
	if (buf_status(&b) || buf_status(&line) ||
	    arena_copy(e->arena, buf_slice(&line), &out))
		(void)spf_eval_fail(e);
	buf_free(&line);
	buf_free(&b);
	return out;
}

/* --- the path ------------------------------------------------------------- */

#define ARROW " -> "
#define DOTS "..."

struct slice
spf_eval_path(struct spf_eval *e)
{
	struct slice parts[LIMIT_SPF_TERMS + 1], out = SLICE_EMPTY;
	const struct spf_frame *f = e->at_frame;
	struct buf b = BUF_INIT(LIMIT_SPF_PATH);
	size_t n = 0, room = LIMIT_SPF_PATH - (sizeof(DOTS) - 1);

	if (e->at.len == 0)
		return out;
	parts[n++] = e->at;
	for (; f->via && n < ARRAY_LEN(parts); f = f->via->frame)
		parts[n++] = f->via->step.term->text;
	while (n > 0 && b.len < room) {
		add_line(parts[--n], room - b.len, &b);
		if (n)
			add_line(SLICE_LIT(ARROW), room - b.len, &b);
	}
	if (b.len == room)
		buf_addz(&b, DOTS);
	if (buf_status(&b) || arena_copy(e->arena, buf_slice(&b), &out))
		(void)spf_eval_fail(e);
	buf_free(&b);
	return out;
}
