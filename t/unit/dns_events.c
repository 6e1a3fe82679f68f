/* SPDX-License-Identifier: BSD-2-Clause */
#define _DEFAULT_SOURCE /* struct timeval */
#include "dns/events.h"

#include <pthread.h>
#include <sys/time.h>
#include <unistd.h>

#include <unbound-event.h>

#include "base/clock.h"
#include "unit.h"

#define HANG_MS 10000
#define MANY 300

/* What came, in order. */
struct heard {
	char text[2000];
	struct ub_event *end; /* to be ended by the next call, or NULL */
};

struct one {
	struct heard *heard;
	char letter;
	struct ub_event *ev;
};

static void
hear(int fd, short bits, void *arg)
{
	struct one *o = arg;
	size_t n = strlen(o->heard->text);

	(void)fd;
	(void)snprintf(o->heard->text + n, sizeof(o->heard->text) - n,
	    "%c%s%s%s ", o->letter, bits & UB_EV_READ ? "r" : "",
	    bits & UB_EV_WRITE ? "w" : "", bits & UB_EV_TIMEOUT ? "t" : "");
	if (o->heard->end)
		o->heard->end->vmt->free(o->heard->end);
	o->heard->end = NULL;
}

static struct events *
begin(void)
{
	struct err err = ERR_INIT;
	struct events *all = events_new(&err);

	if (!all)
		fail_msg("%s", err.text);
	return all;
}

static void
make(struct one *o, struct events *all, struct heard *heard, char letter,
    int fd, int bits)
{
	struct ub_event_base *base = events_base(all);

	assert_int_equal(base->magic, UB_EVENT_MAGIC);
	*o = (struct one){.heard = heard, .letter = letter};
	o->ev = base->vmt->new_event(base, fd, (short)bits, hear, o);
	assert_non_null(o->ev);
	assert_int_equal(o->ev->magic, UB_EVENT_MAGIC);
}

static void
add(struct one *o, int after_ms)
{
	struct timeval after = {
	    .tv_sec = after_ms / 1000, .tv_usec = after_ms % 1000 * 1000};

	assert_int_equal(
	    o->ev->vmt->add(o->ev, after_ms < 0 ? NULL : &after), 0);
}

static void
end(struct one *o)
{
	o->ev->vmt->free(o->ev);
}

static void
turn(struct events *all, int timeout_ms)
{
	events_wait(all, timeout_ms);
	events_run(all);
}

static void
pipe_with(int fds[2], const char *octets)
{
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(
	    write(fds[1], octets, strlen(octets)), (ssize_t)strlen(octets));
}

