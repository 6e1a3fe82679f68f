/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of at most 78 columns. See fold.h. */
#include "dkim/fold.h"

void
dkim_fold_free(struct dkim_fold *f)
{
	buf_free(&f->text);
	buf_free(&f->word);
}

int
dkim_fold_status(const struct dkim_fold *f)
{
	return buf_status(&f->text) || buf_status(&f->word) ? -1 : 0;
}

static void
put(struct dkim_fold *f, struct slice s)
{
	buf_add(&f->text, s);
	f->column += s.len;
}

static void
fold(struct dkim_fold *f)
{
	buf_addz(&f->text, "\r\n ");
	f->column = 1;
}

static void
place_word(struct dkim_fold *f)
{
	put(f, buf_slice(&f->word));
	/* Not after a failure: clearing would make it forgotten. */
	if (buf_status(&f->word) == 0)
		buf_clear(&f->word);
}

void
dkim_fold_join(struct dkim_fold *f)
{
	/* Never a line of a single SP: some programs end the header there. */
	if (f->column > 1 && f->column + f->word.len > DKIM_FOLD_COLUMNS)
		fold(f);
	place_word(f);
}

void
dkim_fold_space(struct dkim_fold *f)
{
	if (f->column + 1 + f->word.len > DKIM_FOLD_COLUMNS)
		fold(f);
	else
		put(f, SLICE_LIT(" "));
	place_word(f);
}

void
dkim_fold_anywhere(struct dkim_fold *f)
{
	struct slice s = buf_slice(&f->word);

	while (s.len) {
		size_t room;

		if (f->column >= DKIM_FOLD_COLUMNS)
			fold(f);
		room = DKIM_FOLD_COLUMNS - f->column;
		put(f, slice_upto(s, room));
		s = slice_from(s, room);
	}
	if (buf_status(&f->word) == 0)
		buf_clear(&f->word);
}
