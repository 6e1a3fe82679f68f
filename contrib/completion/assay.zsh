#compdef assay
# Written by conf/update.

_assay()
{
	local curcontext=$curcontext state line
	local -a commands
	_arguments -C '(- *)'{-h,--help}'[tell the usage]' '1:command:->command' '*::argument:->argument'
	case $state in
	command)
		commands=(
			'check:what a domain publishes, and what is wrong'
			'config:check, show, import the configuration'
			'drain:end assayd when messages under way have ended'
			'keys:make, rotate, publish the keys that sign'
			'log:what happened to mail, counted'
			'record:make records\: SPF, DMARC, DKIM and others'
			'reload:have assayd read its configuration again'
			'sign:sign a message as assayd would'
			'spf:explain, show, or flatten an SPF record'
			'status:ask assayd how it is, and its numbers'
			'verify:judge messages as assayd would, and say why'
			'why:what happened to one message, in words'
			'help:tell more of a command'
			'version:print the version'
		)
		_describe command commands ;;
	argument)
		case $words[1] in
		check) _assay_check ;;
		config) _assay_config ;;
		drain) _assay_drain ;;
		keys) _assay_keys ;;
		log) _assay_log ;;
		record) _assay_record ;;
		reload) _assay_reload ;;
		sign) _assay_sign ;;
		spf) _assay_spf ;;
		status) _assay_status ;;
		verify) _assay_verify ;;
		why) _assay_why ;;
		help) _assay_help ;;
		version) _assay_version ;;
		esac ;;
	esac
}

_assay_config()
{
	local curcontext=$curcontext state line
	local -a commands
	_arguments -C '(- *)'{-h,--help}'[tell the usage]' '1:command:->command' '*::argument:->argument'
	case $state in
	command)
		commands=(
			'check:tell all that is wrong with it'
			'show:every option with the value that holds'
			'diff:the options that are not at their default'
			'import:of OpenDKIM and OpenDMARC'
		)
		_describe command commands ;;
	argument)
		case $words[1] in
		check) _assay_config_check ;;
		show) _assay_config_show ;;
		diff) _assay_config_diff ;;
		import) _assay_config_import ;;
		esac ;;
	esac
}

_assay_keys()
{
	local curcontext=$curcontext state line
	local -a commands
	_arguments -C '(- *)'{-h,--help}'[tell the usage]' '1:command:->command' '*::argument:->argument'
	case $state in
	command)
		commands=(
			'init:take a domain on\: first keys, and what to publish'
			'list:all keys\: state, what comes next and when'
			'check:compare keys with what name servers show'
			'publish:hand all records over again, or print them'
			'rotate:new keys as soon as they can be; or at once'
			'revoke:stop signing with a key, publish an empty one'
			'remove:destroy a key and remove its record'
			'import:manage keys that are there, or of OpenDKIM'
			'export:the signing keys as an OpenDKIM KeyTable'
			'repair:as root\: owner and mode of the key directory'
			'new:make two keys that nobody manages'
		)
		_describe command commands ;;
	argument)
		case $words[1] in
		init) _assay_keys_init ;;
		list) _assay_keys_list ;;
		check) _assay_keys_check ;;
		publish) _assay_keys_publish ;;
		rotate) _assay_keys_rotate ;;
		revoke) _assay_keys_revoke ;;
		remove) _assay_keys_remove ;;
		import) _assay_keys_import ;;
		export) _assay_keys_export ;;
		repair) _assay_keys_repair ;;
		new) _assay_keys_new ;;
		esac ;;
	esac
}

_assay_record()
{
	local curcontext=$curcontext state line
	local -a commands
	_arguments -C '(- *)'{-h,--help}'[tell the usage]' '1:command:->command' '*::argument:->argument'
	case $state in
	command)
		commands=(
			'bimi:where the logo is'
			'dkim:a key, or a platform'\''s CNAMEs'
			'dmarc:the policy, by itself or in stages'
			'mta-sts:the TXT record and the policy file'
			'senders:the platforms that --sender knows'
			'spf:who sends for the domain'
			'tls-rpt:where reports about TLS go'
		)
		_describe command commands ;;
	argument)
		case $words[1] in
		bimi) _assay_record_bimi ;;
		dkim) _assay_record_dkim ;;
		dmarc) _assay_record_dmarc ;;
		mta-sts) _assay_record_mta-sts ;;
		senders) _assay_record_senders ;;
		spf) _assay_record_spf ;;
		tls-rpt) _assay_record_tls-rpt ;;
		esac ;;
	esac
}

