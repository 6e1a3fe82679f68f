/* SPDX-License-Identifier: BSD-2-Clause */
/* The messages of a benchmark: see corpus.h. */
#include "corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
die(const char *what, const char *why)
{
	(void)fprintf(stderr, "%s: %s\n", what, why);
	exit(2);
}

static void *
need(void *p)
{
	if (!p)
		die("memory", "no more");
	return p;
}

static char *
slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text;
	long end;

	if (!f || fseek(f, 0, SEEK_END) || (end = ftell(f)) < 0 ||
	    fseek(f, 0, SEEK_SET))
		die(path, "cannot be read");
	text = need(malloc((size_t)end + 1));
	*len = fread(text, 1, (size_t)end, f);
	text[*len] = '\0';
	(void)fclose(f);
	return text;
}

/* The end of the field that begins at p: its LF, or the NUL. */
static char *
field_end(char *p)
{
	char *lf = strchr(p, '\n');

	while (lf && (lf[1] == ' ' || lf[1] == '\t'))
		lf = strchr(lf + 1, '\n');
	return lf ? lf : p + strlen(p);
}

/* A milter sees no CR in a field; in place. */
static void
drop_cr(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (*s != '\r')
			*to++ = *s;
	*to = '\0';
}

static void
add_field(struct mail *m, char *text)
{
	char *colon = strchr(text, ':');
	struct field *f;

	if (!colon)
		die(text, "no header field");
	m->fields =
	    need(realloc(m->fields, (m->nfields + 1) * sizeof(*m->fields)));
	f = &m->fields[m->nfields++];
	*colon = '\0';
	f->name = need(strdup(text));
	f->value = need(strdup(colon + 1));
	drop_cr(f->value);
}

/* The header ends with an empty line; lines end with CRLF. */
static void
read_mail(struct mail *m, const char *path)
{
	size_t len;
	char *text = slurp(path, &len), *p = text;

	while (*p && *p != '\r' && *p != '\n') {
		char *end = field_end(p);
		char *next = *end ? end + 1 : end;

		*end = '\0';
		add_field(m, p);
		p = next;
	}
	p = *p ? strchr(p, '\n') + 1 : p;
	m->body_len = len - (size_t)(p - text);
	m->body = need(malloc(m->body_len + 1));
	memcpy(m->body, p, m->body_len);
	free(text);
}

static void
read_line(struct corpus *c, const char *dir, size_t dir_len, char *line)
{
	char *words[6], *save = line, path[4096];
	struct mail *m;

	for (size_t i = 0; i < 6; i++) {
		words[i] = save;
		save += strcspn(save, "\t\n");
		if (*save)
			*save++ = '\0';
	}
	if (!words[5][0])
		die(words[0], "six words are needed");
	c->mails = need(realloc(c->mails, (c->n + 1) * sizeof(*c->mails)));
	m = &c->mails[c->n++];
	*m = (struct mail){.client = need(strdup(words[1])),
	    .helo = need(strdup(words[2])),
	    .from = need(strdup(words[3])),
	    .to = need(strdup(words[4]))};
	if (strcmp(words[5], "-") != 0)
		m->user = need(strdup(words[5]));
	(void)snprintf(
	    path, sizeof(path), "%.*s%s", (int)dir_len, dir, words[0]);
	read_mail(m, path);
}

struct corpus
corpus_read(const char *index)
{
	struct corpus c = {NULL, 0};
	const char *slash = strrchr(index, '/');
	FILE *f = fopen(index, "r");
	char line[4096];

	if (!f)
		die(index, "cannot be read");
	while (fgets(line, sizeof(line), f))
		read_line(
		    &c, index, slash ? (size_t)(slash + 1 - index) : 0, line);
	(void)fclose(f);
	if (c.n == 0)
		die(index, "names no message");
	return c;
}

void
corpus_free(struct corpus *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct mail *m = &c->mails[i];

		for (size_t k = 0; k < m->nfields; k++) {
			free(m->fields[k].name);
			free(m->fields[k].value);
		}
		free(m->fields);
		free(m->body);
		free(m->client);
		free(m->helo);
		free(m->from);
		free(m->to);
		free(m->user);
	}
	free(c->mails);
}
