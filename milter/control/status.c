/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts as lines. See status.h. */
#include "control/status.h"

#include <inttypes.h>

#include "authres/words.h"
#include "control/request.h"
#include "policy/words.h"

/* --- a line ---------------------------------------------------------------- */

static void
text(struct buf *b, const char *key, const char *value)
{
	buf_addf(b, "\t%s\t", key);
	reply_value(b, slice_z(value));
}

static void
number(struct buf *b, const char *key, uint64_t n)
{
	buf_addf(b, "\t%s\t%" PRIu64, key, n);
}

static void
word(struct buf *b, const char *key, const struct name *table, int value)
{
	text(b, key, names_word(table, value));
}

static uint64_t
seconds(int64_t s)
{
	return s > 0 ? (uint64_t)s : 0;
}

/* --- sections -------------------------------------------------------------- */

bool
facts_ready(const struct facts *f)
{
	return !f->draining && !f->hung;
}

static void
process_line(struct buf *b, const struct facts *f)
{
	buf_addz(b, "process");
	text(b, "version", f->version);
	number(b, "pid", (uint64_t)f->pid);
	text(b, "state",
	    f->draining   ? "draining"
		: f->hung ? "hung"
			  : "serving");
	if (f->hung)
		text(b, "hung", f->hung);
	number(b, "started_at", seconds(f->started_s));
	number(b, "uptime_s", seconds(f->now_s - f->started_s));
	number(b, "resident_octets", f->process.resident_octets);
	number(b, "descriptors", f->process.open_fds);
	number(b, "descriptors_max", f->process.max_fds);
	buf_addz(b, "\nconfiguration");
	text(b, "file", f->config_path);
	number(b, "loaded_at", seconds(f->loaded_s));
	number(b, "reloads", counters_get(&f->counters->reloads));
	number(b, "refused", counters_get(&f->counters->reloads_refused));
	text(b, "last_reload", f->last_reload_ok ? "ok" : "refused");
	buf_addc(b, '\n');
}

static void
mail_line(struct buf *b, const struct facts *f)
{
	const struct counters *c = f->counters;
	struct histogram_sum wait = histogram_read(&c->wait);
	uint64_t signatures = 0;

	for (int i = 0; i < COUNTED_ALGS; i++)
		signatures += counters_get(&c->signatures[i]);
	buf_addz(b, "mail");
	number(b, "connections", f->connections);
	number(b, "connections_total", counters_get(&c->connections));
	number(b, "messages_under_way", f->messages);
	number(b, "signatures_made", signatures);
	number(b, "outbound_unsigned", counters_get(&c->unsigned_messages));
	for (int i = 0; i < COUNTED_LEFT; i++)
		number(b, names_word(counted_left_words, i),
		    counters_get(&c->left[i]));
	number(b, "wait_half_us", histogram_percentile_us(&wait, 50));
	number(b, "wait_99_us", histogram_percentile_us(&wait, 99));
	buf_addc(b, '\n');
}

static void
message_lines(struct buf *b, const struct counters *c)
{
	for (int d = 0; d < COUNTED_DIRECTIONS; d++)
		for (int a = 0; a < COUNTED_ACTIONS; a++) {
			buf_addz(b, "messages");
			word(b, "direction", counted_direction_words, d);
			word(b, "action", action_words, a);
			number(b, "count", counters_get(&c->messages[d][a]));
			buf_addc(b, '\n');
		}
}

static void
result_line(struct buf *b, const struct counters *c, int d, int m, int w)
{
	uint64_t n = counters_get(&c->results[d][m][w]);

	if (n == 0 || w == AR_NOT_RUN)
		return;
	buf_addz(b, "results");
	word(b, "direction", counted_direction_words, d);
	word(b, "method", counted_method_words, m);
	text(b, "result", ar_word((enum ar_word)w));
	number(b, "count", n);
	buf_addc(b, '\n');
}

static void
result_lines(struct buf *b, const struct counters *c)
{
	for (int d = 0; d < COUNTED_DIRECTIONS; d++)
		for (int m = 0; m < COUNTED_METHODS; m++)
			for (int w = 0; w < COUNTED_WORDS; w++)
				result_line(b, c, d, m, w);
}

