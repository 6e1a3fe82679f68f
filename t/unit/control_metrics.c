/* SPDX-License-Identifier: BSD-2-Clause */
/* What is told of made-up facts, as lines and for Prometheus. */
#include "control/metrics.h"
#include "control/status.h"

#include "unit.h"

static struct fact_key one_key = {.domain = "shop.example",
    .selector = "r202611",
    .type = "rsa-sha256",
    .state = "active",
    .next = "successor",
    .when_s = 1800000000};

static struct facts
made_up(struct counters *c)
{
	struct facts f = {.version = "1.2.3",
	    .config_path = "/etc/assay/assay.conf",
	    .pid = 42,
	    .now_s = 1790000100,
	    .started_s = 1790000000,
	    .loaded_s = 1790000050,
	    .last_reload_ok = true,
	    .counters = c,
	    .journal = {.on = true,
		.counts = {.put = 18,
		    .dropped = 3,
		    .written = 11,
		    .waiting = 4,
		    .begun = 6,
		    .removed = 5,
		    .stopped = true}},
	    .keys = {.items = &one_key, .n = 1, .domains = 3, .untold = 2}};

	memset(c, 0, sizeof(*c));
	counters_add(&c->messages[COUNTED_INBOUND][ACTION_REJECT]);
	counters_add(&c->results[COUNTED_INBOUND][COUNTED_DKIM][AR_PASS]);
	histogram_note(&c->wait, 1500);
	f.dns.answers[DNS_SERVFAIL] = 7;
	return f;
}

struct row {
	const char *name, *want;
};

static const struct row lines[] = {
    {"a counter of two labels",
	"\nassay_messages_total{direction=\"inbound\",action=\"reject\"} 1\n"},
    {"one that is none yet",
	"\nassay_messages_total{direction=\"outbound\",action=\"accept\"} 0\n"},
    {"its heading", "\n# TYPE assay_messages_total counter\n"},
    {"of three",
	"\nassay_results_total{direction=\"inbound\",method=\"dkim\","
	"result=\"pass\"} 1\n"},
    {"a bucket", "\nassay_message_wait_seconds_bucket{le=\"0.001000\"} 0\n"},
    {"the next", "\nassay_message_wait_seconds_bucket{le=\"0.002500\"} 1\n"},
    {"the last", "\nassay_message_wait_seconds_bucket{le=\"+Inf\"} 1\n"},
    {"the sum", "\nassay_message_wait_seconds_sum 0.001500\n"},
    {"DNS", "\nassay_dns_answers_total{status=\"servfail\"} 7\n"},
    {"a key",
	"\nassay_key_info{domain=\"shop.example\",selector=\"r202611\","
	"type=\"rsa-sha256\",state=\"active\"} 1\n"},
    {"its next step",
	"\nassay_key_next_step_timestamp_seconds{domain=\"shop.example\","
	"selector=\"r202611\",step=\"successor\"} 1800000000\n"},
    {"domains left out", "\nassay_key_domains_left_out 2\n"},
    {"journal: written",
	"\nassay_journal_records_total{result=\"written\"} 11\n"},
    {"journal: dropped",
	"\nassay_journal_records_total{result=\"dropped\"} 3\n"},
    {"journal: waiting", "\nassay_journal_records_waiting 4\n"},
    {"journal: files begun",
	"\nassay_journal_files_total{result=\"begun\"} 6\n"},
    {"journal: files removed",
	"\nassay_journal_files_total{result=\"removed\"} 5\n"},
    {"journal: stopped", "\nassay_journal_writing 0\n"},
    {"the version", "\nassay_build_info{version=\"1.2.3\"} 1\n"},
    {"ready", "\nassay_ready 1\n"},
};

static void
check_metric(void **state)
{
	const struct row *r = *state;
	struct buf b = BUF_INIT(LIMIT_METRICS_PAGE);
	struct counters c;
	struct facts f = made_up(&c);

	metrics_write(&f, &b);
	assert_int_equal(buf_status(&b), 0);
	if (!strstr(buf_str(&b), r->want))
		fail_msg("no %s in %s", r->want, buf_str(&b));
	buf_free(&b);
}

/* Labels come from directories: an administrator can name them anything. */
static void
odd_label(void **state)
{
	struct fact_key key = one_key;
	struct buf b = BUF_INIT(LIMIT_METRICS_PAGE);
	struct counters c;
	struct facts f = made_up(&c);

	(void)state;
	memcpy(key.selector, "a\"b\\c\nd\377", sizeof("a\"b\\c\nd\377"));
	f.keys.items = &key;
	metrics_write(&f, &b);
	assert_non_null(
	    strstr(buf_str(&b), ",selector=\"a\\\"b\\\\c\\nd\\\\xff\",type="));
	buf_free(&b);
}

static const struct row states[] = {
    {"serving", "ok\nlive: yes\nready: yes\n"},
    {"hung", "not ok\nlive: dns\nready: no\n"},
    {"draining", "not ok\nlive: yes\nready: no, ending\n"},
};

static void
check_health(void **state)
{
	const struct row *r = *state;
	struct buf b = BUF_INIT(1000), s = BUF_INIT(LIMIT_CONTROL_REPLY);
	char want[60];
	struct counters c;
	struct facts f = made_up(&c);

	f.hung = strcmp(r->name, "hung") ? NULL : "dns";
	f.draining = !strcmp(r->name, "draining");
	health_write(&f, &b);
	assert_string_equal(buf_str(&b), r->want);
	status_write(&f, &s);
	(void)snprintf(want, sizeof(want), "\tstate\t%s", r->name);
	assert_non_null(strstr(buf_str(&s), want));
	buf_free(&b);
	buf_free(&s);
}

/* What is written is read again: sections, pairs, no key without a value. */
static void
status_lines(void **state)
{
	struct buf b = BUF_INIT(LIMIT_CONTROL_REPLY);
	struct slice body, key, value;
	struct status_line line;
	size_t sections = 0, keys = 0;
	struct counters c;
	struct facts f = made_up(&c);

	(void)state;
	status_write(&f, &b);
	body = buf_slice(&b);
	while (status_next_line(&body, &line)) {
		sections++;
		while (status_next_pair(&line, &key, &value)) {
			assert_true(key.len > 0 && value.len > 0);
			if (slice_eqz(line.section, "key") &&
			    slice_eqz(key, "next_at"))
				assert_slice(value, SLICE_LIT("1800000000"));
			keys++;
		}
	}
	assert_non_null(strstr(buf_str(&b),
	    "journal\tstate\tstopped\twritten\t11\tdropped\t3\twaiting\t4"
	    "\tfiles_begun\t6\tfiles_removed\t5\n"));
	assert_true(sections > 10 && keys > 40);
	buf_free(&b);
}

int
main(void)
{
	UNIT_TABLE(lines, check_metric);
	UNIT_TEST(odd_label);
	UNIT_TABLE(states, check_health);
	UNIT_TEST(status_lines);
	return unit_end();
}
