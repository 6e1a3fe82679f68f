/* SPDX-License-Identifier: BSD-2-Clause */
/* What an operator decides about keys; filled by the config room. */
#ifndef ASSAY_KEYS_OPTIONS_H
#define ASSAY_KEYS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/names.h"
#include "keys/observe.h"
#include "keys/rotate.h"

enum publish_via {
	PUBLISH_PRINT, /* a person does it */
	PUBLISH_FILE,
	PUBLISH_NSUPDATE,
	PUBLISH_COMMAND,
};

extern const struct name publish_via_words[];

struct keys_options {
	unsigned types; /* bits 1 << enum key_type */
	int64_t lifetime_s, wait_s, retire_s, remove_s;
	int64_t unreachable_s, interval_s;
	const char *rsa_selector, *ed25519_selector; /* templates */
	struct string_list rsa_slots, ed25519_slots;
	const char *target; /* where slots point, "" : nowhere */
	enum key_overlap overlap;
	enum key_vanished on_vanished;
	enum check_via check_via;
	enum publish_via publish_via;
	const char *publish_command;
	const char *publish_file;
	const char *publish_server, *publish_tsig_file, *publish_program;
	int64_t publish_ttl_s;
};

/* Bits of keys_options.types and their words. */
extern const struct name key_type_bits[];

/* NULL, or the option that does not go with the others, and why in *why. */
const char *keys_options_fault(const struct keys_options *, const char **why);
/* The rules of rotation they make. */
struct rotation_policy keys_policy(const struct keys_options *);
/* The template of dated selectors. */
const char *keys_template(const struct keys_options *, enum key_line);

/*
 * The selector for a new key: the template with %Y, %m, %d of the day, and a
 * letter, then a number, when taken says so. False: none is to be had.
 */
bool keys_selector_make(const char *template, int64_t wall_s,
    bool (*taken)(void *, const char *), void *arg, char out[LIMIT_LABEL + 1]);
/* NULL, or what is wrong with a template. */
const char *keys_template_check(const char *);

#endif
