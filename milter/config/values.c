/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts into the fields of struct config, by the rows of the table. */
#include <stdlib.h>
#include <string.h>

#include "config/options.h"
#include "mail/domain.h"

_Static_assert(sizeof(enum log_sink) == sizeof(int),
    "OPTION_WORD stores an int in any enum");

struct setting {
	const struct option *opt;
	struct config *config;
	const struct statement *st;
	void *field;
	const struct faults *faults;
	size_t line; /* of the value being read */
};

void
fault_add(
    const struct faults *f, size_t line, struct slice name, const char *what)
{
	buf_addf(f->errors, "%s:%zu: " SLICE_FMT ": %s\n", f->path, line,
	    SLICE_ARG(name), what);
}

static int
tell(const struct setting *s, const struct err *err)
{
	fault_add(s->faults, s->line, s->st->name, err->text);
	return -1;
}

static int
wrong(const struct setting *s, struct slice value, const char *what)
{
	struct err err = ERR_INIT;

	(void)err_set(&err, "\"" SLICE_FMT "\" %s", SLICE_ARG(value), what);
	return tell(s, &err);
}

static int
no_mem(const struct setting *s)
{
	struct err err = ERR_INIT;

	(void)err_no_mem(&err);
	return tell(s, &err);
}

/* --- single values ----------------------------------------------------------- */

static int
check_string(const struct setting *s, struct slice v, const char *text)
{
	const char *what = NULL;

	if (memchr(v.ptr ? v.ptr : "", '\0', v.len))
		return wrong(s, v, "holds a NUL");
	if (s->opt->check)
		what = s->opt->check(text);
	return what ? wrong(s, v, what) : 0;
}

static int
set_string(const struct setting *s, struct slice v)
{
	char *text = arena_strdup(s->config->arena, v);

	if (!text)
		return no_mem(s);
	memcpy(s->field, &(const char *){text}, sizeof(char *));
	return check_string(s, v, text);
}

static int
set_bool(const struct setting *s, struct slice v)
{
	bool yes = slice_ieqz(v, "yes") || slice_ieqz(v, "true");

	if (!yes && !slice_ieqz(v, "no") && !slice_ieqz(v, "false"))
		return wrong(s, v, "must be yes or no");
	memcpy(s->field, &yes, sizeof(yes));
	return 0;
}

static int
in_range(const struct setting *s, struct slice v, uint64_t n)
{
	struct err err = ERR_INIT;

	if (n >= (uint64_t)s->opt->min && n <= (uint64_t)s->opt->max)
		return 0;
	(void)err_set(&err, "\"" SLICE_FMT "\" must be from %lld to %lld",
	    SLICE_ARG(v), (long long)s->opt->min, (long long)s->opt->max);
	return tell(s, &err);
}

static int
read_number(const struct setting *s, struct slice v, uint64_t *n)
{
	if (slice_u64(v, INT64_MAX, n))
		return wrong(s, v, "must be a number");
	return in_range(s, v, *n);
}

static int
set_size(const struct setting *s, struct slice v)
{
	uint64_t n;
	size_t size;

	if (read_number(s, v, &n))
		return -1;
	size = (size_t)n;
	memcpy(s->field, &size, sizeof(size));
	return 0;
}

static int
set_unsigned(const struct setting *s, struct slice v)
{
	uint64_t n;
	unsigned u;

	if (read_number(s, v, &n))
		return -1;
	u = (unsigned)n;
	memcpy(s->field, &u, sizeof(u));
	return 0;
}

static int
set_mode(const struct setting *s, struct slice v)
{
	unsigned mode = 0;

	for (size_t i = 0; i < v.len; i++) {
		if (v.ptr[i] < '0' || v.ptr[i] > '7' || mode > 0777)
			return wrong(s, v, "must be an octal mode like 0660");
		mode = mode * 8 + (unsigned)(v.ptr[i] - '0');
	}
	if (v.len == 0 || mode > 0777)
		return wrong(s, v, "must be an octal mode like 0660");
	memcpy(s->field, &mode, sizeof(mode));
	return 0;
}