_assay_spf()
{
	local curcontext=$curcontext state line
	local -a commands
	_arguments -C '(- *)'{-h,--help}'[tell the usage]' '1:command:->command' '*::argument:->argument'
	case $state in
	command)
		commands=(
			'explain:one evaluation, term by term'
			'flatten:the same with addresses alone'
			'tree:all that a record leads to'
		)
		_describe command commands ;;
	argument)
		case $words[1] in
		explain) _assay_spf_explain ;;
		flatten) _assay_spf_flatten ;;
		tree) _assay_spf_tree ;;
		esac ;;
	esac
}

_assay_check()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '*'{-s,--selector=}'[of a DKIM key; may be given again]:NAME: ' \
	    '*--ip=[one that sends; may be given again]:ADDRESS: ' \
	    '*--tracking=[of links in mail; may be given again]:HOST: ' \
	    '--bulk=[check its domains, one a line]:FILE:_files' \
	    '--watch[compare with the last run; 1\: it differs]' \
	    '--state=[where --watch keeps what it saw]:FILE:_files' \
	    '--no-fetch[fetch nothing over HTTPS]' \
	    '--https=[fetch from there, whatever DNS says]:IP\[@PORT\]: ' \
	    '--ca-file=[trust these, not the system'\''s]:FILE:_files' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*--server=[ask this name server; may be given again]:IP\[@PORT\]: ' \
	    '--zone=[answers from this file, not from DNS]:FILE:_files' \
	    '--replay=[the same\: answers that --record has kept]:FILE:_files' \
	    '--record=[keep all DNS answers in this file]:FILE:_files' \
	    '--overlay=[these records over those of DNS]:FILE:_files' \
	    '--timeout=[wait no longer for DNS (60)]:SECONDS: ' \
	    '*:DOMAIN: '
}

_assay_config_check()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--json[write JSON]' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files'
}

_assay_config_diff()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--json[write JSON]' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files'
}

_assay_config_import()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--opendkim=[an opendkim.conf]:FILE:_files' \
	    '--opendmarc=[an opendmarc.conf]:FILE:_files' \
	    '(-o --output)'{-o,--output=}'[to be made; /etc/assay/imported]:DIR:_files -/' \
	    '(-n --dry-run)'{-n,--dry-run}'[show it all, write nothing]' \
	    '--json[write JSON]'
}

_assay_config_show()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--json[write JSON]' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files'
}

_assay_drain()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--json[write JSON]' \
	    '(-c --config)'{-c,--config=}'[the assay.conf that names the socket]:FILE:_files' \
	    '--socket=[the control socket itself]:PATH: ' \
	    '--timeout=[wait this long for the answer]:SECONDS: '
}

_assay_help()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '*:\[COMMAND ...\]:(check config drain help keys log record reload sign spf status verify version why)'
}

_assay_keys_check()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-c --config)'{-c,--config=}'[names key_dir, user, the rules of rotation]:FILE:_files' \
	    '(-k --key-dir)'{-k,--key-dir=}'[use this directory, whatever the configuration says]:DIR:_files -/' \
	    '(-n --dry-run)'{-n,--dry-run}'[show the plan and do nothing]' \
	    '--json[write JSON]' \
	    '--yes[do not ask]' \
	    '*:\[DOMAIN ...\]: '
}

_assay_keys_export()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-c --config)'{-c,--config=}'[names key_dir, user, the rules of rotation]:FILE:_files' \
	    '(-k --key-dir)'{-k,--key-dir=}'[use this directory, whatever the configuration says]:DIR:_files -/' \
	    '(-n --dry-run)'{-n,--dry-run}'[show the plan and do nothing]' \
	    '--json[write JSON]' \
	    '--yes[do not ask]' \
	    '*:\[DOMAIN ...\]: '
}

