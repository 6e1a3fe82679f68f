/* SPDX-License-Identifier: BSD-2-Clause */
/* Documents out of the option table. See dump.h. */
#include "config/dump.h"

#include <string.h>

#include "config/options.h"

#define SAMPLE_WIDTH 76

static struct slice
next_word(struct slice *text)
{
	bool more;
	struct slice word = slice_cut(text, ' ', &more);

	return word;
}

/* Words as comment lines of at most SAMPLE_WIDTH columns. */
static void
wrap_comment(struct buf *b, const char *text)
{
	struct slice rest = slice_z(text);
	size_t column = 0;

	while (rest.len) {
		struct slice word = next_word(&rest);

		if (column && column + 1 + word.len > SAMPLE_WIDTH) {
			buf_addc(b, '\n');
			column = 0;
		}
		buf_addz(b, column ? " " : "# ");
		column += column ? 1 : 2;
		buf_add(b, word);
		column += word.len;
	}
	buf_addc(b, '\n');
}

static bool
is_list(const struct option *o)
{
	return o->def[0] == '{';
}

/* Does this default need quotes in the file? */
static bool
needs_quotes(const struct option *o)
{
	return o->def[0] == '\0';
}

void
dump_sample(struct buf *b)
{
	const char *group = "";

	buf_addz(b,
	    "# assay.conf: the configuration of assayd, see assay.conf(5).\n"
	    "# Every option stands here at its default. Remove the '#' to "
	    "change it;\n"
	    "# \"assayd -n\" checks the file.\n"
	    "#\n"
	    "# What differs for one signing domain stands in its section:\n"
	    "#domain \"example.com\" {\n"
	    "#    canonicalization = relaxed/simple\n"
	    "#    signature_expiry = 7d\n"
	    "#}\n");
	for (size_t i = 0; i < noptions; i++) {
		const struct option *o = &options[i];

		if (strcmp(group, o->group)) {
			group = o->group;
			buf_addf(b, "\n# --- %s ---\n", group);
		}
		buf_addc(b, '\n');
		wrap_comment(b, o->help);
		if (option_by_domain(o))
			buf_addz(b, "# May stand in a domain section.\n");
		buf_addf(b, needs_quotes(o) ? "#%s = \"%s\"\n" : "#%s = %s\n",
		    o->name, o->def);
	}
}

/* --- mdoc -------------------------------------------------------------------------- */

/* Text lines: one sentence a line, nothing taken for a macro. */
static void
mdoc_text(struct buf *b, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (p[0] == '\\')
			buf_addz(b, "\\e");
		else if (p[0] == ' ' && p > text &&
		    (p[-1] == '.' || p[-1] == '?'))
			buf_addc(b, '\n');
		else if (p[0] == '-' && p > text && p[-1] == ' ')
			buf_addz(b, "\\-");
		else
			buf_addc(b, *p);
	}
	buf_addc(b, '\n');
}

static void
mdoc_values(struct buf *b, const struct option *o)
{
	if (!o->names)
		return;
	buf_addz(b, "Words:\n");
	for (const struct name *n = o->names; n->word; n++)
		buf_addf(b, ".Cm %s%s\n", n->word, n[1].word ? " ," : " .");
}

void
dump_mdoc(struct buf *b)
{
	const char *group = "";

	for (size_t i = 0; i < noptions; i++) {
		const struct option *o = &options[i];

		if (strcmp(group, o->group)) {
			if (group[0])
				buf_addz(b, ".El\n");
			group = o->group;
			buf_addf(b, ".Ss %s\n.Bl -tag -width Ds\n", group);
		}
		buf_addf(b, ".It Cm %s No = Ar %s\n", o->name,
		    o->def[0] ? o->def : "\\(dq\\(dq");
		mdoc_text(b, o->help);
		mdoc_values(b, o);
		if (is_list(o))
			buf_addz(b, "A list.\n");
		if (o->reload == OPTION_RESTART)
			buf_addz(b, "Only a restart changes it.\n");
		if (option_by_domain(o))
			buf_addz(b, "May stand in a domain section.\n");
	}
	buf_addz(b, ".El\n");
}
