/* SPDX-License-Identifier: BSD-2-Clause */
#include "log/log.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "unit.h"

struct row {
	const char *name;
	struct slice value;
	const char *text, *json;
};

static const struct row rows[] = {
    {"plain", {"example.com", 11}, "k=example.com", "\"example.com\""},
    {"empty", {"", 0}, "k=\"\"", "\"\""},
    {"blank", {"a b", 3}, "k=\"a b\"", "\"a b\""},
    {"equals sign", {"a=b", 3}, "k=\"a=b\"", "\"a=b\""},
    {"quote and backslash", {"a\"\\", 3}, "k=\"a\\\"\\\\\"", "\"a\\\"\\\\\""},
    {"CR LF forging a line", {"x\r\nQ: y", 7}, "k=\"x\\x0d\\x0aQ: y\"",
	"\"x\\u000d\\u000aQ: y\""},
    {"NUL", {"a\0b", 3}, "k=\"a\\x00b\"", "\"a\\u0000b\""},
    {"terminal escape", {"\033[2J", 4}, "k=\"\\x1b[2J\"", "\"\\u001b[2J\""},
    {"UTF-8", {"\xc3\xbc", 2}, "k=\"\\xc3\\xbc\"", "\"\xc3\xbc\""},
    {"bad UTF-8", {"\xc3(", 2}, "k=\"\\xc3(\"", "\"\\u00c3(\""},
    {"overlong UTF-8", {"\xc0\xaf", 2}, "k=\"\\xc0\\xaf\"",
	"\"\\u00c0\\u00af\""},
    {"surrogate", {"\xed\xa0\x80", 3}, "k=\"\\xed\\xa0\\x80\"",
	"\"\\u00ed\\u00a0\\u0080\""},
    {"DEL", {"\x7f", 1}, "k=\"\\x7f\"", "\"\\u007f\""},
};

static void
check(void **state)
{
	const struct row *r = *state;

	for (int json = 0; json < 2; json++) {
		struct log_options o = {.sink = LOG_SINK_CAPTURE,
		    .level = LOG_LEVEL_INFO,
		    .format = json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT};
		struct log *lg = log_new(&o, NULL);
		struct event e;
		char want[256];

		event_begin(&e, lg, LOG_LEVEL_INFO, "ev", SLICE_LIT("Q1"));
		event_str(&e, "k", r->value);
		event_num(&e, "n", -5);
		event_end(&e);
		if (json)
			snprintf(want, sizeof(want),
			    "{\"event\":\"ev\",\"qid\":\"Q1\",\"k\":%s,"
			    "\"n\":-5}\n",
			    r->json);
		else
			snprintf(
			    want, sizeof(want), "Q1: ev %s n=-5\n", r->text);
		assert_slice(log_captured(lg), slice_z(want));
		log_free(lg);
	}
}

/* What ends lines, steers terminals or turns text around for some readers. */
static void
test_unruly_characters(void **state)
{
	static const char *const unruly[] = {"\xc2\x85", "\xc2\x9b",
	    "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xae", "\xe2\x81\xa6"};
	static const char *const fine[] = {"\xc2\xa0", "\xe2\x80\xa7",
	    "\xe2\x80\xaf", "\xe2\x81\xa5", "\xe2\x82\xac"};
	struct log_options o = {.sink = LOG_SINK_CAPTURE,
	    .level = LOG_LEVEL_INFO,
	    .format = LOG_FORMAT_JSON};
	struct log *lg = log_new(&o, NULL);
	struct slice all;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(unruly); i++)
		log_event(lg, LOG_LEVEL_INFO, "x", "k", unruly[i], NULL);
	all = log_captured(lg);
	for (size_t i = 0; i < all.len; i++)
		assert_true(is_print(all.ptr[i]) || all.ptr[i] == '\n');
	for (size_t i = 0; i < ARRAY_LEN(fine); i++) {
		log_event(lg, LOG_LEVEL_INFO, "x", "k", fine[i], NULL);
		assert_true(
		    slice_icontains(log_captured(lg), slice_z(fine[i])));
	}
	log_free(lg);
}

