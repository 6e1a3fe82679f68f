/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Odd records, most of them seen in the wild, and what RFC 9989 makes of each.
 *
 * Rows marked (p) have neither p nor rua. Section 4.7 calls such a record
 * "p=none"; section 4.10.1 says that without a rua the receiver "applies no
 * DMARC processing". We take the latter, which names the steps; a p that
 * holds an octet no value may hold (107) is treated as one that is not valid.
 */
#include "dmarc/record.h"

#include "unit.h"

#define R(n, text) #n " " text, text

enum kind {
	NOT,      /* not a DMARC record */
	INVALID,  /* none, for its duplicate tag (RFC 6376 section 3.2) */
	UNUSABLE, /* a record, and no DMARC processing */
	AS_NONE,  /* as if p=none had been published */
	AS_IS,
};

struct row {
	const char *name, *text;
	enum kind kind;
	struct dmarc_record want;
};

static const struct row rows[] = {
    {R(1, "v=DMARC1; p=none; rua=mailto:r@example.com"), AS_IS,
	{.p = DMARC_NONE, .nrua = 1}},
    {R(2, "v=DMARC1; p=none;"), AS_IS, {.p = DMARC_NONE}},
    {R(3, "v=DMARC1; p=reject"), AS_IS, {.p = DMARC_REJECT}},
    {R(4, "v=DMARC1;p=quarantine;sp=none"), AS_IS,
	{.p = DMARC_QUARANTINE, .sp = DMARC_NONE}},
    {R(5, "v = DMARC1 ; p = reject ; sp = none"), AS_IS,
	{.p = DMARC_REJECT, .sp = DMARC_NONE}},
    {R(6, "v=DMARC1;\tp=reject;\tsp=none"), AS_IS,
	{.p = DMARC_REJECT, .sp = DMARC_NONE}},
    {R(7, " v=DMARC1; p=reject"), NOT, {.nrua = 0}},
    {R(8, "\xef\xbb\xbfv=DMARC1; p=reject"), NOT, {.nrua = 0}},
    {R(9, "v=dmarc1; p=reject"), NOT, {.nrua = 0}},
    {R(10, "v=DmArC1; p=reject"), NOT, {.nrua = 0}},
    {R(11, "V=DMARC1; p=reject"), AS_IS, {.p = DMARC_REJECT}},
    {R(12, "v=DMARC1; P=reject"), AS_IS, {.p = DMARC_REJECT}},
    {R(13, "v=DMARC1; p=REJECT; sp=None; adkim=S; aspf=R"), AS_IS,
	{.p = DMARC_REJECT, .sp = DMARC_NONE, .strict_dkim = true}},
    {R(14, "p=reject; rua=mailto:r@example.com"), NOT, {.nrua = 0}},
    {R(15, "p=reject; v=DMARC1"), NOT, {.nrua = 0}},
    {R(16, "rua=mailto:a@b.com; v=DMARC1; p=reject"), NOT, {.nrua = 0}},
    {R(17(p), "v=DMARC1"), UNUSABLE, {.nrua = 0}},
    {R(18(p), "v=DMARC1;"), UNUSABLE, {.nrua = 0}},
    {R(19, "v=DMARC2; p=reject"), NOT, {.nrua = 0}},
    {R(20, "v=DMARC10; p=reject"), NOT, {.nrua = 0}},
    {R(21, "v=; p=reject"), NOT, {.nrua = 0}},
    {R(22, "v=DMARC1 p=reject"), NOT, {.nrua = 0}},
    {R(23, "v=DMARC1 p=reject; rua=mailto:r@example.com"), NOT, {.nrua = 0}},
    {R(24, "v=DMARC1, p=reject"), NOT, {.nrua = 0}},
    {R(25, "\"v=DMARC1; p=reject\""), NOT, {.nrua = 0}},
    {R(26, "v=spf1 -all"), NOT, {.nrua = 0}},
    {R(27, "v=DKIM1; k=rsa; p=MIGf"), NOT, {.nrua = 0}},
    {R(28, ""), NOT, {.nrua = 0}},
    {R(29, ";"), NOT, {.nrua = 0}},
    {R(30, "v=DMARC1; rua=mailto:r@example.com"), AS_NONE, {.nrua = 1}},
    {R(31(p), "v=DMARC1; sp=reject"), UNUSABLE, {.nrua = 0}},
    {R(32, "v=DMARC1; p=; rua=mailto:r@example.com"), AS_NONE, {.nrua = 1}},
    {R(33, "v=DMARC1; p=bogus; rua=mailto:r@example.com"), AS_NONE,
	{.nrua = 1}},
    {R(34, "v=DMARC1; p=bogus"), UNUSABLE, {.nrua = 0}},
    {R(35, "v=DMARC1; p=r"), UNUSABLE, {.nrua = 0}},
    {R(36, "v=DMARC1; p=q"), UNUSABLE, {.nrua = 0}},
    {R(37, "v=DMARC1; p=n"), UNUSABLE, {.nrua = 0}},
    {R(38, "v=DMARC1; p=rejected; rua=mailto:r@example.com"), AS_NONE,
	{.nrua = 1}},
    {R(39, "v=DMARC1; p=reje ct"), UNUSABLE, {.nrua = 0}},
    {R(40, "v=DMARC1; p=\"reject\"; rua=mailto:r@example.com"), AS_NONE,
	{.nrua = 1}},
    {R(41, "v=DMARC1; rua=mailto:r@example.com; p=reject"), AS_IS,
	{.p = DMARC_REJECT, .nrua = 1}},
    {R(42, "v=DMARC1; p=reject; p=none"), INVALID, {.nrua = 0}},
    {R(43, "v=DMARC1; p=none; p=reject"), INVALID, {.nrua = 0}},
    {R(44,
	 "v=DMARC1; p=reject; rua=mailto:a@example.com; "
	 "rua=mailto:b@example.com"),
	INVALID, {.nrua = 0}},
    {R(45, "v=DMARC1; v=DMARC1; p=reject"), INVALID, {.nrua = 0}},
    {R(46, "v=DMARC1; p=reject; sp=none; sp=reject"), INVALID, {.nrua = 0}},
    {R(47, "v=DMARC1; p=reject; sp=bogus; rua=mailto:r@example.com"), AS_NONE,
	{.nrua = 1}},
    {R(48, "v=DMARC1; p=reject; sp=bogus"), UNUSABLE, {.nrua = 0}},
    {R(49, "v=DMARC1; p=reject; sp="), UNUSABLE, {.nrua = 0}},
    {R(50, "v=DMARC1; p=none; np=reject"), AS_IS,
	{.p = DMARC_NONE, .np = DMARC_REJECT}},
    {R(51, "v=DMARC1; p=none; np=bogus; rua=mailto:r@example.com"), AS_NONE,
	{.nrua = 1}},
    {R(52, "v=DMARC1; p=none; psd=y"), AS_IS,
	{.p = DMARC_NONE, .psd = DMARC_PSD_YES}},
    {R(53, "v=DMARC1; p=reject; t=y"), AS_IS,
	{.p = DMARC_REJECT, .testing = true}},
    {R(54, "v=DMARC1; p=reject; t=maybe"), AS_IS, {.p = DMARC_REJECT}},
    {R(55, "v=DMARC1; p=reject; adkim=s; aspf=s"), AS_IS,
	{.p = DMARC_REJECT, .strict_dkim = true, .strict_spf = true}},
    {R(56, "v=DMARC1; p=reject; adkim=x"), AS_IS, {.p = DMARC_REJECT}},
    {R(57, "v=DMARC1; p=reject; aspf=none"), AS_IS, {.p = DMARC_REJECT}},
    {R(58, "v=DMARC1; p=reject; adkim=strict; aspf=relaxed"), AS_IS,
	{.p = DMARC_REJECT}},
    {R(59, "v=DMARC1; p=reject; adkim=; aspf=s"), AS_IS,
	{.p = DMARC_REJECT, .strict_spf = true}},
    {R(60, "v=DMARC1; p=reject; pct=0"), AS_IS, {.p = DMARC_REJECT}},
    {R(61, "v=DMARC1; p=reject; pct=50"), AS_IS, {.p = DMARC_REJECT}},
    {R(62, "v=DMARC1; p=reject; pct=100"), AS_IS, {.p = DMARC_REJECT}},
    {R(63, "v=DMARC1; p=reject; pct=101"), AS_IS, {.p = DMARC_REJECT}},
    {R(64, "v=DMARC1; p=reject; pct=-1"), AS_IS, {.p = DMARC_REJECT}},
    {R(65, "v=DMARC1; p=reject; pct=abc"), AS_IS, {.p = DMARC_REJECT}},
    {R(66, "v=DMARC1; p=reject; pct=50%"), AS_IS, {.p = DMARC_REJECT}},
    {R(67, "v=DMARC1; p=reject; pct=4294967301"), AS_IS, {.p = DMARC_REJECT}},
    {R(68, "v=DMARC1; p=reject; pct=99999999999999999999"), AS_IS,
	{.p = DMARC_REJECT}},
    {R(69, "v=DMARC1; p=reject; pct="), AS_IS, {.p = DMARC_REJECT}},
    {R(70, "v=DMARC1; p=reject; ri=3600"), AS_IS, {.p = DMARC_REJECT}},
    {R(71, "v=DMARC1; p=reject; ri=abc"), AS_IS, {.p = DMARC_REJECT}},
    {R(72, "v=DMARC1; p=reject; ri=-5"), AS_IS, {.p = DMARC_REJECT}},
    {R(73, "v=DMARC1; p=reject; ri=4294967295"), AS_IS, {.p = DMARC_REJECT}},
    {R(74, "v=DMARC1; p=reject; ri=86 400"), AS_IS, {.p = DMARC_REJECT}},
    {R(75, "v=DMARC1; p=reject; rf=afrf; ruf=mailto:f@example.com"), AS_IS,
	{.p = DMARC_REJECT}},
    {R(76, "v=DMARC1; p=reject; rf=iodef; ruf=mailto:f@example.com"), AS_IS,
	{.p = DMARC_REJECT}},
    {R(77, "v=DMARC1; p=reject; rf=iodef; aspf=r"), AS_IS,
	{.p = DMARC_REJECT}},
    {R(78, "v=DMARC1; p=reject; rf=xyz"), AS_IS, {.p = DMARC_REJECT}},
    {R(79, "v=DMARC1; p=reject; rf=afrf:iodef"), AS_IS, {.p = DMARC_REJECT}},
    {R(80,
	 "v=DMARC1; p=reject; sp=reject; "
	 "rf=mailto:postmaster@example.com; pct=100; ri=86400"),
	AS_IS, {.p = DMARC_REJECT, .sp = DMARC_REJECT}},
    {R(81, "v=DMARC1; p=reject; ruf=mailto:f@example.com; fo=0"), AS_IS,
	{.p = DMARC_REJECT}},
    {R(82, "v=DMARC1; p=reject; ruf=mailto:f@example.com; fo=1:d:s"), AS_IS,
	{.p = DMARC_REJECT}},
    {R(83, "v=DMARC1; p=reject; ruf=mailto:f@example.com; fo=1ds"), AS_IS,
	{.p = DMARC_REJECT}},
    {R(84, "v=DMARC1; p=reject; ruf=mailto:f@example.com; fo=0:1"), AS_IS,
	{.p = DMARC_REJECT}},
    {R(85, "v=DMARC1; p=reject; ruf=mailto:f@example.com; fo=x"), AS_IS,
	{.p = DMARC_REJECT}},
    {R(86, "v=DMARC1; p=reject; ruf=mailto:f@example.com; fo=1,d"), AS_IS,
	{.p = DMARC_REJECT}},
    {R(87, "v=DMARC1; p=reject; ruf=mailto:f@example.com; fo=1:"), AS_IS,
	{.p = DMARC_REJECT}},
    {R(88, "v=DMARC1; p=reject; ruf=mailto:f@example.com; fo=1::d"), AS_IS,
	{.p = DMARC_REJECT}},
    {R(89, "v=DMARC1; p=reject; fo=1"), AS_IS, {.p = DMARC_REJECT}},
    {R(90,
	 "v=DMARC1; p=none; rua=mailto:a@example.com,"
	 "mailto:b@example.com!10m, mailto:c@example.net!50k"),
	AS_IS, {.p = DMARC_NONE, .nrua = 3}},
    {R(91, "v=DMARC1; p=none; rua=report@example.com"), AS_IS,
	{.p = DMARC_NONE}},
    {R(92, "v=DMARC1; p=none; rua=https://r.example.com/x"), AS_IS,
	{.p = DMARC_NONE, .nrua = 1}},
    {R(93, "v=DMARC1; p=none; rua=mailto:a@example.com,,mailto:b@example.com"),
	AS_IS, {.p = DMARC_NONE, .nrua = 2}},
    {R(94, "v=DMARC1; p=none; rua=mailto:a@example.com,"), AS_IS,
	{.p = DMARC_NONE, .nrua = 1}},
    {R(95, "v=DMARC1; p=none; rua=,mailto:a@example.com"), AS_IS,
	{.p = DMARC_NONE, .nrua = 1}},
    {R(96, "v=DMARC1; p=none; rua="), AS_IS, {.p = DMARC_NONE}},
    {R(97, "v=DMARC1; p=none; rua=mailto:a@example.com; mailto:b@example.com"),
	AS_IS, {.p = DMARC_NONE, .nrua = 1}},
    {R(98, "v=DMARC1; p=reject; sp=reject; mailto:report@example.com"), AS_IS,
	{.p = DMARC_REJECT, .sp = DMARC_REJECT}},
    {R(99,
	 "v=DMARC1; p=reject; sp=reject; mailto:report@example.com?subject=x"),
	AS_IS, {.p = DMARC_REJECT, .sp = DMARC_REJECT}},
    {R(100, "v=DMARC1; p=reject; foo=bar; x-y=z"), AS_IS, {.p = DMARC_REJECT}},
    {R(101, "v=DMARC1; garbage; p=reject"), AS_IS, {.p = DMARC_REJECT}},
    {R(102, "v=DMARC1; p=reject; this is some garbage"), AS_IS,
	{.p = DMARC_REJECT}},
    {R(103, "v=DMARC1; p=reject; \xc3\xa9=\xff"), AS_IS, {.p = DMARC_REJECT}},
    {R(104, "v=DMARC1\xef\xbc\x9b p=reject"), NOT, {.nrua = 0}},
    {R(105, "v=DMARC1\\; p=reject\\; rua=mailto:a@example.com"), NOT,
	{.nrua = 0}},
    {R(106, "v=DMARC1;\r\n p=reject"), AS_IS, {.p = DMARC_REJECT}},
    {R(107(p), "v=DMARC1; p=reject\x01"), UNUSABLE, {.nrua = 0}},
    {R(117, "v=DMARC1; p=none; rua=mailto:a@example.com v=DMARC1; p=reject"),
	INVALID, {.nrua = 0}},
    {R(118, "v=DMARC1; p=nonev=DMARC1; p=reject"), INVALID, {.nrua = 0}},
    {R(119, "v=DMARC1; p=none; sp=reject; adkim=1"), AS_IS,
	{.p = DMARC_NONE, .sp = DMARC_REJECT}},
    {R(120, "v=DMARC1; p=reject; pct=200"), AS_IS, {.p = DMARC_REJECT}},
    {R(121, "v==DMARC1; p==reject"), NOT, {.nrua = 0}},
    {R(122, "v=DMARC1; p=reject=x"), UNUSABLE, {.nrua = 0}},
};

