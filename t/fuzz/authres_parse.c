/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be read can be written, and reads the same again. And octets of
 * any kind given to the builder come back as they went in, "?" for what is not
 * printable, and never as more results or properties.
 */
#include "fuzz.h"

#include "authres/build.h"
#include "authres/parse.h"
#include "mail/limits.h"

static bool
same_text(struct slice got, struct slice meant)
{
	meant = slice_upto(meant, LIMIT_AUTHRES_VALUE);
	if (got.len != meant.len)
		return false;
	for (size_t i = 0; i < got.len; i++)
		if (got.ptr[i] !=
		    (is_print(meant.ptr[i]) ? meant.ptr[i] : '?'))
			return false;
	return true;
}

/* The peer's octets in every place a value can have. */
static void
check_build(struct slice in, struct arena *arena)
{
	struct authres b;
	struct slice value;
	struct ar_field f;
	struct ar_prop *p;

	authres_init(&b, SLICE_LIT("mx.example"));
	authres_method(&b, "spf", AR_PASS);
	authres_comment(&b, in);
	authres_reason(&b, in);
	authres_prop(&b, "smtp", "mailfrom", in);
	authres_prop_address(&b, "smtp", "auth", in, SLICE_LIT("d.example"));
	authres_prop_address(&b, "smtp", "rcptto", SLICE_LIT("a"), in);
	authres_method(&b, "dmarc", AR_FAIL);
	assert(authres_finish(&b, arena, &value) == 0);
	authres_free(&b);
	for (size_t i = 0; i < value.len; i++)
		assert(is_print(value.ptr[i]) || value.ptr[i] == '\t' ||
		    (value.ptr[i] == '\n' && value.ptr[i + 1] == '\t'));
	assert(ar_field_parse(value, arena, &f) == 0 && f.valid);
	assert(slice_eqz(f.id, "mx.example"));
	assert(f.results && f.results->next && !f.results->next->next);
	assert(same_text(f.results->reason, in));
	p = f.results->props;
	assert(p && same_text(p->value, in));
	p = p->next;
	assert(p && slice_eqz(p->domain, "d.example"));
	p = p->next;
	assert(p && slice_starts(p->value, SLICE_LIT("a@")));
	if (p->domain.len == 0)
		in = slice_upto(in, LIMIT_AUTHRES_VALUE / 2);
	assert(same_text(slice_from(p->value, 2), in));
	assert(!p->next && !f.results->next->props);
}

static void
rebuild(struct authres *b, struct arena *arena, const struct ar_field *f)
{
	authres_init(b, f->id);
	for (struct ar_result *r = f->results; r; r = r->next) {
		const char *method = arena_strdup(arena, r->method);

		assert(method);
		authres_method(b, method, AR_PASS);
		authres_reason(b, r->reason);
		for (struct ar_prop *p = r->props; p; p = p->next) {
			const char *type = arena_strdup(arena, p->ptype);
			const char *name = arena_strdup(arena, p->property);

			assert(type && name);
			if (p->domain.len)
				authres_prop_address(
				    b, type, name, p->local, p->domain);
			else
				authres_prop(b, type, name, p->value);
		}
	}
}

static bool
is_plain(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_print(s.ptr[i]))
			return false;
	return s.len <= LIMIT_AUTHRES_VALUE;
}

static void
check_same(const struct ar_field *a, const struct ar_field *b)
{
	const struct ar_result *y = b->results;

	assert(b->valid && same_text(b->id, a->id));
	for (struct ar_result *x = a->results; x; x = x->next, y = y->next) {
		const struct ar_prop *q = y->props;

		assert(y && slice_eq(x->method, y->method));
		assert(same_text(y->reason, x->reason));
		for (struct ar_prop *p = x->props; p; p = p->next) {
			assert(q && slice_eq(p->property, q->property));
			if (p->domain.len == 0)
				assert(same_text(q->value, p->value));
			else if (is_plain(p->local))
				assert(slice_eq(q->value, p->value) &&
				    slice_eq(q->domain, p->domain));
			q = q->next;
		}
		assert(!q);
	}
	assert(!y);
}

/* Names of ours are short and have a ptype. */
static bool
can_build(const struct ar_field *f)
{
	for (struct ar_result *r = f->results; r; r = r->next) {
		if (r->method.len > 100)
			return false;
		for (struct ar_prop *p = r->props; p; p = p->next)
			if (p->ptype.len == 0 || p->ptype.len > 100 ||
			    p->property.len > 100)
				return false;
	}
	return f->valid;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), value;
	struct arena *arena = arena_new(1 << 24);
	struct ar_field f, again;
	struct authres b;

	assert(arena);
	check_build(in, arena);
	assert(ar_field_parse(in, arena, &f) == 0);
	if (can_build(&f)) {
		rebuild(&b, arena, &f);
		assert(authres_finish(&b, arena, &value) == 0);
		assert(ar_field_parse(value, arena, &again) == 0);
		if (b.dropped == 0)
			check_same(&f, &again);
		else
			assert(again.valid);
		authres_free(&b);
	}
	arena_free(arena);
	return 0;
}