_assay_keys_import()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-c --config)'{-c,--config=}'[names key_dir, user, the rules of rotation]:FILE:_files' \
	    '(-k --key-dir)'{-k,--key-dir=}'[use this directory, whatever the configuration says]:DIR:_files -/' \
	    '(-n --dry-run)'{-n,--dry-run}'[show the plan and do nothing]' \
	    '--json[write JSON]' \
	    '--yes[do not ask]' \
	    '*:DOMAIN \[SELECTOR FILE\] | KEYTABLE:_files'
}

_assay_keys_init()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-c --config)'{-c,--config=}'[names key_dir, user, the rules of rotation]:FILE:_files' \
	    '(-k --key-dir)'{-k,--key-dir=}'[use this directory, whatever the configuration says]:DIR:_files -/' \
	    '(-n --dry-run)'{-n,--dry-run}'[show the plan and do nothing]' \
	    '--json[write JSON]' \
	    '--yes[do not ask]' \
	    '*:DOMAIN: '
}

_assay_keys_list()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-c --config)'{-c,--config=}'[names key_dir, user, the rules of rotation]:FILE:_files' \
	    '(-k --key-dir)'{-k,--key-dir=}'[use this directory, whatever the configuration says]:DIR:_files -/' \
	    '(-n --dry-run)'{-n,--dry-run}'[show the plan and do nothing]' \
	    '--json[write JSON]' \
	    '--yes[do not ask]' \
	    '*:\[DOMAIN ...\]: '
}

_assay_keys_new()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-c --config)'{-c,--config=}'[names key_dir, user, the rules of rotation]:FILE:_files' \
	    '(-k --key-dir)'{-k,--key-dir=}'[use this directory, whatever the configuration says]:DIR:_files -/' \
	    '(-n --dry-run)'{-n,--dry-run}'[show the plan and do nothing]' \
	    '--json[write JSON]' \
	    '--yes[do not ask]' \
	    '*:DOMAIN \[SELECTOR\]: '
}

_assay_keys_publish()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-c --config)'{-c,--config=}'[names key_dir, user, the rules of rotation]:FILE:_files' \
	    '(-k --key-dir)'{-k,--key-dir=}'[use this directory, whatever the configuration says]:DIR:_files -/' \
	    '(-n --dry-run)'{-n,--dry-run}'[show the plan and do nothing]' \
	    '--json[write JSON]' \
	    '--yes[do not ask]' \
	    '*:\[DOMAIN ...\]: '
}

_assay_keys_remove()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-c --config)'{-c,--config=}'[names key_dir, user, the rules of rotation]:FILE:_files' \
	    '(-k --key-dir)'{-k,--key-dir=}'[use this directory, whatever the configuration says]:DIR:_files -/' \
	    '(-n --dry-run)'{-n,--dry-run}'[show the plan and do nothing]' \
	    '--json[write JSON]' \
	    '--yes[do not ask]' \
	    '*:DOMAIN SELECTOR: '
}

_assay_keys_repair()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-c --config)'{-c,--config=}'[names key_dir, user, the rules of rotation]:FILE:_files' \
	    '(-k --key-dir)'{-k,--key-dir=}'[use this directory, whatever the configuration says]:DIR:_files -/' \
	    '(-n --dry-run)'{-n,--dry-run}'[show the plan and do nothing]' \
	    '--json[write JSON]' \
	    '--yes[do not ask]'
}

_assay_keys_revoke()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-c --config)'{-c,--config=}'[names key_dir, user, the rules of rotation]:FILE:_files' \
	    '(-k --key-dir)'{-k,--key-dir=}'[use this directory, whatever the configuration says]:DIR:_files -/' \
	    '(-n --dry-run)'{-n,--dry-run}'[show the plan and do nothing]' \
	    '--json[write JSON]' \
	    '--yes[do not ask]' \
	    '*:DOMAIN SELECTOR: '
}

_assay_keys_rotate()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--emergency[the old key is stolen\: no wait]' \
	    '(-c --config)'{-c,--config=}'[names key_dir, user, the rules of rotation]:FILE:_files' \
	    '(-k --key-dir)'{-k,--key-dir=}'[use this directory, whatever the configuration says]:DIR:_files -/' \
	    '(-n --dry-run)'{-n,--dry-run}'[show the plan and do nothing]' \
	    '--json[write JSON]' \
	    '--yes[do not ask]' \
	    '*:DOMAIN \[SELECTOR\]: '
}

