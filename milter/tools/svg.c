/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See svg.h. libxml2 reads piece by piece: no entity is replaced, no DTD
 * loaded, nothing fetched; a document type is refused before its contents
 * matter. gzip'd logos (SVGZ) are not opened.
 */
#include "tools/svg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/xmlreader.h>

#include "base/attr.h"

#define DEPTH_MAX 64
#define NODES_MAX 100000

struct reading {
	xmlTextReader *reader;
	struct svg_report *out;
	bool title;
};

const char *
svg_fault_text(enum svg_fault f)
{
	switch (f) {
	case SVG_OK: return "";
	case SVG_NOT_XML: return "it is no XML";
	case SVG_DOCTYPE: return "it has a document type (DOCTYPE)";
	case SVG_DEEP: return "too much in it";
	case SVG_ROOT: return "its root is no svg element";
	case SVG_PROFILE:
		return "the root lacks version=\"1.2\" "
		       "baseProfile=\"tiny-ps\"";
	case SVG_TITLE: return "it has no title element";
	case SVG_POSITION: return "the root has a position";
	case SVG_SCRIPT: return "it has a script";
	case SVG_ELEMENT: return "an element is not of the profile";
	case SVG_EVENT: return "it waits for events";
	case SVG_EXTERNAL: return "it refers to something outside";
	}
	return "";
}

static bool
fault(struct reading *r, enum svg_fault f, const char *at)
{
	size_t n = 0;

	r->out->fault = f;
	for (; at && *at && n + 1 < sizeof(r->out->at); at++)
		r->out->at[n++] = is_print(*at) ? *at : '?';
	r->out->at[n] = '\0';
	return false;
}

static const char *
local_name(struct reading *r)
{
	const char *s = (const char *)xmlTextReaderConstLocalName(r->reader);

	return s ? s : "";
}

static const char *
value(struct reading *r)
{
	const char *s = (const char *)xmlTextReaderConstValue(r->reader);

	return s ? s : "";
}

/* --- attributes -------------------------------------------------------------------- */

/* "0 0 100 100", with commas or without. */
static bool
is_square(const char *box)
{
	double n[4];

	for (size_t i = 0; i < ARRAY_LEN(n); i++) {
		char *end;

		while (*box == ' ' || *box == ',')
			box++;
		n[i] = strtod(box, &end);
		if (end == box)
			return false;
		box = end;
	}
	return n[2] > 0 && n[3] <= 1.01 * n[2] && n[3] >= 0.99 * n[2];
}

/* "url(#id)", wherever it stands in a style. */
static bool
is_local(const char *text)
{
	while ((text = strstr(text, "url("))) {
		text += 4;
		while (*text == ' ' || *text == '"' || *text == '\'')
			text++;
		if (*text != '#')
			return false;
	}
	return true;
}

struct root {
	bool version, profile;
};

static bool
root_attribute(struct reading *r, const char *name, struct root *root)
{
	if (!strcmp(name, "version"))
		root->version = !strcmp(value(r), "1.2");
	else if (!strcmp(name, "baseProfile"))
		root->profile = !strcmp(value(r), "tiny-ps");
	else if (!strcmp(name, "viewBox"))
		r->out->square = is_square(value(r));
	else if (!strcmp(name, "x") || !strcmp(name, "y"))
		return fault(r, SVG_POSITION, name);
	return true;
}

static bool
attributes(struct reading *r, struct root *root)
{
	bool ok = true;

	while (ok && xmlTextReaderMoveToNextAttribute(r->reader) == 1) {
		const char *name = local_name(r);

		if (xmlTextReaderIsNamespaceDecl(r->reader) == 1)
			continue;
		if (root)
			ok = root_attribute(r, name, root);
		if (ok && !strncmp(name, "on", 2))
			ok = fault(r, SVG_EVENT, name);
		/* "#id" is of this document. */
		if (ok && !strcmp(name, "href") && value(r)[0] != '#')
			ok = fault(r, SVG_EXTERNAL, value(r));
		if (ok && !is_local(value(r)))
			ok = fault(r, SVG_EXTERNAL, value(r));
	}
	(void)xmlTextReaderMoveToElement(r->reader);
	return ok;
}