/* One token many times: before, token * n, after; the last octet cut. */
struct long_row {
	const char *name, *before, *token, *after;
	int n;
	size_t octets;
	enum kind kind;
	size_t nrua;
};

static const struct long_row long_rows[] = {
    {"108", "v=DMARC1; p=reject; rua=mailto:", "a", "@example.com", 236, 279,
	AS_IS, 1},
    {"109", "v=DMARC1; p=reject; rua=mailto:", "a", "@example.com", 281, 324,
	AS_IS, 1},
    {"110", "v=DMARC1; p=reject; rua=", "mailto:u000@example.com,", "", 21,
	528, AS_IS, 21},
    {"111", "v=DMARC1; p=reject; rua=", "mailto:u000@example.com,", "", 30,
	744, AS_IS, 30},
    {"112", "v=DMARC1; p=reject; x=", "y", "", 512, 534, AS_IS, 0},
    {"113", "v=DMARC1; p=reject; rua=", "y", "", 512, 536, AS_IS, 0},
    {"114", "v=DMARC1; p=reject; rua=", "y", "", 256, 280, AS_IS, 0},
    {"115", "v=DMARC1; p=reject; ", "x=yyyyyyyyyy;", "sp=none", 600, 7827,
	INVALID, 0},
    /* Beyond our limit on octets it is none either, for that reason. */
    {"116", "v=DMARC1; p=reject; ", "x=yyyyyyyyyy;", "sp=none", 700, 9127, NOT,
	0},
};