_assay_log()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-j --journal)'{-j,--journal}'[read assayd'\''s own journal]' \
	    '--journald[read the log of systemd]' \
	    '--since=[2026-11-21, 2026-11-21T10\:00, 24h, 7d]:TIME: ' \
	    '--until=[likewise]:TIME: ' \
	    '*--own=[is ours as well; may be given again]:DOMAIN: ' \
	    '(-n --top)'{-n,--top=}'[rows of a table (10; 0\: all)]:N: ' \
	    '--html=[write a page with charts, - for standard output]:FILE:_files' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*:\[FILE ...\]:_files'
}

_assay_record_bimi()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--logo=[of an SVG Tiny PS file]:URL: ' \
	    '--evidence=[of its certificate (VMC, CMC)]:URL: ' \
	    '(-s --selector)'{-s,--selector=}'[of the record (default)]:NAME: ' \
	    '--decline[say that there is no logo]' \
	    '--form=[zone, panel, both]:WHICH: ' \
	    '--ttl=[of the records (3600)]:SECONDS: ' \
	    '--offline[do not look at DNS]' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*--server=[ask this name server; may be given again]:IP\[@PORT\]: ' \
	    '--zone=[answers from this file, not from DNS]:FILE:_files' \
	    '--replay=[the same\: answers that --record has kept]:FILE:_files' \
	    '--record=[keep all DNS answers in this file]:FILE:_files' \
	    '--overlay=[these records over those of DNS]:FILE:_files' \
	    '--timeout=[wait no longer for DNS (60)]:SECONDS: ' \
	    '*:DOMAIN: '
}

_assay_record_dkim()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-k --key)'{-k,--key=}'[the key, in PEM]:FILE:_files' \
	    '--sender=[the CNAMEs of this platform]:NAME: ' \
	    '--revoke[an empty key\: this one is no more]' \
	    '(-t --testing)'{-t,--testing}'[t=y]' \
	    '--strict[t=s\: no subdomain may sign with it]' \
	    '--form=[zone, panel, both]:WHICH: ' \
	    '--ttl=[of the records (3600)]:SECONDS: ' \
	    '--offline[do not look at DNS]' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*--server=[ask this name server; may be given again]:IP\[@PORT\]: ' \
	    '--zone=[answers from this file, not from DNS]:FILE:_files' \
	    '--replay=[the same\: answers that --record has kept]:FILE:_files' \
	    '--record=[keep all DNS answers in this file]:FILE:_files' \
	    '--overlay=[these records over those of DNS]:FILE:_files' \
	    '--timeout=[wait no longer for DNS (60)]:SECONDS: ' \
	    '*:DOMAIN \[SELECTOR\]: '
}

_assay_record_dmarc()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-p --policy)'{-p,--policy=}'[none, quarantine, reject]:WORD: ' \
	    '--sp=[of subdomains]:WORD: ' \
	    '--np=[of subdomains that do not exist]:WORD: ' \
	    '--stage=[of the way to reject\: 1 to 5, all]:N: ' \
	    '--rua=[daily reports (dmarc@DOMAIN)]:ADDRESS: ' \
	    '--ruf=[failure reports]:ADDRESS: ' \
	    '--fo=[failures to report\: 0, 1, d, s]:WHEN:(auto always never)' \
	    '--adkim=[DKIM alignment\: r, s (strict)]:WAY: ' \
	    '--aspf=[SPF alignment\: r, s (strict)]:WAY: ' \
	    '--psd=[a public suffix\: y, n]:WORD: ' \
	    '(-t --testing)'{-t,--testing}'[t=y\: apply the next weaker policy]' \
	    '--form=[zone, panel, both]:WHICH: ' \
	    '--ttl=[of the records (3600)]:SECONDS: ' \
	    '--offline[do not look at DNS]' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*--server=[ask this name server; may be given again]:IP\[@PORT\]: ' \
	    '--zone=[answers from this file, not from DNS]:FILE:_files' \
	    '--replay=[the same\: answers that --record has kept]:FILE:_files' \
	    '--record=[keep all DNS answers in this file]:FILE:_files' \
	    '--overlay=[these records over those of DNS]:FILE:_files' \
	    '--timeout=[wait no longer for DNS (60)]:SECONDS: ' \
	    '*:DOMAIN: '
}

