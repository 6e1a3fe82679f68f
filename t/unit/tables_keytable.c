/* SPDX-License-Identifier: BSD-2-Clause */
#include "tables.h"

struct row {
	const char *name, *table, *find, *author;
	const char *want; /* "d s path alg given" or "" */
};

#define AUTHOR "news.example.com"

static const struct row rows[] = {
    {"three parts", "k example.com:s1:/etc/keys/a.pem", "k", AUTHOR,
	"example.com s1 /etc/keys/a.pem - example.com"},
    {"OpenDKIM's usual name",
	"s1._domainkey.example.com example.com:s1:/k/example.com/s1.private",
	"s1._domainkey.example.com", AUTHOR,
	"example.com s1 /k/example.com/s1.private - example.com"},
    {"the algorithm", "k example.com:s1:/a:ed25519-sha256", "k", AUTHOR,
	"example.com s1 /a ed25519-sha256 example.com"},
    {"the algorithm, case aside", "k example.com:s1:/a:RSA-SHA256", "k",
	AUTHOR, "example.com s1 /a rsa-sha256 example.com"},
    {"% as the domain", "k %:s1:/a", "k", AUTHOR,
	"news.example.com s1 /a - news.example.com"},
    {"% in the path: the author's", "k %:s1:/keys/%/s1.pem", "k", AUTHOR,
	"news.example.com s1 /keys/news.example.com/s1.pem - "
	"news.example.com"},
    {"% in the path: the signing domain", "k example.com:s1:/%/%.pem", "k",
	AUTHOR, "example.com s1 /example.com/example.com.pem - example.com"},
    {"U-labels",
	"k b\xc3\xbc"
	"cher.example:s1:/%/a",
	"k", AUTHOR,
	"xn--bcher-kva.example s1 /xn--bcher-kva.example/a - "
	"b\xc3\xbc"
	"cher.example"},
    {"upper case", "k Example.COM:S1:/A", "k", AUTHOR,
	"example.com S1 /A - Example.COM"},
    {"names have their case", "K example.com:s1:/a", "k", AUTHOR, ""},
    {"a name that is a domain in U-labels",
	"b\xc3\xbc"
	"cher.example %:s1:/a",
	"xn--bcher-kva.example", AUTHOR,
	"news.example.com s1 /a - news.example.com"},
    {"and asked for in U-labels", "xn--bcher-kva.example %:s1:/a",
	"b\xc3\xbc"
	"cher.example",
	AUTHOR, "news.example.com s1 /a - news.example.com"},
    {"the first of a name", "k example.com:s1:/a\nk example.net:s2:/b", "k",
	AUTHOR, "example.com s1 /a - example.com"},
    {"no such name", "k example.com:s1:/a", "x", AUTHOR, ""},
    {"a * in a file: stands for itself", "* example.com:s1:/a", "x", AUTHOR,
	""},
    {"a * in a refile:", "re\nk example.com:s1:/a\n*.net %:s2:/b",
	"example.net", AUTHOR, "news.example.com s2 /b - news.example.com"},
    {"the first that fits", "re\n* example.com:s1:/a\nx example.net:s2:/b",
	"x", AUTHOR, "example.com s1 /a - example.com"},
    {"the first that fits, named",
	"re\nx example.net:s2:/b\n* example.com:s1:/a", "x", AUTHOR,
	"example.net s2 /b - example.net"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct domain author = domain_of(r->author);
	struct key_spec k;
	char got[512] = "";
	struct both b;
	int found;

	both_open(&b, r->table, "");
	assert_string_equal(buf_str(&b.faults), "");
	found = keytable_find(
	    b.keys, slice_z(r->find), &author, b.arena, &k, NULL);
	assert_int_equal(found, r->want[0] != '\0');
	assert_int_equal(keytable_has(b.keys, slice_z(r->find)), found);
	if (found)
		snprintf(got, sizeof(got), "%s " SLICE_FMT " %s %s " SLICE_FMT,
		    k.domain.text, SLICE_ARG(k.selector), k.path,
		    k.has_alg ? names_word(dkim_alg_words, (int)k.alg) : "-",
		    SLICE_ARG(k.given));
	assert_string_equal(got, r->want);
	both_close(&b);
}

struct fault_row {
	const char *name, *table, *faults, *remarks;
};

static const struct fault_row fault_rows[] = {
    {"all at once, with their lines",
	"a example.com:s:/a\n\nb nodots:s:/a\n# c\nc example.com:s s:/a\n"
	"d example.com:s:a.pem\ne example.com:s:/a:rsa-sha1\n",
	"keys:3: the first part must be a domain name, or %\n"
	"keys:5: the second part must be a selector\n"
	"keys:6: the third part must be the path of a key file, beginning "
	"with /\n"
	"keys:7: rsa-sha1 must not be used (RFC 8301)\n",
	""},
    {"a key in the table", "a example.com:s:MIICXQIBAAKBgQ",
	"keys:1: the third part must be the path of a key file, beginning "
	"with /\n",
	""},
    {"no path", "a example.com:s\nb example.com",
	"keys:1: the third part must be the path of a key file, beginning "
	"with /\n"
	"keys:2: the second part must be a selector\n",
	""},
    {"an unknown algorithm", "a example.com:s:/a:dsa",
	"keys:1: the fourth part must be rsa-sha256 or ed25519-sha256\n", ""},
    {"% is no part of a domain", "a mail.%:s:/a",
	"keys:1: the first part must be a domain name, or %\n", ""},
    {"the same name twice", "a example.com:s:/a\nb %:s:/b\na example.net:s:/b",
	"", "keys:3: never used: line 1 has the same name\n"},
};

static void
check_fault(void **state)
{
	const struct fault_row *r = *state;
	struct both b;

	both_open(&b, r->table, "");
	assert_string_equal(buf_str(&b.faults), r->faults);
	assert_string_equal(buf_str(&b.remarks), r->remarks);
	both_close(&b);
}

static void
test_follows_author(void **state)
{
	struct both b;

	(void)state;
	both_open(&b, "a %:s:/a\nb example.com:s:/a\n", "");
	assert_true(keytable_follows_author(b.keys, SLICE_LIT("a")));
	assert_false(keytable_follows_author(b.keys, SLICE_LIT("b")));
	assert_false(keytable_follows_author(b.keys, SLICE_LIT("c")));
	assert_int_equal(keytable_entries(b.keys), 2);
	both_close(&b);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TABLE(fault_rows, check_fault);
	UNIT_TEST(test_follows_author);
	return unit_end();
}