/* Many long values of peers, and behind them what matters. */
static void
test_peers_leave_room(void **state)
{
	static const char fills[] = {'a', '\x80', '"', '\n', ' '};
	char longest[1024];

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(fills); i++) {
		struct log_options o = {.sink = LOG_SINK_CAPTURE,
		    .level = LOG_LEVEL_INFO,
		    .format = i % 2 ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT};
		struct log *lg = log_new(&o, NULL);
		struct event e;

		memset(longest, fills[i / 2], sizeof(longest));
		event_begin(&e, lg, LOG_LEVEL_INFO, "ev", SLICE_EMPTY);
		for (int k = 0; k < 9; k++)
			event_peer(
			    &e, "k", slice_of(longest, sizeof(longest)));
		event_z(&e, "last", "yes");
		event_end(&e);
		assert_true(slice_icontains(log_captured(lg),
		    i % 2 ? SLICE_LIT("...\",\"last\":\"yes\"}")
			  : SLICE_LIT("last=yes\n")));
		log_free(lg);
	}
}

/* Collected once, in a line as if added one by one; not where it is cut. */
static void
test_pairs(void **state)
{
	static const char big[20000] = {'x'};
	struct log_options o = {
	    .sink = LOG_SINK_CAPTURE, .level = LOG_LEVEL_INFO};
	struct log *lg = log_new(&o, NULL);
	struct event common, e;

	(void)state;
	event_collect(&common, 2 * sizeof(big));
	event_num(&common, "n", -12);
	event_z(&common, "v", "a b");
	event_begin(&e, lg, LOG_LEVEL_INFO, "ev", SLICE_LIT("Q"));
	assert_false(event_pairs(&e, SLICE_EMPTY));
	assert_true(event_pairs(&e, buf_slice(&common.text)));
	event_z(&e, "last", "1");
	event_end(&e);
	assert_slice(
	    log_captured(lg), SLICE_LIT("Q: ev n=-12 v=\"a b\" last=1\n"));
	event_str(&common, "big", slice_of(big, sizeof(big)));
	event_begin(&e, lg, LOG_LEVEL_INFO, "ev", SLICE_EMPTY);
	assert_false(event_pairs(&e, buf_slice(&common.text)));
	event_end(&e);
	log_free(lg);
	o.format = LOG_FORMAT_JSON;
	lg = log_new(&o, NULL);
	event_begin(&e, lg, LOG_LEVEL_INFO, "ev", SLICE_EMPTY);
	assert_false(event_pairs(&e, SLICE_LIT("k=v")));
	event_end(&e);
	assert_slice(log_captured(lg), SLICE_LIT("{\"event\":\"ev\"}\n"));
	buf_free(&common.text);
	log_free(lg);
}

static void
test_levels(void **state)
{
	struct log_options o = {
	    .sink = LOG_SINK_CAPTURE, .level = LOG_LEVEL_WARNING};
	struct log *lg = log_new(&o, NULL);

	(void)state;
	log_event(lg, LOG_LEVEL_INFO, "no", "k", "v", NULL);
	log_event(lg, LOG_LEVEL_WARNING, "yes", "k", "v", NULL);
	log_event(NULL, LOG_LEVEL_ERROR, "nowhere", NULL);
	assert_slice(log_captured(lg), SLICE_LIT("yes k=v\n"));
	log_free(lg);
}

static void
test_line_too_long(void **state)
{
	static const char big[20000] = {'x'};
	struct log_options o = {
	    .sink = LOG_SINK_CAPTURE, .level = LOG_LEVEL_INFO};
	struct log *lg = log_new(&o, NULL);
	struct event e;

	(void)state;
	event_begin(&e, lg, LOG_LEVEL_INFO, "ev", SLICE_EMPTY);
	event_str(&e, "a", SLICE_LIT("1"));
	event_str(&e, "big", slice_of(big, sizeof(big)));
	event_end(&e);
	assert_true(log_captured(lg).len <= 8001);
	assert_true(slice_starts(log_captured(lg), SLICE_LIT("ev a=1 ")));
	log_free(lg);
}