static void
pipe_end(int fds[2])
{
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void
test_descriptors(void **state)
{
	struct events *all = begin();
	struct heard heard = {{0}, NULL};
	struct one once, always, out;
	int a[2], b[2];

	(void)state;
	pipe_with(a, "x");
	pipe_with(b, "x");
	make(&once, all, &heard, 'a', a[0], UB_EV_READ);
	make(&always, all, &heard, 'b', b[0], UB_EV_READ | UB_EV_PERSIST);
	turn(all, 0);
	assert_string_equal(heard.text, "");
	add(&once, -1);
	turn(all, 0);
	turn(all, 0);
	assert_string_equal(heard.text, "ar ");
	add(&always, -1);
	turn(all, 0);
	turn(all, 0);
	assert_string_equal(heard.text, "ar br br ");
	always.ev->vmt->del(always.ev);
	turn(all, 0);
	assert_string_equal(heard.text, "ar br br ");
	/* Another descriptor, other bits. */
	always.ev->vmt->set_fd(always.ev, b[1]);
	always.ev->vmt->del_bits(always.ev, UB_EV_READ | UB_EV_PERSIST);
	always.ev->vmt->add_bits(always.ev, UB_EV_WRITE);
	add(&always, -1);
	turn(all, 0);
	turn(all, 0);
	assert_string_equal(heard.text, "ar br br bw ");
	/* The other end is gone. */
	make(&out, all, &heard, 'c', a[1], UB_EV_WRITE);
	(void)close(a[0]);
	add(&out, -1);
	turn(all, 0);
	assert_string_equal(heard.text, "ar br br bw cw ");
	end(&once);
	end(&always);
	end(&out);
	(void)close(a[1]);
	pipe_end(b);
	events_free(all);
}

/* Both were ready; the first ends the other, whose descriptor goes on. */
static void
test_ended_meanwhile(void **state)
{
	struct events *all = begin();
	struct heard heard = {{0}, NULL};
	struct one first, second, third;
	int a[2], b[2];

	(void)state;
	pipe_with(a, "x");
	pipe_with(b, "x");
	make(&first, all, &heard, 'a', a[0], UB_EV_READ);
	make(&second, all, &heard, 'b', b[0], UB_EV_READ);
	add(&first, -1);
	add(&second, -1);
	events_wait(all, 0);
	end(&second);
	make(&third, all, &heard, 'c', b[0], UB_EV_READ);
	add(&third, -1);
	events_run(all);
	assert_string_equal(heard.text, "ar ");
	add(&first, -1);
	turn(all, 0);
	/* In whichever order. */
	assert_int_equal(strlen(heard.text), strlen("ar ar cr "));
	heard.text[0] = '\0';
	add(&first, -1);
	add(&third, -1);
	heard.end = third.ev;
	events_wait(all, 0);
	events_run(all);
	assert_non_null(strstr(heard.text, "r "));
	end(&first);
	pipe_end(a);
	pipe_end(b);
	events_free(all);
}

static void
test_times_in_order(void **state)
{
	static const int after_ms[] = {7, 3, 9, 1, 5, 8, 2, 6, 4};
	struct events *all = begin();
	struct heard heard = {{0}, NULL};
	struct one ones[ARRAY_LEN(after_ms)];
	int64_t until_ms = clock_mono_ms(&clock_system) + HANG_MS;

	(void)state;
	assert_int_equal(events_plan(all), -1);
	for (size_t i = 0; i < ARRAY_LEN(ones); i++) {
		make(&ones[i], all, &heard, (char)('0' + after_ms[i]), -1,
		    UB_EV_TIMEOUT);
		add(&ones[i], after_ms[i]);
	}
	/* One is given up, one put off. */
	ones[0].ev->vmt->del(ones[0].ev);
	add(&ones[3], 10);
	while (strlen(heard.text) < 3 * 8 &&
	    clock_mono_ms(&clock_system) < until_ms) {
		int ms = events_plan(all);

		assert_in_range(ms, 0, 10);
		turn(all, ms);
	}
	assert_string_equal(heard.text, "2t 3t 4t 5t 6t 8t 9t 1t ");
	for (size_t i = 0; i < ARRAY_LEN(ones); i++)
		end(&ones[i]);
	events_free(all);
}

/* As libevent: one that persists has its time anew each time. */
static void
test_time_and_descriptor(void **state)
{
	struct events *all = begin();
	struct heard heard = {{0}, NULL};
	struct one both, now;
	int a[2];
	char c;

	(void)state;
	pipe_with(a, "x");
	make(&both, all, &heard, 'a', a[0],
	    UB_EV_READ | UB_EV_TIMEOUT | UB_EV_PERSIST);
	add(&both, 2);
	turn(all, 0);
	assert_int_equal(read(a[0], &c, 1), 1);
	turn(all, events_plan(all));
	turn(all, events_plan(all));
	assert_string_equal(heard.text, "ar at at ");
	both.ev->vmt->del(both.ev);
	/* One that is always due comes once a turn. */
	make(&now, all, &heard, 'n', -1, UB_EV_TIMEOUT | UB_EV_PERSIST);
	add(&now, 0);
	turn(all, 0);
	assert_string_equal(heard.text, "ar at at nt ");
	end(&now);
	end(&both);
	pipe_end(a);
	events_free(all);
}

/* More than there was room for, ended in another order. */
static void
test_many(void **state)
{
	struct events *all = begin();
	struct heard heard = {{0}, NULL};
	struct one *ones = calloc(MANY, sizeof(*ones));

	(void)state;
	assert_non_null(ones);
	for (int i = 0; i < MANY; i++) {
		make(&ones[i], all, &heard, 'x', -1, UB_EV_TIMEOUT);
		add(&ones[i], 60000 + i * 7919 % MANY);
	}
	for (int i = 0; i < MANY; i++)
		end(&ones[i * 7 % MANY]);
	assert_int_equal(events_plan(all), -1);
	turn(all, 0);
	assert_string_equal(heard.text, "");
	free(ones);
	events_free(all);
}

static void *
wait_long(void *arg)
{
	events_wait(arg, HANG_MS);
	return NULL;
}

/* Who sleeps is woken for an earlier time, and for no later one. */
static void
test_settle(void **state)
{
	struct events *all = begin();
	struct heard heard = {{0}, NULL};
	struct one early, late;
	int64_t began_ms = clock_mono_ms(&clock_system);
	pthread_t thread;

	(void)state;
	make(&early, all, &heard, 'e', -1, UB_EV_TIMEOUT);
	make(&late, all, &heard, 'l', -1, UB_EV_TIMEOUT);
	add(&early, 5000);
	assert_in_range(events_plan(all), 4000, 5000);
	/* Given up: a look too many, but none too late. */
	early.ev->vmt->del(early.ev);
	assert_in_range(events_plan(all), 4000, 5000);
	add(&late, 60000);
	events_settle(all);
	turn(all, 0);
	assert_in_range(events_plan(all), 4000, 5000);
	assert_int_equal(pthread_create(&thread, NULL, wait_long, all), 0);
	add(&early, 1000);
	events_settle(all);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(clock_mono_ms(&clock_system) - began_ms < HANG_MS);
	events_run(all);
	assert_string_equal(heard.text, "");
	assert_in_range(events_plan(all), 0, 1000);
	end(&early);
	end(&late);
	events_free(all);
}

int
main(void)
{
	UNIT_TEST(test_descriptors);
	UNIT_TEST(test_ended_meanwhile);
	UNIT_TEST(test_times_in_order);
	UNIT_TEST(test_time_and_descriptor);
	UNIT_TEST(test_many);
	UNIT_TEST(test_settle);
	return unit_end();
}
