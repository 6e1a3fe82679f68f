/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The metrics page. See metrics.h. Names follow Prometheus's conventions:
 * base units, _total for what only grows; a time is told as a time, and how
 * long it is until then is the reader's arithmetic.
 */
#include "control/metrics.h"

#include <inttypes.h>

#include "authres/words.h"
#include "dkim/sig.h"
#include "policy/words.h"

/* --- the format ------------------------------------------------------------ */

enum metric {
	COUNTER,
	GAUGE,
	HISTOGRAM,
};

static const struct name metric_words[] = {
    {COUNTER, "counter"},
    {GAUGE, "gauge"},
    {HISTOGRAM, "histogram"},
    {0, NULL},
};

static void
heading(struct buf *b, const char *name, enum metric type, const char *help)
{
	buf_addf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
	    names_word(metric_words, (int)type));
}

static void
single(struct buf *b, const char *name, enum metric type, const char *help,
    uint64_t n)
{
	heading(b, name, type, help);
	buf_addf(b, "%s %" PRIu64 "\n", name, n);
}

/* A label; first: it opens the braces. */
static void
label(struct buf *b, bool first, const char *key, const char *value)
{
	buf_addf(b, "%c%s=\"", first ? '{' : ',', key);
	for (; *value; value++) {
		if (*value == '\n')
			buf_addz(b, "\\n");
		else if (*value == '"' || *value == '\\')
			buf_addf(b, "\\%c", *value);
		else if (is_print(*value))
			buf_addc(b, *value);
		else /* never in a name of ours; and the page is UTF-8 */
			buf_addf(b, "\\\\x%02x", (unsigned char)*value);
	}
	buf_addc(b, '"');
}

static void
value(struct buf *b, uint64_t n)
{
	buf_addf(b, "} %" PRIu64 "\n", n);
}

static void
by_result(struct buf *b, const char *name, const char *result, uint64_t n)
{
	buf_addz(b, name);
	label(b, true, "result", result);
	value(b, n);
}

