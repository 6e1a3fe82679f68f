/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A milter that only tells what it saw: t/mta/harness.t proves the harness
 * with it.
 *	probe SOCKET
 * prints one line a callback, and the macros that say who the client is. It
 * adds "X-Probe: seen" to each message and rejects <reject@test.example>.
 */
#define _GNU_SOURCE /* u_char and friends in mfapi.h */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <libmilter/mfapi.h>
#include <netinet/in.h>

static void
say(SMFICTX *ctx, const char *stage, const char *text)
{
	static const char *const macros[] = {
	    "{daemon_name}", "{auth_authen}", "{auth_type}"};

	flockfile(stdout);
	printf("%s %s", stage, text);
	for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++) {
		char name[32];
		const char *value;

		(void)snprintf(name, sizeof(name), "%s", macros[i]);
		value = smfi_getsymval(ctx, name);
		if (value)
			printf(" %s=%s", macros[i], value);
	}
	printf("\n");
	(void)fflush(stdout);
	funlockfile(stdout);
}

static sfsistat
on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *sa)
{
	char text[300], address[INET6_ADDRSTRLEN] = "-";
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (sa && sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof(in));
		(void)inet_ntop(
		    AF_INET, &in.sin_addr, address, sizeof(address));
	} else if (sa && sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		(void)inet_ntop(
		    AF_INET6, &in6.sin6_addr, address, sizeof(address));
	}
	(void)snprintf(text, sizeof(text), "%.200s %s", host, address);
	say(ctx, "connect", text);
	return SMFIS_CONTINUE;
}

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	say(ctx, "helo", name);
	return SMFIS_CONTINUE;
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	say(ctx, "mail", argv[0]);
	return SMFIS_CONTINUE;
}

static sfsistat
on_rcpt(SMFICTX *ctx, char **argv)
{
	say(ctx, "rcpt", argv[0]);
	if (strcmp(argv[0], "<reject@test.example>") != 0)
		return SMFIS_CONTINUE;
	(void)smfi_setreply(ctx, (char[]){"550"}, (char[]){"5.7.1"},
	    (char[]){"100%% rejected"});
	return SMFIS_REJECT;
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	char text[200];

	(void)snprintf(text, sizeof(text), "%.60s:%.100s", name, value);
	say(ctx, "header", text);
	return SMFIS_CONTINUE;
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *octets, size_t n)
{
	char text[32];

	(void)octets;
	(void)snprintf(text, sizeof(text), "%zu", n);
	say(ctx, "body", text);
	return SMFIS_CONTINUE;
}

static sfsistat
on_eom(SMFICTX *ctx)
{
	say(ctx, "eom", "-");
	(void)smfi_insheader(ctx, 0, (char[]){"X-Probe"}, (char[]){" seen"});
	return SMFIS_CONTINUE;
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	say(ctx, "abort", "-");
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *ctx)
{
	say(ctx, "close", "-");
	return SMFIS_CONTINUE;
}

/* Exact octets: what follows the colon comes as it is. */
static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long f2, unsigned long f3, unsigned long *want_actions,
    unsigned long *want_steps, unsigned long *p2, unsigned long *p3)
{
	(void)ctx;
	(void)f2;
	(void)f3;
	*want_actions = actions & SMFIF_ADDHDRS;
	*want_steps = steps & SMFIP_HDR_LEADSPC;
	*p2 = *p3 = 0;
	return SMFIS_CONTINUE;
}

int
main(int argc, char **argv)
{
	struct smfiDesc milter = {
	    .xxfi_name = (char[]){"probe"},
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_flags = SMFIF_ADDHDRS,
	    .xxfi_connect = on_connect,
	    .xxfi_helo = on_helo,
	    .xxfi_envfrom = on_mail,
	    .xxfi_envrcpt = on_rcpt,
	    .xxfi_header = on_header,
	    .xxfi_body = on_body,
	    .xxfi_eom = on_eom,
	    .xxfi_abort = on_abort,
	    .xxfi_close = on_close,
	    .xxfi_negotiate = on_negotiate,
	};

	if (argc != 2)
		return 64;
	(void)umask(0);
	if (smfi_register(milter) != MI_SUCCESS ||
	    smfi_setconn(argv[1]) != MI_SUCCESS ||
	    smfi_opensocket(true) != MI_SUCCESS)
		return 69;
	return smfi_main() == MI_SUCCESS ? 0 : 70;
}
