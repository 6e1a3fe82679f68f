/* SPDX-License-Identifier: BSD-2-Clause */
/* The charts of the page, as SVG: colours are classes, in page.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tools/page.h"

#define WIDTH 960
#define HEIGHT 260
#define LEFT 56
#define BOTTOM 28
#define TOP_EDGE 12
#define BUCKETS_MAX 60
#define LABELS 8
#define HOUR_S 3600

/* --- mail by time ----------------------------------------------------------------------- */

/* From the bottom up; each names its class. */
enum layer {
	LAYER_DELIVERED,
	LAYER_QUARANTINED,
	LAYER_TEMPFAILED,
	LAYER_REJECTED,
	LAYERS,
};

static const char *const layer_words[LAYERS] = {
    "delivered", "quarantined", "tempfailed", "rejected"};

struct bucket {
	uint64_t n[LAYERS];
};

struct hours {
	struct bucket buckets[BUCKETS_MAX];
	size_t n;
	int64_t first, width; /* hours */
	uint64_t most;
};

static int64_t
hour_of(const struct tally_row *r)
{
	uint64_t n;

	return slice_u64(r->key, INT64_MAX, &n) ? 0 : (int64_t)n;
}

/* Days begin where days begin, in UTC. */
static void
choose_width(struct hours *h, int64_t first, int64_t last)
{
	static const int64_t widths[] = {1, 3, 6, 12, 24, 168};

	for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
		h->width = widths[i];
		h->first = first - first % h->width;
		if ((last - h->first) / h->width < BUCKETS_MAX)
			break;
	}
	if ((last - h->first) / h->width >= BUCKETS_MAX)
		h->width = (last - h->first) / BUCKETS_MAX + 1;
	h->n = (size_t)((last - h->first) / h->width) + 1;
}

static void
fill(struct hours *h, const struct tally_table *t)
{
	choose_width(h, hour_of(&t->rows[0]), hour_of(&t->rows[t->n - 1]));
	for (size_t i = 0; i < t->n; i++) {
		const uint64_t *n = t->rows[i].n;
		int64_t at = (hour_of(&t->rows[i]) - h->first) / h->width;
		struct bucket *b = &h->buckets[at];
		uint64_t stopped =
		    n[TALLY_QUARANTINE] + n[TALLY_TEMPFAIL] + n[TALLY_REJECT];

		b->n[LAYER_DELIVERED] += n[TALLY_ALL] - stopped;
		b->n[LAYER_QUARANTINED] += n[TALLY_QUARANTINE];
		b->n[LAYER_TEMPFAILED] += n[TALLY_TEMPFAIL];
		b->n[LAYER_REJECTED] += n[TALLY_REJECT];
	}
	for (size_t i = 0; i < h->n; i++) {
		uint64_t all = 0;

		for (size_t k = 0; k < LAYERS; k++)
			all += h->buckets[i].n[k];
		h->most = all > h->most ? all : h->most;
	}
}

/* 1, 2 or 5 with zeros, so that four of them or fewer are the most. */
static uint64_t
step_of(uint64_t most)
{
	uint64_t step = 1;

	for (;;) {
		if (most <= 4 * step)
			return step;
		if (most <= 8 * step)
			return 2 * step;
		if (most <= 20 * step)
			return 5 * step;
		step *= 10;
	}
}

static double
height_of(uint64_t n, uint64_t top)
{
	return (double)n * (HEIGHT - BOTTOM - TOP_EDGE) / (double)top;
}

static void
grid(struct buf *b, uint64_t step, uint64_t top)
{
	for (uint64_t v = 0; v <= top; v += step) {
		double y = HEIGHT - BOTTOM - height_of(v, top);

		buf_addf(b,
		    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" "
		    "y2=\"%.1f\"/><text class=\"end\" x=\"%d\" "
		    "y=\"%.1f\">%" PRIu64 "</text>\n",
		    LEFT, WIDTH, y, y, LEFT - 8, y + 4, v);
	}
}

static void
when(int64_t hour, bool with_hour, char text[32])
{
	time_t t = (time_t)(hour * HOUR_S);
	struct tm tm;

	text[0] = '\0';
	if (gmtime_r(&t, &tm))
		(void)!strftime(
		    text, 32, with_hour ? "%m-%d %H:00" : "%Y-%m-%d", &tm);
}