_assay_record_mta-sts()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--mx=[or *.NAME (those that DNS has)]:HOST: ' \
	    '--mode=[testing, enforce, none]:MODE: ' \
	    '--max-age=[how long senders keep it (604800)]:SECONDS: ' \
	    '--id=[letters and digits (the time)]:ID: ' \
	    '--form=[zone, panel, both]:WHICH: ' \
	    '--ttl=[of the records (3600)]:SECONDS: ' \
	    '--offline[do not look at DNS]' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*--server=[ask this name server; may be given again]:IP\[@PORT\]: ' \
	    '--zone=[answers from this file, not from DNS]:FILE:_files' \
	    '--replay=[the same\: answers that --record has kept]:FILE:_files' \
	    '--record=[keep all DNS answers in this file]:FILE:_files' \
	    '--overlay=[these records over those of DNS]:FILE:_files' \
	    '--timeout=[wait no longer for DNS (60)]:SECONDS: ' \
	    '*:DOMAIN: '
}

_assay_record_senders()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*--server=[ask this name server; may be given again]:IP\[@PORT\]: ' \
	    '--zone=[answers from this file, not from DNS]:FILE:_files' \
	    '--replay=[the same\: answers that --record has kept]:FILE:_files' \
	    '--record=[keep all DNS answers in this file]:FILE:_files' \
	    '--overlay=[these records over those of DNS]:FILE:_files' \
	    '--timeout=[wait no longer for DNS (60)]:SECONDS: '
}

_assay_record_spf()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--sender=[a platform (record senders lists them)]:NAME: ' \
	    '--include=[whoever sends for that domain]:DOMAIN: ' \
	    '--ip=[an address or network]:NETWORK: ' \
	    '--host=[a host by its name]:NAME: ' \
	    '--mx[the domain'\''s MX hosts]' \
	    '--a[the domain'\''s own address]' \
	    '--redirect=[all others\: as that domain says]:DOMAIN: ' \
	    '--all=[all others\: fail, softfail, neutral]:WORD: ' \
	    '--none[nobody sends for it]' \
	    '--form=[zone, panel, both]:WHICH: ' \
	    '--ttl=[of the records (3600)]:SECONDS: ' \
	    '--offline[do not look at DNS]' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*--server=[ask this name server; may be given again]:IP\[@PORT\]: ' \
	    '--zone=[answers from this file, not from DNS]:FILE:_files' \
	    '--replay=[the same\: answers that --record has kept]:FILE:_files' \
	    '--record=[keep all DNS answers in this file]:FILE:_files' \
	    '--overlay=[these records over those of DNS]:FILE:_files' \
	    '--timeout=[wait no longer for DNS (60)]:SECONDS: ' \
	    '*:DOMAIN: '
}

_assay_record_tls-rpt()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--rua=[or https\: address (tls-rpt@DOMAIN)]:ADDRESS: ' \
	    '--form=[zone, panel, both]:WHICH: ' \
	    '--ttl=[of the records (3600)]:SECONDS: ' \
	    '--offline[do not look at DNS]' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*--server=[ask this name server; may be given again]:IP\[@PORT\]: ' \
	    '--zone=[answers from this file, not from DNS]:FILE:_files' \
	    '--replay=[the same\: answers that --record has kept]:FILE:_files' \
	    '--record=[keep all DNS answers in this file]:FILE:_files' \
	    '--overlay=[these records over those of DNS]:FILE:_files' \
	    '--timeout=[wait no longer for DNS (60)]:SECONDS: ' \
	    '*:DOMAIN: '
}

_assay_reload()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--json[write JSON]' \
	    '(-c --config)'{-c,--config=}'[the assay.conf that names the socket]:FILE:_files' \
	    '--socket=[the control socket itself]:PATH: ' \
	    '--timeout=[wait this long for the answer]:SECONDS: '
}

_assay_sign()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-F --field)'{-F,--field}'[only the fields that are added]' \
	    '(-u --user)'{-u,--user=}'[who has logged in to send it]:NAME: ' \
	    '--sendmail[minding what Sendmail changes (default\: Postfix)]' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*--server=[ask this name server; may be given again]:IP\[@PORT\]: ' \
	    '--zone=[answers from this file, not from DNS]:FILE:_files' \
	    '--replay=[the same\: answers that --record has kept]:FILE:_files' \
	    '--record=[keep all DNS answers in this file]:FILE:_files' \
	    '--overlay=[these records over those of DNS]:FILE:_files' \
	    '--timeout=[wait no longer for DNS (60)]:SECONDS: ' \
	    '*:\[MSG\]:_files'
}