static int
set_seconds(const struct setting *s, struct slice v)
{
	static const struct name units[] = {{1, "s"}, {60, "m"}, {3600, "h"},
	    {86400, "d"}, {604800, "w"}, {0, NULL}};
	struct slice number = v;
	int unit = 1;
	uint64_t n;
	int64_t seconds;

	if (v.len && is_alpha(v.ptr[v.len - 1])) {
		number = slice_upto(v, v.len - 1);
		if (names_value(units, slice_from(v, v.len - 1), &unit))
			return wrong(s, v, "must end with s, m, h, d or w");
	}
	if (slice_u64(number, INT64_MAX / 604800, &n))
		return wrong(s, v, "must be a time like 30s, 5m, 2h or 7d");
	n *= (uint64_t)unit;
	if (in_range(s, v, n))
		return -1;
	seconds = (int64_t)n;
	memcpy(s->field, &seconds, sizeof(seconds));
	return 0;
}

static void
list_words(const struct name *names, char *out, size_t size)
{
	struct buf b = BUF_INIT(size - 1);

	for (; names->word; names++)
		buf_addf(&b, "%s%s", names->word, names[1].word ? ", " : "");
	memcpy(out, buf_str(&b), b.len + 1);
	buf_free(&b);
}

static int
read_word(const struct setting *s, struct slice v, int *value)
{
	struct err err = ERR_INIT;
	char words[200];

	if (names_value(s->opt->names, v, value) == 0)
		return 0;
	list_words(s->opt->names, words, sizeof(words));
	(void)err_set(
	    &err, "\"" SLICE_FMT "\" must be one of: %s", SLICE_ARG(v), words);
	return tell(s, &err);
}

static int
set_word(const struct setting *s, struct slice v)
{
	int value;

	if (read_word(s, v, &value))
		return -1;
	memcpy(s->field, &value, sizeof(value));
	return 0;
}

/* --- lists ----------------------------------------------------------------------- */

static bool
bad_flag(const struct setting *s, size_t i, void *bits)
{
	int value;

	if (read_word(s, s->st->values[i], &value))
		return true;
	*(unsigned *)bits |= (unsigned)value;
	return false;
}

static bool
bad_string(const struct setting *s, size_t i, void *items)
{
	struct slice v = s->st->values[i];
	char *text = arena_strdup(s->config->arena, v);

	((const char **)items)[i] = text;
	return text ? check_string(s, v, text) != 0 : no_mem(s) != 0;
}

static bool
bad_cidr(const struct setting *s, size_t i, void *items)
{
	struct slice v = s->st->values[i];

	return cidr_parse(v, (struct cidr *)items + i) &&
	    wrong(s, v, "must be an address or a network like 192.0.2.0/24") !=
	    0;
}

static bool
bad_domain(const struct setting *s, size_t i, void *items)
{
	struct slice v = s->st->values[i];

	return !domain_parse(v, (struct domain *)items + i) &&
	    wrong(s, v, "must be a domain name") != 0;
}

static bool
bad_exception(const struct setting *s, size_t i, void *items)
{
	struct slice v = s->st->values[i];
	const char *text = arena_strdup(s->config->arena, v), *what;

	if (!text)
		return no_mem(s) != 0;
	what = exception_parse(text, (struct exception *)items + i);
	return what && wrong(s, v, what) != 0;
}

/* Reads all values, so that all that are wrong are told. 0, or -1. */
static int
read_all(struct setting *s,
    bool (*bad)(const struct setting *, size_t i, void *), void *items)
{
	int rc = 0;

	for (size_t i = 0; i < s->st->nvalues; i++) {
		s->line = s->st->lines[i];
		if (bad(s, i, items))
			rc = -1;
	}
	return rc;
}

static void *
new_items(const struct setting *s, size_t size)
{
	void *items = arena_array(s->config->arena, s->st->nvalues + 1, size);

	if (!items)
		(void)no_mem(s);
	return items;
}

static int
set_flags(struct setting *s)
{
	unsigned bits = 0;

	if (read_all(s, bad_flag, &bits))
		return -1;
	memcpy(s->field, &bits, sizeof(bits));
	return 0;
}

