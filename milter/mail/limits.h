/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every ceiling on what a peer or a DNS answer can make us hold or do, in one
 * place. What lies beyond a ceiling is a result with a reason (policy,
 * neutral, temperror, permerror), never a crash and never a pass.
 */
#ifndef ASSAY_MAIL_LIMITS_H
#define ASSAY_MAIL_LIMITS_H

/* --- message ----------------------------------------------------------- */
/* Octets one message may make its arena hand out. */
#define LIMIT_MESSAGE_ARENA (32u << 20)
/* Header octets and fields kept; Postfix cuts at 102400 octets by default. */
#define LIMIT_HEADER_OCTETS (2u << 20)
#define LIMIT_HEADER_FIELDS 12000
/* From fields beyond these ceilings that are kept all the same, their octets. */
#define LIMIT_FROM_BEYOND 8
#define LIMIT_FROM_BEYOND_OCTETS 65536
/*
 * Forged fields of one name removed; a message with more is rejected. Postfix
 * searches the whole header anew for each: 8000 cost it 15 s, 20000 its life.
 */
#define LIMIT_STRIP_FIELDS 100
/* Octets of an envelope address or a HELO name kept. */
#define LIMIT_ENVELOPE 1024
/* Addresses in one From field, comment and group nesting. */
#define LIMIT_FROM_ADDRESSES 100
#define LIMIT_COMMENT_DEPTH 32

/* --- names (RFC 1035) -------------------------------------------------- */
#define LIMIT_DOMAIN 253 /* octets of a name as text, no dot at its end */
#define LIMIT_LABEL 63

/* --- DNS --------------------------------------------------------------- */
/*
 * Queries of one message beside SPF (which counts its own) and beside two for
 * each signature that may be evaluated: so that no number of signatures
 * leaves DMARC without an answer.
 */
#define LIMIT_MESSAGE_QUERIES 200
/* Octets and records of an answer looked at. */
#define LIMIT_TXT_OCTETS 65535
#define LIMIT_ANSWER_RECORDS 600
/*
 * Questions under way at a time: all, those of domains that have not answered
 * yet, those of one domain. Questions that wait; domains told apart (gate.h).
 */
#define LIMIT_DNS_UNDER_WAY 448
#define LIMIT_DNS_UNPROVEN 256
#define LIMIT_DNS_DOMAIN 32
#define LIMIT_DNS_WAITING 1024
#define LIMIT_DNS_PLACES 4096
/* When DNS as a whole counts as away, and what is waited then (breaker.h). */
#define LIMIT_BREAKER_FAILURES 8
#define LIMIT_BREAKER_PLACES 3
#define LIMIT_BREAKER_QUIET_MS 5000
#define LIMIT_BREAKER_PATIENCE_MS 500 /* a shorter wait proves nothing */
#define LIMIT_BREAKER_WAIT_MS 1000
/* No answer is kept longer, whatever its TTL. */
#define LIMIT_CACHE_TTL_S 86400
/* Octets: what is kept of the DNS, and of keys and records made from it. */
#define LIMIT_DNS_CACHE (4u << 20)
#define LIMIT_OBJECT_CACHE (4u << 20)

/* --- DKIM (RFC 6376) --------------------------------------------------- */
#define LIMIT_DKIM_SIGNATURES 256   /* fields parsed; others are counted */
#define LIMIT_DKIM_TAGS 64          /* tags in one list */
#define LIMIT_DKIM_H_ENTRIES 1000   /* names in one h= */
#define LIMIT_DKIM_SIG_OCTETS 65536 /* one signature field */
#define LIMIT_DKIM_KEY_RECORDS 3    /* TXT records tried as a key */
/* Octets of p= decoded: an RSA key of LIMIT_RSA_BITS has some 1070. */
#define LIMIT_DKIM_KEY_OCTETS 2048
#define LIMIT_RSA_BITS_MIN 1024 /* RFC 8301 section 3.2 */
#define LIMIT_RSA_BITS 8192
#define LIMIT_RSA_EXPONENT_BITS 64

/* --- our own keys ------------------------------------------------------- */
/* Addresses of authoritative servers asked for one record. */
#define LIMIT_KEY_SERVERS 16
/* CNAMEs followed to it. */
#define LIMIT_KEY_CNAMES 8
/* TTLs beyond this are not waited for: a week. */
#define LIMIT_KEY_TTL 604800