/* So for a pipe that nobody reads: mail must not wait for it. */
static void
test_stuck_stderr(void **state)
{
	struct log_options o = {
	    .sink = LOG_SINK_STDERR, .level = LOG_LEVEL_INFO};
	struct log *lg = log_new(&o, NULL);
	int fds[2], saved = dup(STDERR_FILENO);
	char text[70000];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	for (int i = 0; i < 5000; i++)
		log_event(lg, LOG_LEVEL_INFO, "flood", "k", "value", NULL);
	n = read(fds[0], text, sizeof(text));
	log_event(lg, LOG_LEVEL_INFO, "after", NULL);
	assert_true(n > 0 &&
	    slice_starts(slice_of(text, (size_t)n),
		SLICE_LIT("assayd: flood k=value\n")));
	n = read(fds[0], text, sizeof(text));
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	assert_true(n > 0 &&
	    slice_icontains(
		slice_of(text, (size_t)n), SLICE_LIT("log_lost lines=")));
	close(saved);
	close(fds[0]);
	close(fds[1]);
	log_free(lg);
}

/* poll promises room for PIPE_BUF octets, and a line may be longer. */
static void
test_stuck_stderr_long_lines(void **state)
{
	struct log_options o = {
	    .sink = LOG_SINK_STDERR, .level = LOG_LEVEL_INFO};
	struct log *lg = log_new(&o, NULL);
	int fds[2], saved = dup(STDERR_FILENO);
	char value[7000], text[140000];
	ssize_t n;

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	/* One page, not two, and no room in it for what is over of those. */
	log_event(lg, LOG_LEVEL_INFO, "odd", "k", value + 5000, NULL);
	for (int i = 0; i < 100; i++)
		log_event(lg, LOG_LEVEL_INFO, "flood", "k", value, NULL);
	n = read(fds[0], text, sizeof(text));
	log_event(lg, LOG_LEVEL_INFO, "after", NULL);
	n += read(fds[0], text + n, sizeof(text) - (size_t)n);
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	text[n] = '\0';
	assert_non_null(strstr(text, "\nassayd: log_lost lines="));
	assert_non_null(strstr(text, "\nassayd: after\n"));
	close(saved);
	close(fds[0]);
	close(fds[1]);
	log_free(lg);
}

/* A syslog that does not read: lines are lost, counted, and told of later. */
static void
test_stuck_syslog(void **state)
{
	char dir[] = "/tmp/assay-log-XXXXXX", line[9000];
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), lost = 0;
	struct log_options o = {.sink = LOG_SINK_SYSLOG,
	    .level = LOG_LEVEL_INFO,
	    .facility = 2,
	    .syslog_socket = to.sun_path};
	struct log *lg;
	ssize_t n;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(to.sun_path, sizeof(to.sun_path), "%s/log", dir);
	lg = log_new(&o, NULL);
	log_event(lg, LOG_LEVEL_INFO, "before", NULL); /* nobody there */
	assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	log_event(lg, LOG_LEVEL_INFO, "one", "k", "v", NULL);
	n = recv(fd, line, sizeof(line) - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	line[n] = '\0';
	assert_non_null(strstr(line, "<20>"));
	assert_non_null(strstr(line, "log_lost lines=1"));
	n = recv(fd, line, sizeof(line) - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	line[n] = '\0';
	assert_memory_equal(line, "<22>", 4);
	assert_non_null(strstr(line, "]: one k=v"));
	log_compat_line(lg, "opendkim", "Q: hello");
	n = recv(fd, line, sizeof(line) - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	line[n] = '\0';
	assert_non_null(strstr(line, " opendkim["));
	for (int i = 0; i < 5000; i++) /* returns although nobody reads */
		log_event(lg, LOG_LEVEL_INFO, "many", NULL);
	while (recv(fd, line, sizeof(line), MSG_DONTWAIT) > 0)
		;
	log_event(lg, LOG_LEVEL_INFO, "after", NULL);
	while ((n = recv(fd, line, sizeof(line) - 1, MSG_DONTWAIT)) > 0) {
		line[n] = '\0';
		lost |= strstr(line, "log_lost") != NULL;
	}
	assert_true(lost);
	log_free(lg);
	close(fd);
	unlink(to.sun_path);
	rmdir(dir);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_unruly_characters);
	UNIT_TEST(test_peers_leave_room);
	UNIT_TEST(test_pairs);
	UNIT_TEST(test_levels);
	UNIT_TEST(test_line_too_long);
	UNIT_TEST(test_stuck_stderr);
	UNIT_TEST(test_stuck_stderr_long_lines);
	UNIT_TEST(test_stuck_syslog);
	return unit_end();
}