static int
set_strings(struct setting *s)
{
	struct string_list list = {.n = s->st->nvalues};

	list.items = new_items(s, sizeof(*list.items));
	if (!list.items || read_all(s, bad_string, list.items))
		return -1;
	memcpy(s->field, &list, sizeof(list));
	return 0;
}

static int
set_cidrs(struct setting *s)
{
	struct cidr_list list = {.n = s->st->nvalues};

	list.items = new_items(s, sizeof(*list.items));
	if (!list.items || read_all(s, bad_cidr, list.items))
		return -1;
	memcpy(s->field, &list, sizeof(list));
	return 0;
}

static int
set_domains(struct setting *s)
{
	struct domain_list list = {.n = s->st->nvalues};

	list.items = new_items(s, sizeof(*list.items));
	if (!list.items || read_all(s, bad_domain, list.items))
		return -1;
	memcpy(s->field, &list, sizeof(list));
	return 0;
}

static int
set_exceptions(struct setting *s)
{
	struct exception_list list = {.n = s->st->nvalues};

	list.items = new_items(s, sizeof(*list.items));
	if (!list.items || read_all(s, bad_exception, list.items))
		return -1;
	memcpy(s->field, &list, sizeof(list));
	return 0;
}

/* --- by type ---------------------------------------------------------------------- */

/* How each type is stored; one of the two is NULL. */
static const struct {
	int (*one)(const struct setting *, struct slice);
	int (*list)(struct setting *);
} setters[] = {
    [OPTION_STRING] = {set_string, NULL},
    [OPTION_BOOL] = {set_bool, NULL},
    [OPTION_SIZE] = {set_size, NULL},
    [OPTION_UNSIGNED] = {set_unsigned, NULL},
    [OPTION_MODE] = {set_mode, NULL},
    [OPTION_SECONDS] = {set_seconds, NULL},
    [OPTION_WORD] = {set_word, NULL},
    [OPTION_FLAGS] = {NULL, set_flags},
    [OPTION_STRINGS] = {NULL, set_strings},
    [OPTION_CIDRS] = {NULL, set_cidrs},
    [OPTION_DOMAINS] = {NULL, set_domains},
    [OPTION_EXCEPTIONS] = {NULL, set_exceptions},
};

#define RULES offsetof(struct config, engine.rules.all)

bool
option_by_domain(const struct option *opt)
{
	return opt->offset >= RULES &&
	    opt->offset < RULES + sizeof(struct domain_rules);
}

static void *
field_of(const struct option *opt, struct config *config,
    struct domain_rules *rules)
{
	return rules ? (char *)rules + (opt->offset - RULES)
		     : (char *)config + opt->offset;
}

int
option_set(const struct option *opt, struct config *config,
    struct domain_rules *rules, const struct statement *st,
    const struct faults *faults)
{
	struct setting s = {.opt = opt,
	    .config = config,
	    .st = st,
	    .field = field_of(opt, config, rules),
	    .faults = faults,
	    .line = st->line};

	if (setters[opt->type].list)
		return setters[opt->type].list(&s);
	if (st->list) {
		fault_add(
		    faults, st->line, st->name, "takes one value, not a list");
		return -1;
	}
	return setters[opt->type].one(&s, st->values[0]);
}

int
option_default(
    const struct option *opt, struct config *config, struct err *err)
{
	struct buf text = BUF_INIT(1000), errors = BUF_INIT(1000);
	const struct faults faults = {"default", &errors};
	struct statements sts;
	int rc = -1;

	/* Through the file's own reader: what the manual shows is what holds. */
	buf_addf(&text, opt->def[0] == '{' ? "%s = %s\n" : "%s = \"%s\"\n",
	    opt->name, opt->def);
	if (buf_status(&text) ||
	    config_split(
		buf_slice(&text), "default", config->arena, &sts, &errors) ||
	    sts.n != 1 ||
	    option_set(opt, config, NULL, &sts.items[0], &faults))
		(void)err_set(
		    err, "default of %s: %s", opt->name, buf_str(&errors));
	else
		rc = 0;
	buf_free(&text);
	buf_free(&errors);
	return rc;
}