/* --- SPF (RFC 7208 section 4.6.4) -------------------------------------- */
#define LIMIT_SPF_TERMS 10
#define LIMIT_SPF_VOIDS 2
#define LIMIT_SPF_MX 10
#define LIMIT_SPF_PTR 10
#define LIMIT_SPF_QUERIES 120 /* of one check, all kinds */
#define LIMIT_SPF_AHEAD 30    /* of one check, asked early and maybe in vain */
#define LIMIT_SPF_RECORD 2048 /* octets; a longer one is a permerror */
/* One macro expanded: an envelope address, each octet of it URL-escaped. */
#define LIMIT_SPF_MACRO (3 * (LIMIT_ENVELOPE + LIMIT_DOMAIN + 16))
#define LIMIT_SPF_EXPLANATION 400 /* octets of it shown, one reply line */
#define LIMIT_SPF_PATH 1024       /* octets of the way to a term shown */
/* A tool's walk over all that a record leads to: records, depth, queries. */
#define LIMIT_SPF_TREE 300
#define LIMIT_SPF_TREE_DEPTH 20
#define LIMIT_SPF_TREE_QUERIES 5000
#define LIMIT_SPF_SPANS 100000       /* ranges of addresses told apart */
#define LIMIT_SPF_RECEIVED_VALUE 256 /* one value in Received-SPF */

/* --- DMARC (RFC 9989) -------------------------------------------------- */
#define LIMIT_DMARC_RECORD 8000    /* octets */
#define LIMIT_DMARC_TAGS 64        /* tags of one record */
#define LIMIT_DMARC_DETAIL 260     /* octets of a tag or name in a reason */
#define LIMIT_DMARC_WALK 8         /* queries of one tree walk */
#define LIMIT_DMARC_IDENTIFIERS 20 /* passing identifiers walked */

/* --- reverse DNS ------------------------------------------------------- */
#define LIMIT_IPREV_NAMES 10

/* --- signing and key tables --------------------------------------------- */
#define LIMIT_TABLE_OCTETS (64u << 20) /* one file */
#define LIMIT_TABLE_ARENA (512u << 20) /* what is made of both */
#define LIMIT_TABLE_LINE 4096          /* octets */
#define LIMIT_NAMED_KEYS 250000u       /* keys by tables in use at once */
#define LIMIT_TABLE_TOLD (256u << 10)  /* octets of faults, of remarks */

/* --- control socket, metrics --------------------------------------------- */
#define LIMIT_CONTROL_CLIENTS 32 /* at once */
#define LIMIT_CONTROL_REQUEST 64 /* octets of one, its line end included */
#define LIMIT_CONTROL_REPLY (4u << 20)
#define LIMIT_CONTROL_MS 5000 /* to ask, and to take the reply */
#define LIMIT_METRICS_PAGE (4u << 20)
#define LIMIT_METRICS_CLIENTS 16
#define LIMIT_TOLD_DOMAINS 200 /* whose keys are told */
#define LIMIT_TOLD_KEYS 1000

/* --- milter protocol ------------------------------------------------------ */
#define LIMIT_MILTER_AHEAD 16384 /* octets read before libmilter wants them */
#define LIMIT_MILTER_HELD 65536  /* octets of edits that wait for the reply */

/* --- journal ------------------------------------------------------------- */
#define LIMIT_JOURNAL_RECORD 32768     /* octets of one record */
#define LIMIT_JOURNAL_POLICY 2048      /* of a DMARC record kept in it */
#define LIMIT_JOURNAL_QUEUE (4u << 20) /* octets that wait to be written */
#define LIMIT_JOURNAL_FILES 1000       /* in the directory */
/* Signatures of one entry that a reader keeps; a record has no more. */
#define LIMIT_ENTRY_SIGNATURES 100
#define LIMIT_MESSAGE_ID 128 /* octets of a Message-ID in log and journal */

/* --- configurations of other programs ---------------------------------- */
#define LIMIT_IMPORT_LINES 10000 /* of configuration, with all it includes */
#define LIMIT_IMPORT_NETS 4096   /* networks that a set of hosts comes to */

/* --- Authentication-Results (RFC 8601) --------------------------------- */
#define LIMIT_AUTHRES_OCTETS 16384 /* the field we write */
#define LIMIT_AUTHRES_VALUE 256    /* one value of a peer's in it */
/* Octets before the first ";" of a field that is no grammar. */
#define LIMIT_AUTHRES_ID_PART 1024
/* Results and properties read out of one field. */
#define LIMIT_AUTHRES_RESULTS 100
#define LIMIT_AUTHRES_PROPS 1000

#endif