static void
dns_line(struct buf *b, const struct facts *f)
{
	const struct dns_stats_sum *d = &f->dns;

	buf_addz(b, "dns");
	number(b, "asked", d->asked);
	number(b, "pending", d->pending);
	for (int i = 0; i < DNS_STATUSES; i++)
		number(b, names_word(dns_status_words, i), d->answers[i]);
	number(b, "bogus", d->bogus);
	number(b, "half_us", histogram_percentile_us(&d->latency, 50));
	number(b, "99_us", histogram_percentile_us(&d->latency, 99));
	if (d->good_ms)
		number(b, "last_good_s",
		    seconds((f->now_ms - d->good_ms) / 1000));
	buf_addc(b, '\n');
}

static void
cache_line(struct buf *b, const char *name, const struct cache_counts *c)
{
	buf_addz(b, "cache");
	text(b, "name", name);
	number(b, "hits", c->hits);
	number(b, "misses", c->misses);
	number(b, "hit_percent",
	    c->hits + c->misses ? c->hits * 100 / (c->hits + c->misses) : 0);
	number(b, "entries", c->entries);
	number(b, "octets", c->octets);
	buf_addc(b, '\n');
}

static void
workers_line(struct buf *b, const struct facts *f)
{
	buf_addz(b, "workers");
	number(b, "busy", f->workers.busy);
	number(b, "threads", f->workers.threads);
	number(b, "threads_max", f->workers.max_threads);
	number(b, "queued", f->workers.queued);
	number(b, "queued_max", f->workers.max_queued);
	number(b, "refused", f->workers_refused);
	buf_addc(b, '\n');
}

static void
journal_line(struct buf *b, const struct fact_journal *j)
{
	buf_addz(b, "journal");
	text(b, "state",
	    !j->on                  ? "off"
		: j->counts.stopped ? "stopped"
				    : "writing");
	if (j->on) {
		number(b, "written", j->counts.written);
		number(b, "dropped", j->counts.dropped);
		number(b, "waiting", j->counts.waiting);
		number(b, "files_begun", j->counts.begun);
		number(b, "files_removed", j->counts.removed);
	}
	buf_addc(b, '\n');
}

static void
key_lines(struct buf *b, const struct facts *f)
{
	const struct fact_keys *k = &f->keys;

	buf_addz(b, "keys");
	number(b, "domains", k->domains);
	number(b, "domains_left_out", k->untold);
	if (k->seen_s)
		number(b, "seen_at", seconds(k->seen_s));
	buf_addc(b, '\n');
	for (size_t i = 0; i < k->n; i++) {
		buf_addz(b, "key");
		text(b, "domain", k->items[i].domain);
		text(b, "selector", k->items[i].selector);
		text(b, "type", k->items[i].type);
		text(b, "state", k->items[i].state);
		if (k->items[i].next[0])
			text(b, "next", k->items[i].next);
		if (k->items[i].when_s >= 0)
			number(b, "next_at", seconds(k->items[i].when_s));
		buf_addc(b, '\n');
	}
}

void
status_write(const struct facts *f, struct buf *b)
{
	process_line(b, f);
	mail_line(b, f);
	message_lines(b, f->counters);
	result_lines(b, f->counters);
	dns_line(b, f);
	cache_line(b, "dns", &f->dns_cache);
	cache_line(b, "keys", &f->key_cache);
	workers_line(b, f);
	journal_line(b, &f->journal);
	key_lines(b, f);
}

/* --- reading ---------------------------------------------------------------- */

bool
status_repeats(struct slice section)
{
	static const char *const many[] = {
	    "messages", "results", "cache", "key", "why"};

	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		if (slice_eqz(section, many[i]))
			return true;
	return false;
}

bool
status_next_line(struct slice *body, struct status_line *line)
{
	bool more;

	if (body->len == 0)
		return false;
	line->rest = slice_cut(body, '\n', &more);
	line->section = slice_cut(&line->rest, '\t', &more);
	return true;
}

bool
status_next_pair(
    struct status_line *line, struct slice *key, struct slice *value)
{
	bool more;

	if (line->rest.len == 0)
		return false;
	*key = slice_cut(&line->rest, '\t', &more);
	*value = slice_cut(&line->rest, '\t', &more);
	return true;
}
