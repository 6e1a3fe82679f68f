/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration as an immutable snapshot. Sessions pin the one they began
 * with; a reload puts a new one in its place and the old one goes with its
 * last session. Only this struct is counted.
 */
#ifndef ASSAY_CONFIG_CONFIG_H
#define ASSAY_CONFIG_CONFIG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/list.h"
#include "engine/options.h"
#include "journal/journal.h"
#include "keys/options.h"
#include "keys/store.h"
#include "log/log.h"

#define CONFIG_DEFAULT_FILE "/etc/assay/assay.conf"

enum sandbox_mode {
	SANDBOX_NO,
	SANDBOX_YES,     /* as far as the kernel goes */
	SANDBOX_REQUIRE, /* or not at all */
};

extern const struct name sandbox_words[];

/* What is about the process, not about messages. */
struct daemon_options {
	const char *socket;
	unsigned socket_mode;
	const char *socket_group;
	const char *user, *group, *pid_file;
	struct log_options log;
	struct journal_options journal;
	struct string_list nameservers;
	const char *resolv_conf, *trust_anchor_file, *psl_file;
	size_t spf_workers, spf_queue;
	int64_t drain_limit_s;
	const char *control_socket, *control_group;
	const char *metrics;
	bool metrics_remote;
	const char *key_dir;
	const char *signing_table, *key_table;
	bool require_published;
	enum sandbox_mode sandbox;
	struct string_list sandbox_read;
};

struct config {
	atomic_uint refs;
	struct arena *arena; /* of everything in it */
	struct engine_options engine;
	struct daemon_options daemon;
	struct keystore *keys; /* owned; NULL until config_open_keys */
	struct arena *tables;  /* of the signing and key tables; or NULL */
	/* What is strange in the tables: lines "FILE:LINE: what". */
	struct buf remarks;
	/* Of the file's octets: two readings with one value are of one text. */
	uint64_t fingerprint;
};

/*
 * Reads a file, and the tables it names. Returns 0 and the snapshot with one
 * reference, or -1 and in errors one line per fault ("FILE:LINE: option:
 * what"), all of them at once.
 */
MUST_CHECK int config_load(
    const char *path, struct config **out, struct buf *errors);
/*
 * The same for a reload, where there is a configuration to lose: the file is
 * read until two readings settle_ms apart are the same, and one that is empty
 * or whose last line has no end is a fault. To most options such a file would
 * mean their default, and to the last one whatever its beginning says.
 */
#define CONFIG_SETTLE_MS 50
MUST_CHECK int config_load_again(const char *path, int64_t settle_ms,
    struct config **out, struct buf *errors);
/* config_load from text; path is only for the messages. */
MUST_CHECK int config_parse(struct slice text, const char *path,
    struct config **out, struct buf *errors);

/*
 * What the file says of one option that is a text, whatever else is wrong
 * with it; else its default.
 */
void config_peek(const char *path, const char *name, struct buf *out);

/* Opens the key directory (as the service user). Returns 0, or -1. */
MUST_CHECK int config_open_keys(struct config *, struct log *, struct err *);

/*
 * Options that only a restart changes and that differ between the two, as
 * "socket, user"; "" when there are none. A new snapshot that differs in them
 * may still be used: the process keeps what it has.
 */
void config_restart_needed(const struct config *old_config,
    const struct config *new_config, struct buf *names);

struct config *config_ref(struct config *);
/* NULL is fine. */
void config_unref(struct config *);

#endif