/* Microseconds as seconds. */
static void
add_seconds(struct buf *b, uint64_t us)
{
	buf_addf(b, "%" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
}

static void
histogram(struct buf *b, const char *name, const char *help,
    const struct histogram_sum *h)
{
	uint64_t all = h->upto[HISTOGRAM_BOUNDS];

	heading(b, name, HISTOGRAM, help);
	for (int i = 0; i < HISTOGRAM_BOUNDS; i++) {
		buf_addf(b, "%s_bucket{le=\"", name);
		add_seconds(b, histogram_bounds_us[i]);
		buf_addf(b, "\"} %" PRIu64 "\n", h->upto[i]);
	}
	buf_addf(
	    b, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum ", name, all, name);
	add_seconds(b, h->sum_us);
	buf_addf(b, "\n%s_count %" PRIu64 "\n", name, all);
}

static uint64_t
seconds(int64_t s)
{
	return s > 0 ? (uint64_t)s : 0;
}

/* --- the process ------------------------------------------------------------ */

static void
write_process(struct buf *b, const struct facts *f)
{
	const struct fact_process *p = &f->process;

	heading(b, "assay_build_info", GAUGE, "The version that runs.");
	buf_addz(b, "assay_build_info");
	label(b, true, "version", f->version);
	value(b, 1);
	single(b, "assay_ready", GAUGE,
	    "1 while connections are taken and no part is stuck.",
	    facts_ready(f));
	single(b, "assay_draining", GAUGE,
	    "1 while only messages under way are finished.", f->draining);
	single(b, "process_start_time_seconds", GAUGE,
	    "When the process began, since 1970.", seconds(f->started_s));
	single(b, "process_resident_memory_bytes", GAUGE, "Memory in use.",
	    p->resident_octets);
	single(b, "process_virtual_memory_bytes", GAUGE,
	    "Address space in use.", p->virtual_octets);
	single(
	    b, "process_open_fds", GAUGE, "Descriptors in use.", p->open_fds);
	single(b, "process_max_fds", GAUGE, "Descriptors there may be.",
	    p->max_fds);
	heading(b, "process_cpu_seconds_total", COUNTER,
	    "Processor time spent, of all threads.");
	buf_addz(b, "process_cpu_seconds_total ");
	add_seconds(b, p->cpu_ms * 1000);
	buf_addc(b, '\n');
}

static void
write_reloads(struct buf *b, const struct facts *f)
{
	static const char name[] = "assay_config_reloads_total";
	const struct counters *c = f->counters;

	single(b, "assay_config_loaded_timestamp_seconds", GAUGE,
	    "When the configuration that holds was read, since 1970.",
	    seconds(f->loaded_s));
	single(b, "assay_config_last_reload_successful", GAUGE,
	    "0 when the last reload was refused.", f->last_reload_ok);
	heading(b, name, COUNTER, "Reloads, by what came of them.");
	by_result(b, name, "ok", counters_get(&c->reloads));
	by_result(b, name, "refused", counters_get(&c->reloads_refused));
}

/* --- mail -------------------------------------------------------------------- */

static void
write_messages(struct buf *b, const struct facts *f)
{
	static const char name[] = "assay_messages_total";
	static const char left[] = "assay_messages_unjudged_total";
	const struct counters *c = f->counters;

	single(b, "assay_connections", GAUGE, "Connections of MTAs now.",
	    f->connections);
	single(b, "assay_connections_total", COUNTER,
	    "Clients that MTAs have announced.",
	    counters_get(&c->connections));
	single(b, "assay_messages_in_progress", GAUGE,
	    "Messages between MAIL FROM and our answer.", f->messages);
	heading(b, name, COUNTER, "Messages answered, by what was done.");
	for (int d = 0; d < COUNTED_DIRECTIONS; d++)
		for (int a = 0; a < COUNTED_ACTIONS; a++) {
			buf_addz(b, name);
			label(b, true, "direction",
			    names_word(counted_direction_words, d));
			label(b, false, "action", names_word(action_words, a));
			value(b, counters_get(&c->messages[d][a]));
		}
	heading(b, left, COUNTER, "Messages that got no verdict, and why.");
	for (int i = 0; i < COUNTED_LEFT; i++) {
		buf_addz(b, left);
		label(b, true, "why", names_word(counted_left_words, i));
		value(b, counters_get(&c->left[i]));
	}
}

static void
write_method(struct buf *b, const char *name, int direction, int method,
    const atomic_uint_fast64_t counts[COUNTED_WORDS])
{
	for (int w = AR_NONE; w < COUNTED_WORDS; w++) {
		buf_addz(b, name);
		label(b, true, "direction",
		    names_word(counted_direction_words, direction));
		label(b, false, "method",
		    names_word(counted_method_words, method));
		label(b, false, "result", ar_word((enum ar_word)w));
		value(b, counters_get(&counts[w]));
	}
}

static void
write_results(struct buf *b, const struct counters *c)
{
	static const char name[] = "assay_results_total";

	heading(b, name, COUNTER,
	    "Results of the methods; of dkim, one for each signature.");
	for (int m = 0; m < COUNTED_METHODS; m++)
		write_method(b, name, COUNTED_INBOUND, m,
		    c->results[COUNTED_INBOUND][m]);
	/* Outbound mail is not judged. */
	write_method(b, name, COUNTED_OUTBOUND, COUNTED_AUTH,
	    c->results[COUNTED_OUTBOUND][COUNTED_AUTH]);
}

static void
write_signing(struct buf *b, const struct counters *c)
{
	static const char name[] = "assay_signatures_total";

	heading(b, name, COUNTER, "Signatures made.");
	for (int i = 0; i < COUNTED_ALGS; i++) {
		if (i == DKIM_RSA_SHA1)
			continue;
		buf_addz(b, name);
		label(b, true, "algorithm", names_word(dkim_alg_words, i));
		value(b, counters_get(&c->signatures[i]));
	}
	single(b, "assay_outbound_unsigned_total", COUNTER,
	    "Outbound messages that nothing signed.",
	    counters_get(&c->unsigned_messages));
}

/* --- what mail stands on ----------------------------------------------------- */

static void
write_dns(struct buf *b, const struct dns_stats_sum *d)
{
	static const char name[] = "assay_dns_answers_total";

	single(b, "assay_dns_queries_total", COUNTER,
	    "Queries that no cache of ours answered.", d->asked);
	heading(b, name, COUNTER,
	    "What came of queries; timeout: nobody could wait any longer.");
	for (int i = 0; i < DNS_STATUSES; i++) {
		buf_addz(b, name);
		label(b, true, "status", names_word(dns_status_words, i));
		value(b, d->answers[i]);
	}
	single(b, "assay_dns_bogus_total", COUNTER,
	    "Answers that DNSSEC refutes; servfail has them too.", d->bogus);
	single(b, "assay_dns_queries_in_progress", GAUGE,
	    "Queries not answered yet.", d->pending);
	histogram(b, "assay_dns_query_duration_seconds",
	    "From query to answer, of those answered.", &d->latency);
}

static void
write_caches(struct buf *b, const struct facts *f)
{
	const struct {
		const char *name;
		const struct cache_counts *counts;
	} caches[] = {{"dns", &f->dns_cache}, {"dkim_keys", &f->key_cache}};
	const struct {
		const char *name, *help;
		enum metric type;
	} rows[] = {
	    {"assay_cache_hits_total", "Found.", COUNTER},
	    {"assay_cache_misses_total", "Not found.", COUNTER},
	    {"assay_cache_entries", "Kept now.", GAUGE},
	    {"assay_cache_bytes", "What they occupy.", GAUGE},
	};

	for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
		heading(b, rows[r].name, rows[r].type, rows[r].help);
		for (size_t i = 0; i < ARRAY_LEN(caches); i++) {
			const struct cache_counts *c = caches[i].counts;
			const uint64_t n[] = {
			    c->hits, c->misses, c->entries, c->octets};

			buf_addz(b, rows[r].name);
			label(b, true, "cache", caches[i].name);
			value(b, n[r]);
		}
	}
}

static void
write_workers(struct buf *b, const struct facts *f)
{
	const struct workers_load *w = &f->workers;

	single(b, "assay_workers_busy", GAUGE,
	    "Threads at work on SPF and reverse DNS.", w->busy);
	single(b, "assay_workers_limit", GAUGE, "How many there may be.",
	    w->max_threads);
	single(b, "assay_workers_queue_length", GAUGE,
	    "Checks that wait for one.", w->queued);
	single(b, "assay_workers_queue_limit", GAUGE,
	    "How many may wait beside those.", w->max_queued);
	single(b, "assay_workers_refused_total", COUNTER,
	    "Checks that found the queue full.", f->workers_refused);
}

static void
write_journal(struct buf *b, const struct fact_journal *j)
{
	static const char name[] = "assay_journal_records_total";
	static const char files[] = "assay_journal_files_total";

	if (!j->on)
		return;
	single(b, "assay_journal_writing", GAUGE,
	    "0 while records can't be written.", !j->counts.stopped);
	heading(b, name, COUNTER, "Records, by what came of them.");
	by_result(b, name, "written", j->counts.written);
	by_result(b, name, "dropped", j->counts.dropped);
	single(b, "assay_journal_records_waiting", GAUGE,
	    "Records that wait to be written.", j->counts.waiting);
	heading(b, files, COUNTER,
	    "Files: begun, and removed to keep within the bounds.");
	by_result(b, files, "begun", j->counts.begun);
	by_result(b, files, "removed", j->counts.removed);
}

/* --- keys --------------------------------------------------------------------- */

static void
key_labels(struct buf *b, const char *name, const struct fact_key *k)
{
	buf_addz(b, name);
	label(b, true, "domain", k->domain);
	label(b, false, "selector", k->selector);
}

static void
write_keys(struct buf *b, const struct fact_keys *k)
{
	static const char state[] = "assay_key_info";
	static const char next[] = "assay_key_next_step_timestamp_seconds";

	single(b, "assay_key_domains", GAUGE, "Domains that have keys.",
	    k->domains);
	single(b, "assay_key_domains_left_out", GAUGE,
	    "Domains whose keys the series below leave out.", k->untold);
	single(b, "assay_keys_seen_timestamp_seconds", GAUGE,
	    "When the keys were as told here, since 1970.",
	    seconds(k->seen_s));
	heading(b, state, GAUGE, "1 for each key, with its state.");
	for (size_t i = 0; i < k->n; i++) {
		key_labels(b, state, &k->items[i]);
		label(b, false, "type", k->items[i].type);
		label(b, false, "state", k->items[i].state);
		value(b, 1);
	}
	heading(b, next, GAUGE,
	    "When the next step of a key is due, since 1970, where a time "
	    "decides.");
	for (size_t i = 0; i < k->n; i++) {
		if (k->items[i].when_s < 0)
			continue;
		key_labels(b, next, &k->items[i]);
		label(b, false, "step", k->items[i].next);
		value(b, seconds(k->items[i].when_s));
	}
}

void
metrics_write(const struct facts *f, struct buf *b)
{
	struct histogram_sum wait = histogram_read(&f->counters->wait);

	write_process(b, f);
	write_reloads(b, f);
	write_messages(b, f);
	histogram(b, "assay_message_wait_seconds",
	    "How long clients waited for our answer to a message.", &wait);
	write_results(b, f->counters);
	write_signing(b, f->counters);
	write_dns(b, &f->dns);
	write_caches(b, f);
	write_workers(b, f);
	write_journal(b, &f->journal);
	write_keys(b, &f->keys);
}

void
health_write(const struct facts *f, struct buf *b)
{
	buf_addf(b, "%s\nlive: %s\nready: %s\n",
	    facts_ready(f) ? "ok" : "not ok", f->hung ? f->hung : "yes",
	    f->draining   ? "no, ending"
		: f->hung ? "no"
			  : "yes");
}