static const char *
kind_of(struct slice text, struct dmarc_record *r)
{
	if (!dmarc_record_parse(text, r))
		return r->reason == DMARC_REASON_DUPLICATE_TAG ? "invalid"
							       : "not";
	switch (dmarc_record_use(r)) {
	case DMARC_USE_AS_IS: return "as is";
	case DMARC_USE_AS_NONE: return "as none";
	case DMARC_USE_NOT: break;
	}
	return "unusable";
}

static const char *const kinds[] = {
    [NOT] = "not",
    [INVALID] = "invalid",
    [UNUSABLE] = "unusable",
    [AS_NONE] = "as none",
    [AS_IS] = "as is",
};

static void
check(void **state)
{
	const struct row *row = *state;
	struct dmarc_record r;

	assert_string_equal(kind_of(slice_z(row->text), &r), kinds[row->kind]);
	if (row->kind == AS_IS) {
		assert_int_equal(r.p, row->want.p);
		assert_int_equal(r.sp, row->want.sp);
		assert_int_equal(r.np, row->want.np);
	}
	if (row->kind == AS_IS || row->kind == AS_NONE) {
		assert_int_equal(r.strict_dkim, row->want.strict_dkim);
		assert_int_equal(r.strict_spf, row->want.strict_spf);
		assert_int_equal(r.psd, row->want.psd);
		assert_int_equal(r.testing, row->want.testing);
		assert_int_equal(r.nrua, row->want.nrua);
	}
}

static void
check_long(void **state)
{
	const struct long_row *row = *state;
	struct buf b = BUF_INIT(16384);
	struct dmarc_record r;

	buf_addz(&b, row->before);
	for (int i = 0; i < row->n; i++)
		buf_addz(&b, row->token);
	buf_addz(&b, row->after);
	assert_int_equal(buf_status(&b), 0);
	assert_int_equal(b.len, row->octets);
	assert_string_equal(kind_of(buf_slice(&b), &r), kinds[row->kind]);
	if (row->kind == AS_IS) {
		assert_int_equal(r.p, DMARC_REJECT);
		assert_int_equal(r.nrua, row->nrua);
	}
	buf_free(&b);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TABLE(long_rows, check_long);
	return unit_end();
}
