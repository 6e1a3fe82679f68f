/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The floor: a milter that takes each event of a message as assayd does, asks
 * for the same steps, and does nothing.
 *
 *	null SOCKET		(as smfi_setconn takes it)
 */
#include <stdio.h>
#include <stdlib.h>

#include <libmilter/mfapi.h>

static const unsigned long steps_wanted = SMFIP_HDR_LEADSPC | SMFIP_NORCPT |
    SMFIP_NOUNKNOWN | SMFIP_NODATA | SMFIP_NR_CONN | SMFIP_NR_HELO |
    SMFIP_NR_MAIL | SMFIP_NR_HDR | SMFIP_NR_EOH;

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long unused1, unsigned long unused2, unsigned long *want_actions,
    unsigned long *want_steps, unsigned long *want1, unsigned long *want2)
{
	(void)ctx;
	(void)unused1;
	(void)unused2;
	*want_actions = actions & (SMFIF_ADDHDRS | SMFIF_CHGHDRS);
	*want_steps |= steps & steps_wanted;
	*want1 = *want2 = 0;
	return SMFIS_CONTINUE;
}

static sfsistat
on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *address)
{
	(void)ctx;
	(void)name;
	(void)address;
	return SMFIS_NOREPLY;
}

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	(void)ctx;
	(void)name;
	return SMFIS_NOREPLY;
}

static sfsistat
on_mail(SMFICTX *ctx, char **arguments)
{
	(void)ctx;
	(void)arguments;
	return SMFIS_NOREPLY;
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return SMFIS_NOREPLY;
}

static sfsistat
on_eoh(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_NOREPLY;
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *data, size_t len)
{
	(void)ctx;
	(void)data;
	(void)len;
	return SMFIS_CONTINUE;
}

static sfsistat
on_eom(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_ACCEPT;
}

int
main(int argc, char **argv)
{
	char name[] = "null";
	struct smfiDesc desc = {.xxfi_name = name,
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS,
	    .xxfi_connect = on_connect,
	    .xxfi_helo = on_helo,
	    .xxfi_envfrom = on_mail,
	    .xxfi_header = on_header,
	    .xxfi_eoh = on_eoh,
	    .xxfi_body = on_body,
	    .xxfi_eom = on_eom,
	    .xxfi_negotiate = on_negotiate};

	if (argc != 2 || smfi_register(desc) != MI_SUCCESS ||
	    smfi_setconn(argv[1]) != MI_SUCCESS ||
	    smfi_opensocket(1) != MI_SUCCESS) {
		(void)fprintf(stderr, "null: cannot listen\n");
		return 1;
	}
	return smfi_main() == MI_SUCCESS ? 0 : 1;
}