static void
bar(struct buf *b, const struct hours *h, size_t i, uint64_t top)
{
	double slot = (double)(WIDTH - LEFT) / (double)h->n;
	double x = LEFT + slot * (double)i, y = HEIGHT - BOTTOM;
	char text[32];

	when(h->first + (int64_t)i * h->width, h->width < 24, text);
	for (size_t k = 0; k < LAYERS; k++) {
		uint64_t n = h->buckets[i].n[k];
		double high = height_of(n, top);

		if (n == 0)
			continue;
		y -= high;
		buf_addf(b,
		    "<rect class=\"%s\" x=\"%.1f\" y=\"%.2f\" width=\"%.1f\" "
		    "height=\"%.2f\"><title>%s: %" PRIu64
		    " %s</title></rect>\n",
		    layer_words[k], x + slot * 0.1, y, slot * 0.8, high, text,
		    n, layer_words[k]);
	}
	if (i % (h->n / LABELS + 1) == 0)
		buf_addf(b, "<text x=\"%.1f\" y=\"%d\">%s</text>\n", x,
		    HEIGHT - 8, text);
}

static void
legend(struct buf *b, const char *const *words, size_t n)
{
	buf_addz(b, "<p class=\"legend\">");
	for (size_t i = 0; i < n; i++)
		buf_addf(b,
		    "<span><svg width=\"12\" height=\"12\" aria-hidden=\"true\">"
		    "<rect class=\"%s\" width=\"12\" height=\"12\"/></svg> %s"
		    "</span> ",
		    words[i], words[i]);
	buf_addz(b, "</p>\n");
}

void
chart_hours(struct buf *b, struct tally_table *t)
{
	struct hours *h;
	uint64_t step, top;

	if (t->n == 0)
		return;
	h = calloc(1, sizeof(*h));
	if (!h)
		return;
	tally_sort_keys(t);
	fill(h, t);
	step = step_of(h->most);
	top = (h->most + step - 1) / step * step;
	buf_addz(b, "<h2>Inbound mail by time (UTC)</h2>\n");
	legend(b, layer_words, LAYERS);
	buf_addf(b,
	    "<svg viewBox=\"0 0 %d %d\" role=\"img\" "
	    "aria-label=\"inbound mail by time\">\n",
	    WIDTH, HEIGHT);
	grid(b, step, top ? top : 1);
	for (size_t i = 0; i < h->n; i++)
		bar(b, h, i, top ? top : 1);
	buf_addz(b, "</svg>\n");
	free(h);
}

/* --- results by method ---------------------------------------------------------------------- */

enum part {
	PART_PASS,
	PART_FAIL,
	PART_NONE,
	PART_OTHER,
	PARTS,
};

static const char *const part_words[PARTS] = {"pass", "fail", "none", "other"};

/* A row is METHOD=WORD. */
static uint64_t
method_parts(
    const struct tally_table *t, const char *method, uint64_t n[PARTS])
{
	uint64_t all = 0;

	for (size_t i = 0; i < t->n; i++) {
		struct slice word = t->rows[i].key;
		size_t part = PART_OTHER;
		bool more;

		if (!slice_eqz(slice_cut(&word, '=', &more), method))
			continue;
		for (size_t k = 0; k < PART_OTHER; k++)
			if (slice_eqz(word, part_words[k]))
				part = k;
		n[part] += t->rows[i].n[TALLY_ALL];
		all += t->rows[i].n[TALLY_ALL];
	}
	return all;
}

static void
method_bar(struct buf *b, const char *method, const uint64_t n[PARTS],
    uint64_t all, int y)
{
	double x = LEFT;

	buf_addf(b, "<text class=\"end\" x=\"%d\" y=\"%d\">%s</text>\n",
	    LEFT - 8, y + 18, method);
	for (size_t k = 0; k < PARTS; k++) {
		double share = (double)n[k] / (double)all;
		double wide = share * (WIDTH - LEFT);

		if (n[k] == 0)
			continue;
		buf_addf(b,
		    "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" "
		    "height=\"26\"><title>%s %s: %" PRIu64
		    " (%.1f %%)</title></rect>\n",
		    part_words[k], x, y, wide, method, part_words[k], n[k],
		    100 * share);
		if (wide > 60)
			buf_addf(b,
			    "<text class=\"on\" x=\"%.1f\" y=\"%d\">%.0f %%"
			    "</text>\n",
			    x + 8, y + 18, 100 * share);
		x += wide;
	}
}

void
chart_methods(struct buf *b, const struct tally_table *t)
{
	static const char *const methods[] = {"dmarc", "dkim", "spf", "iprev"};
	int y = 0;

	if (t->n == 0)
		return;
	buf_addz(b, "<h2>Results of inbound mail</h2>\n");
	legend(b, part_words, PARTS);
	buf_addf(b,
	    "<svg viewBox=\"0 0 %d %d\" role=\"img\" "
	    "aria-label=\"results by method\">\n",
	    WIDTH, 36 * (int)ARRAY_LEN(methods));
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		uint64_t n[PARTS] = {0}, all = method_parts(t, methods[i], n);

		if (all == 0)
			continue;
		method_bar(b, methods[i], n, all, y);
		y += 36;
	}
	buf_addz(b, "</svg>\n");
}