_assay_spf_explain()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-f --from)'{-f,--from=}'[the sender (postmaster@DOMAIN)]:ADDRESS: ' \
	    '--helo=[of the client]:NAME: ' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*--server=[ask this name server; may be given again]:IP\[@PORT\]: ' \
	    '--zone=[answers from this file, not from DNS]:FILE:_files' \
	    '--replay=[the same\: answers that --record has kept]:FILE:_files' \
	    '--record=[keep all DNS answers in this file]:FILE:_files' \
	    '--overlay=[these records over those of DNS]:FILE:_files' \
	    '--timeout=[wait no longer for DNS (60)]:SECONDS: ' \
	    '*:DOMAIN IP: '
}

_assay_spf_flatten()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--prefix=[of further records (_spf)]:NAME: ' \
	    '--octets=[of one record at most (255, else 450)]:N: ' \
	    '--source=[flatten this, not what is published]:RECORD: ' \
	    '--watch[compare with the last run; 1\: it differs]' \
	    '--state=[where --watch keeps what it saw]:FILE:_files' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*--server=[ask this name server; may be given again]:IP\[@PORT\]: ' \
	    '--zone=[answers from this file, not from DNS]:FILE:_files' \
	    '--replay=[the same\: answers that --record has kept]:FILE:_files' \
	    '--record=[keep all DNS answers in this file]:FILE:_files' \
	    '--overlay=[these records over those of DNS]:FILE:_files' \
	    '--timeout=[wait no longer for DNS (60)]:SECONDS: ' \
	    '*:DOMAIN: '
}

_assay_spf_tree()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*--server=[ask this name server; may be given again]:IP\[@PORT\]: ' \
	    '--zone=[answers from this file, not from DNS]:FILE:_files' \
	    '--replay=[the same\: answers that --record has kept]:FILE:_files' \
	    '--record=[keep all DNS answers in this file]:FILE:_files' \
	    '--overlay=[these records over those of DNS]:FILE:_files' \
	    '--timeout=[wait no longer for DNS (60)]:SECONDS: ' \
	    '*:DOMAIN: '
}

_assay_status()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '--json[write JSON]' \
	    '(-c --config)'{-c,--config=}'[the assay.conf that names the socket]:FILE:_files' \
	    '--socket=[the control socket itself]:PATH: ' \
	    '--timeout=[wait this long for the answer]:SECONDS: '
}

_assay_verify()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-e --explain)'{-e,--explain}'[show what each result was made from]' \
	    '--ip=[of the client]:ADDRESS: ' \
	    '--helo=[of the client]:NAME: ' \
	    '(-f --from)'{-f,--from=}'[the envelope'\''s sender; <> for none]:ADDRESS: ' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*--server=[ask this name server; may be given again]:IP\[@PORT\]: ' \
	    '--zone=[answers from this file, not from DNS]:FILE:_files' \
	    '--replay=[the same\: answers that --record has kept]:FILE:_files' \
	    '--record=[keep all DNS answers in this file]:FILE:_files' \
	    '--overlay=[these records over those of DNS]:FILE:_files' \
	    '--timeout=[wait no longer for DNS (60)]:SECONDS: ' \
	    '*:\[MSG ...\]:_files'
}

_assay_version()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]'
}

_assay_why()
{
	_arguments -s \
	    '(-h --help)'{-h,--help}'[tell the usage]' \
	    '(-j --journal)'{-j,--journal}'[read assayd'\''s own journal]' \
	    '--journald[read the log of systemd]' \
	    '--since=[2026-11-21, 2026-11-21T10\:00, 24h, 7d]:TIME: ' \
	    '--until=[likewise]:TIME: ' \
	    '--json[write JSON]' \
	    '--color=[auto (on a terminal), always, never]:WHEN:(auto always never)' \
	    '(-c --config)'{-c,--config=}'[this assay.conf]:FILE:_files' \
	    '--now=[as if it were then (since 1970)]:SECONDS: ' \
	    '*:ID \[FILE ...\]:_files'
}

_assay "$@"