/* --- elements ------------------------------------------------------------------------- */

/* What full SVG has and the profile does not: it moves, links or embeds. */
static bool
is_left_out(const char *name)
{
	static const char *const names[] = {"image", "foreignObject", "a",
	    "animate", "animateColor", "animateMotion", "animateTransform",
	    "set", "discard", "audio", "video", "animation", "handler",
	    "listener", "style", "filter", "mask", "clipPath", "pattern",
	    "iframe"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static bool
element(struct reading *r, bool is_root)
{
	const char *name = local_name(r);
	struct root root = {false, false};

	if (!strcmp(name, "script"))
		return fault(r, SVG_SCRIPT, name);
	if (is_left_out(name))
		return fault(r, SVG_ELEMENT, name);
	if (is_root && strcmp(name, "svg"))
		return fault(r, SVG_ROOT, name);
	if (xmlTextReaderDepth(r->reader) == 1 && !strcmp(name, "title"))
		r->title = true;
	if (!attributes(r, is_root ? &root : NULL))
		return false;
	if (is_root && (!root.version || !root.profile))
		return fault(r, SVG_PROFILE, NULL);
	return true;
}

static bool
node(struct reading *r)
{
	int depth = xmlTextReaderDepth(r->reader);

	switch ((xmlReaderTypes)xmlTextReaderNodeType(r->reader)) {
	case XML_READER_TYPE_ELEMENT: return element(r, depth == 0);
	case XML_READER_TYPE_DOCUMENT_TYPE:
	case XML_READER_TYPE_ENTITY:
	case XML_READER_TYPE_ENTITY_REFERENCE:
	case XML_READER_TYPE_END_ENTITY:
	case XML_READER_TYPE_NOTATION: return fault(r, SVG_DOCTYPE, NULL);
	case XML_READER_TYPE_NONE:
	case XML_READER_TYPE_ATTRIBUTE:
	case XML_READER_TYPE_TEXT:
	case XML_READER_TYPE_CDATA:
	case XML_READER_TYPE_PROCESSING_INSTRUCTION:
	case XML_READER_TYPE_COMMENT:
	case XML_READER_TYPE_DOCUMENT:
	case XML_READER_TYPE_DOCUMENT_FRAGMENT:
	case XML_READER_TYPE_WHITESPACE:
	case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
	case XML_READER_TYPE_END_ELEMENT:
	case XML_READER_TYPE_XML_DECLARATION: break;
	}
	return depth <= DEPTH_MAX || fault(r, SVG_DEEP, NULL);
}

/* Whatever libxml2 would print. */
static void
silent(void *arg, const char *message, xmlParserSeverities severity,
    xmlTextReaderLocatorPtr where)
{
	(void)arg;
	(void)message;
	(void)severity;
	(void)where;
}

void
svg_check(struct slice text, struct svg_report *out)
{
	struct reading r = {.out = out};
	int rc = -1;

	*out = (struct svg_report){.fault = SVG_OK};
	if (text.len && text.len <= SVG_OCTETS_MAX)
		r.reader = xmlReaderForMemory(text.ptr, (int)text.len, NULL,
		    NULL,
		    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (!r.reader) {
		(void)fault(&r, SVG_NOT_XML, NULL);
		return;
	}
	xmlTextReaderSetErrorHandler(r.reader, silent, NULL);
	for (size_t n = 0; (rc = xmlTextReaderRead(r.reader)) == 1; n++) {
		if (n == NODES_MAX)
			(void)fault(&r, SVG_DEEP, NULL);
		if (n == NODES_MAX || !node(&r))
			break;
	}
	if (out->fault == SVG_OK && rc != 0)
		(void)fault(&r, SVG_NOT_XML, NULL);
	else if (out->fault == SVG_OK && !r.title)
		(void)fault(&r, SVG_TITLE, NULL);
	xmlFreeTextReader(r.reader);
}
