/* SPDX-License-Identifier: BSD-2-Clause */
/* See sts.h. Unknown keys are ignored; of known ones but mx the first counts. */
#include "tools/sts.h"

const struct name sts_modes[] = {
    {STS_ENFORCE, "enforce"},
    {STS_TESTING, "testing"},
    {STS_NONE, "none"},
    {0, NULL},
};

const struct name sts_faults[] = {
    {STS_OK, ""},
    {STS_NOT_A_LINE, "a line is no \"key: value\""},
    {STS_VERSION, "no \"version: STSv1\""},
    {STS_MODE, "no mode of enforce, testing, none"},
    {STS_AGE, "no max_age of 0 to 31557600 seconds"},
    {STS_MX, "an mx is no host name or *.name"},
    {STS_NO_MX, "no mx"},
    {0, NULL},
};

struct seen {
	bool version, mode, age;
};

static bool
fault(struct sts_policy *p, enum sts_fault which, struct slice at)
{
	if (p->fault == STS_OK) {
		p->fault = which;
		p->at = at;
	}
	return false;
}

/* "*.": one label, the leftmost. */
static struct slice
without_star(struct slice s, bool *star)
{
	*star = slice_starts(s, SLICE_LIT("*."));
	return slice_from(s, *star ? 2 : 0);
}

static bool
add_mx(struct sts_policy *p, struct slice value)
{
	struct domain d;
	bool star;

	if (!domain_parse(without_star(value, &star), &d) ||
	    p->nmx == STS_MX_MAX)
		return false;
	p->mx[p->nmx++] = value;
	return true;
}

static bool
take(struct sts_policy *p, struct slice line, struct seen *seen)
{
	bool colon;
	struct slice value = line, key = slice_cut(&value, ':', &colon);
	int mode;

	value = slice_trim(value);
	if (!colon || key.len == 0 || slice_find(key, ' ') < key.len)
		return fault(p, STS_NOT_A_LINE, line);
	if (slice_eqz(key, "version") && !seen->version) {
		seen->version = true;
		if (!slice_eqz(value, "STSv1"))
			return fault(p, STS_VERSION, line);
	} else if (slice_eqz(key, "mode") && !seen->mode) {
		seen->mode = true;
		if (names_value(sts_modes, value, &mode))
			return fault(p, STS_MODE, line);
		p->mode = (enum sts_mode)mode;
	} else if (slice_eqz(key, "max_age") && !seen->age) {
		seen->age = true;
		if (slice_u64(value, STS_AGE_MAX, &p->max_age_s))
			return fault(p, STS_AGE, line);
	} else if (slice_eqz(key, "mx") && !add_mx(p, value)) {
		return fault(p, STS_MX, line);
	}
	return true;
}

void
sts_policy_parse(struct slice text, struct sts_policy *out)
{
	struct seen seen = {false, false, false};
	bool more = text.len > 0;

	*out = (struct sts_policy){.fault = STS_OK};
	while (more) {
		struct slice line = slice_cut(&text, '\n', &more);

		if (line.len && line.ptr[line.len - 1] == '\r')
			line.len--;
		if (slice_trim(line).len && !take(out, line, &seen))
			return;
	}
	if (!seen.version)
		(void)fault(out, STS_VERSION, SLICE_EMPTY);
	else if (!seen.mode)
		(void)fault(out, STS_MODE, SLICE_EMPTY);
	else if (!seen.age)
		(void)fault(out, STS_AGE, SLICE_EMPTY);
	else if (out->nmx == 0 && out->mode != STS_NONE)
		(void)fault(out, STS_NO_MX, SLICE_EMPTY);
}

void
sts_policy_write(const struct sts_policy *p, struct buf *b)
{
	buf_addf(b, "version: STSv1\nmode: %s\n",
	    names_word(sts_modes, (int)p->mode));
	for (size_t i = 0; i < p->nmx; i++)
		buf_addf(b, "mx: " SLICE_FMT "\n", SLICE_ARG(p->mx[i]));
	buf_addf(b, "max_age: %llu\n", (unsigned long long)p->max_age_s);
}

bool
sts_policy_has(const struct sts_policy *p, const struct domain *host)
{
	struct slice name = domain_slice(host);

	for (size_t i = 0; i < p->nmx; i++) {
		struct domain d;
		bool star;

		if (!domain_parse(without_star(p->mx[i], &star), &d))
			continue;
		if (!star && domain_eq(&d, host))
			return true;
		if (star &&
		    slice_eq(slice_from(name, slice_find(name, '.') + 1),
			domain_slice(&d)))
			return true;
	}
	return false;
}
