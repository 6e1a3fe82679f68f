/* SPDX-License-Identifier: BSD-2-Clause */
#include "dkim/fold.h"

#include "unit.h"

static void
words(struct dkim_fold *f, void (*place)(struct dkim_fold *), size_t len,
    size_t n)
{
	while (n--) {
		for (size_t i = 0; i < len; i++)
			buf_addc(&f->word, 'x');
		place(f);
	}
}

struct row {
	const char *name;
	void (*place)(struct dkim_fold *);
	size_t len, n;
	const char *want; /* columns of each line */
};

static const struct row rows[] = {
    {"a full line", dkim_fold_join, 13, 6, "78"},
    {"one octet more", dkim_fold_join, 79, 1, "79"},
    {"joined words", dkim_fold_join, 20, 4, "60 21"},
    {"spaced words", dkim_fold_space, 25, 4, "78 26"},
    {"spaced words that fill the line", dkim_fold_space, 38, 3, "78 39"},
    {"longer than a line", dkim_fold_space, 100, 2, "0 101 101"},
    {"anywhere", dkim_fold_anywhere, 200, 1, "78 78 46"},
    {"anywhere, exactly a line", dkim_fold_anywhere, 78, 1, "78"},
    {"anywhere, twice", dkim_fold_anywhere, 50, 2, "78 23"},
    {"anywhere, a line and one", dkim_fold_anywhere, 79, 1, "78 2"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct dkim_fold f = DKIM_FOLD_INIT(4096);
	struct slice rest;
	char got[128] = "";
	bool more = true;
	size_t n = 0;

	words(&f, r->place, r->len, r->n);
	assert_int_equal(dkim_fold_status(&f), 0);
	for (rest = buf_slice(&f.text); more;) {
		struct slice line = slice_cut(&rest, '\n', &more);

		if (more)
			line.len--; /* the CR */
		n += (size_t)snprintf(
		    got + n, sizeof(got) - n, "%s%zu", n ? " " : "", line.len);
		if (n > 3)
			assert_true(line.len > 1);
	}
	assert_string_equal(got, r->want);
	dkim_fold_free(&f);
}

static void
test_failure_is_not_forgotten(void **state)
{
	struct dkim_fold f = DKIM_FOLD_INIT(10);

	(void)state;
	words(&f, dkim_fold_space, 11, 1);
	words(&f, dkim_fold_space, 1, 1);
	assert_int_equal(dkim_fold_status(&f), -1);
	dkim_fold_free(&f);
	f = DKIM_FOLD_INIT(10);
	words(&f, dkim_fold_anywhere, 6, 2);
	words(&f, dkim_fold_join, 1, 1);
	assert_int_equal(dkim_fold_status(&f), -1);
	dkim_fold_free(&f);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_failure_is_not_forgotten);
	return unit_end();
}
