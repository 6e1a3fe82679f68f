# bash completion for assay(1)
# Written by conf/update.
_assay()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command= word i skip=
	COMPREPLY=()
	# --name=value comes as three words.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = && COMP_CWORD -gt 1 ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $word == = ]]; then
			skip=1
		elif [[ -n $skip ]]; then
			skip=
		else
			case $word in
			--adkim|--all|--aspf|--bulk|--ca-file|--color|--config|--evidence|--fo|--form|--from|--helo|--host|--html|--https|--id|--include|--ip|--key|--key-dir|--logo|--max-age|--mode|--mx|--now|--np|--octets|--opendkim|--opendmarc|--output|--overlay|--own|--policy|--prefix|--psd|--record|--redirect|--replay|--rua|--ruf|--selector|--sender|--server|--since|--socket|--source|--sp|--stage|--state|--timeout|--top|--tracking|--ttl|--until|--user|--zone|-c|-f|-k|-n|-o|-p|-s|-u) skip=1 ;;
			-*) ;;
			*)
				case $command in
				'' | 'config' | 'keys' | 'record' | 'spf') command+=${command:+ }$word ;;
				esac ;;
			esac
		fi
	done
	case "$command $prev" in
	'check -s' | 'check --selector')
		:
		return ;;
	'check --ip')
		:
		return ;;
	'check --tracking')
		:
		return ;;
	'check --bulk')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'check --state')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'check --https')
		:
		return ;;
	'check --ca-file')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'check --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'check -c' | 'check --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'check --now')
		:
		return ;;
	'check --server')
		:
		return ;;
	'check --zone')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'check --replay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'check --record')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'check --overlay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'check --timeout')
		:
		return ;;
	'config check -c' | 'config check --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'config diff -c' | 'config diff --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'config import --opendkim')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'config import --opendmarc')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'config import -o' | 'config import --output')
		COMPREPLY=($(compgen -d -- "$cur"))
		return ;;
	'config show -c' | 'config show --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'drain -c' | 'drain --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'drain --socket')
		:
		return ;;
	'drain --timeout')
		:
		return ;;
	'keys check -c' | 'keys check --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'keys check -k' | 'keys check --key-dir')
		COMPREPLY=($(compgen -d -- "$cur"))
		return ;;
	'keys export -c' | 'keys export --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'keys export -k' | 'keys export --key-dir')
		COMPREPLY=($(compgen -d -- "$cur"))
		return ;;
	'keys import -c' | 'keys import --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'keys import -k' | 'keys import --key-dir')
		COMPREPLY=($(compgen -d -- "$cur"))
		return ;;
	'keys init -c' | 'keys init --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'keys init -k' | 'keys init --key-dir')
		COMPREPLY=($(compgen -d -- "$cur"))
		return ;;
	'keys list -c' | 'keys list --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'keys list -k' | 'keys list --key-dir')
		COMPREPLY=($(compgen -d -- "$cur"))
		return ;;
	'keys new -c' | 'keys new --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'keys new -k' | 'keys new --key-dir')
		COMPREPLY=($(compgen -d -- "$cur"))
		return ;;
	'keys publish -c' | 'keys publish --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'keys publish -k' | 'keys publish --key-dir')
		COMPREPLY=($(compgen -d -- "$cur"))
		return ;;
	'keys remove -c' | 'keys remove --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'keys remove -k' | 'keys remove --key-dir')
		COMPREPLY=($(compgen -d -- "$cur"))
		return ;;
	'keys repair -c' | 'keys repair --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'keys repair -k' | 'keys repair --key-dir')
		COMPREPLY=($(compgen -d -- "$cur"))
		return ;;
	'keys revoke -c' | 'keys revoke --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'keys revoke -k' | 'keys revoke --key-dir')
		COMPREPLY=($(compgen -d -- "$cur"))
		return ;;
	'keys rotate -c' | 'keys rotate --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'keys rotate -k' | 'keys rotate --key-dir')
		COMPREPLY=($(compgen -d -- "$cur"))
		return ;;
	'log --since')
		:
		return ;;
	'log --until')
		:
		return ;;
	'log --own')
		:
		return ;;
	'log -n' | 'log --top')
		:
		return ;;
	'log --html')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'log --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'log -c' | 'log --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'log --now')
		:
		return ;;
	'record bimi --logo')
		:
		return ;;
	'record bimi --evidence')
		:
		return ;;
	'record bimi -s' | 'record bimi --selector')
		:
		return ;;
	'record bimi --form')
		:
		return ;;
	'record bimi --ttl')
		:
		return ;;
	'record bimi --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'record bimi -c' | 'record bimi --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record bimi --now')
		:
		return ;;
	'record bimi --server')
		:
		return ;;
	'record bimi --zone')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record bimi --replay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record bimi --record')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record bimi --overlay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record bimi --timeout')
		:
		return ;;
	'record dkim -k' | 'record dkim --key')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record dkim --sender')
		:
		return ;;
	'record dkim --form')
		:
		return ;;
	'record dkim --ttl')
		:
		return ;;
	'record dkim --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'record dkim -c' | 'record dkim --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record dkim --now')
		:
		return ;;
	'record dkim --server')
		:
		return ;;
	'record dkim --zone')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record dkim --replay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record dkim --record')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record dkim --overlay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record dkim --timeout')
		:
		return ;;
	'record dmarc -p' | 'record dmarc --policy')
		:
		return ;;
	'record dmarc --sp')
		:
		return ;;
	'record dmarc --np')
		:
		return ;;
	'record dmarc --stage')
		:
		return ;;
	'record dmarc --rua')
		:
		return ;;
	'record dmarc --ruf')
		:
		return ;;
	'record dmarc --fo')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'record dmarc --adkim')
		:
		return ;;
	'record dmarc --aspf')
		:
		return ;;
	'record dmarc --psd')
		:
		return ;;
	'record dmarc --form')
		:
		return ;;
	'record dmarc --ttl')
		:
		return ;;
	'record dmarc --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'record dmarc -c' | 'record dmarc --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record dmarc --now')
		:
		return ;;
	'record dmarc --server')
		:
		return ;;
	'record dmarc --zone')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record dmarc --replay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record dmarc --record')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record dmarc --overlay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record dmarc --timeout')
		:
		return ;;
	'record mta-sts --mx')
		:
		return ;;
	'record mta-sts --mode')
		:
		return ;;
	'record mta-sts --max-age')
		:
		return ;;
	'record mta-sts --id')
		:
		return ;;
	'record mta-sts --form')
		:
		return ;;
	'record mta-sts --ttl')
		:
		return ;;
	'record mta-sts --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'record mta-sts -c' | 'record mta-sts --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record mta-sts --now')
		:
		return ;;
	'record mta-sts --server')
		:
		return ;;
	'record mta-sts --zone')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record mta-sts --replay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record mta-sts --record')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record mta-sts --overlay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record mta-sts --timeout')
		:
		return ;;
	'record senders --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'record senders -c' | 'record senders --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record senders --now')
		:
		return ;;
	'record senders --server')
		:
		return ;;
	'record senders --zone')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record senders --replay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record senders --record')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record senders --overlay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record senders --timeout')
		:
		return ;;
	'record spf --sender')
		:
		return ;;
	'record spf --include')
		:
		return ;;
	'record spf --ip')
		:
		return ;;
	'record spf --host')
		:
		return ;;
	'record spf --redirect')
		:
		return ;;
	'record spf --all')
		:
		return ;;
	'record spf --form')
		:
		return ;;
	'record spf --ttl')
		:
		return ;;
	'record spf --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'record spf -c' | 'record spf --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record spf --now')
		:
		return ;;
	'record spf --server')
		:
		return ;;
	'record spf --zone')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record spf --replay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record spf --record')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record spf --overlay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record spf --timeout')
		:
		return ;;
	'record tls-rpt --rua')
		:
		return ;;
	'record tls-rpt --form')
		:
		return ;;
	'record tls-rpt --ttl')
		:
		return ;;
	'record tls-rpt --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'record tls-rpt -c' | 'record tls-rpt --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record tls-rpt --now')
		:
		return ;;
	'record tls-rpt --server')
		:
		return ;;
	'record tls-rpt --zone')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record tls-rpt --replay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record tls-rpt --record')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record tls-rpt --overlay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'record tls-rpt --timeout')
		:
		return ;;
	'reload -c' | 'reload --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'reload --socket')
		:
		return ;;
	'reload --timeout')
		:
		return ;;
	'sign -u' | 'sign --user')
		:
		return ;;
	'sign --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'sign -c' | 'sign --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'sign --now')
		:
		return ;;
	'sign --server')
		:
		return ;;
	'sign --zone')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'sign --replay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'sign --record')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'sign --overlay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'sign --timeout')
		:
		return ;;
	'spf explain -f' | 'spf explain --from')
		:
		return ;;
	'spf explain --helo')
		:
		return ;;
	'spf explain --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'spf explain -c' | 'spf explain --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf explain --now')
		:
		return ;;
	'spf explain --server')
		:
		return ;;
	'spf explain --zone')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf explain --replay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf explain --record')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf explain --overlay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf explain --timeout')
		:
		return ;;
	'spf flatten --prefix')
		:
		return ;;
	'spf flatten --octets')
		:
		return ;;
	'spf flatten --source')
		:
		return ;;
	'spf flatten --state')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf flatten --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'spf flatten -c' | 'spf flatten --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf flatten --now')
		:
		return ;;
	'spf flatten --server')
		:
		return ;;
	'spf flatten --zone')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf flatten --replay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf flatten --record')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf flatten --overlay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf flatten --timeout')
		:
		return ;;
	'spf tree --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'spf tree -c' | 'spf tree --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf tree --now')
		:
		return ;;
	'spf tree --server')
		:
		return ;;
	'spf tree --zone')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf tree --replay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf tree --record')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf tree --overlay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'spf tree --timeout')
		:
		return ;;
	'status -c' | 'status --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'status --socket')
		:
		return ;;
	'status --timeout')
		:
		return ;;
	'verify --ip')
		:
		return ;;
	'verify --helo')
		:
		return ;;
	'verify -f' | 'verify --from')
		:
		return ;;
	'verify --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'verify -c' | 'verify --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'verify --now')
		:
		return ;;
	'verify --server')
		:
		return ;;
	'verify --zone')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'verify --replay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'verify --record')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'verify --overlay')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'verify --timeout')
		:
		return ;;
	'why --since')
		:
		return ;;
	'why --until')
		:
		return ;;
	'why --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'why -c' | 'why --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'why --now')
		:
		return ;;
	esac
	case $command in
	'check')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -s --selector --ip --tracking --bulk --watch --state --no-fetch --https --ca-file --json --color -c --config --now --server --zone --replay --record --overlay --timeout' -- "$cur"))
		else
			:
		fi ;;
	'config check')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --json -c --config' -- "$cur"))
		else
			:
		fi ;;
	'config diff')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --json -c --config' -- "$cur"))
		else
			:
		fi ;;
	'config import')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --opendkim --opendmarc -o --output -n --dry-run --json' -- "$cur"))
		else
			:
		fi ;;
	'config show')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --json -c --config' -- "$cur"))
		else
			:
		fi ;;
	'drain')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --json -c --config --socket --timeout' -- "$cur"))
		else
			:
		fi ;;
	'help')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help' -- "$cur"))
		else
			COMPREPLY=($(compgen -W 'check config drain help keys log record reload sign spf status verify version why' -- "$cur"))
		fi ;;
	'keys check')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -c --config -k --key-dir -n --dry-run --json --yes' -- "$cur"))
		else
			:
		fi ;;
	'keys export')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -c --config -k --key-dir -n --dry-run --json --yes' -- "$cur"))
		else
			:
		fi ;;
	'keys import')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -c --config -k --key-dir -n --dry-run --json --yes' -- "$cur"))
		else
			COMPREPLY=($(compgen -f -- "$cur"))
		fi ;;
	'keys init')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -c --config -k --key-dir -n --dry-run --json --yes' -- "$cur"))
		else
			:
		fi ;;
	'keys list')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -c --config -k --key-dir -n --dry-run --json --yes' -- "$cur"))
		else
			:
		fi ;;
	'keys new')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -c --config -k --key-dir -n --dry-run --json --yes' -- "$cur"))
		else
			:
		fi ;;
	'keys publish')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -c --config -k --key-dir -n --dry-run --json --yes' -- "$cur"))
		else
			:
		fi ;;
	'keys remove')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -c --config -k --key-dir -n --dry-run --json --yes' -- "$cur"))
		else
			:
		fi ;;
	'keys repair')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -c --config -k --key-dir -n --dry-run --json --yes' -- "$cur"))
		else
			:
		fi ;;
	'keys revoke')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -c --config -k --key-dir -n --dry-run --json --yes' -- "$cur"))
		else
			:
		fi ;;
	'keys rotate')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --emergency -c --config -k --key-dir -n --dry-run --json --yes' -- "$cur"))
		else
			:
		fi ;;
	'log')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -j --journal --journald --since --until --own -n --top --html --json --color -c --config --now' -- "$cur"))
		else
			COMPREPLY=($(compgen -f -- "$cur"))
		fi ;;
	'record bimi')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --logo --evidence -s --selector --decline --form --ttl --offline --json --color -c --config --now --server --zone --replay --record --overlay --timeout' -- "$cur"))
		else
			:
		fi ;;
	'record dkim')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -k --key --sender --revoke -t --testing --strict --form --ttl --offline --json --color -c --config --now --server --zone --replay --record --overlay --timeout' -- "$cur"))
		else
			:
		fi ;;
	'record dmarc')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -p --policy --sp --np --stage --rua --ruf --fo --adkim --aspf --psd -t --testing --form --ttl --offline --json --color -c --config --now --server --zone --replay --record --overlay --timeout' -- "$cur"))
		else
			:
		fi ;;
	'record mta-sts')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --mx --mode --max-age --id --form --ttl --offline --json --color -c --config --now --server --zone --replay --record --overlay --timeout' -- "$cur"))
		else
			:
		fi ;;
	'record senders')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --json --color -c --config --now --server --zone --replay --record --overlay --timeout' -- "$cur"))
		else
			:
		fi ;;
	'record spf')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --sender --include --ip --host --mx --a --redirect --all --none --form --ttl --offline --json --color -c --config --now --server --zone --replay --record --overlay --timeout' -- "$cur"))
		else
			:
		fi ;;
	'record tls-rpt')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --rua --form --ttl --offline --json --color -c --config --now --server --zone --replay --record --overlay --timeout' -- "$cur"))
		else
			:
		fi ;;
	'reload')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --json -c --config --socket --timeout' -- "$cur"))
		else
			:
		fi ;;
	'sign')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -F --field -u --user --sendmail --json --color -c --config --now --server --zone --replay --record --overlay --timeout' -- "$cur"))
		else
			COMPREPLY=($(compgen -f -- "$cur"))
		fi ;;
	'spf explain')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -f --from --helo --json --color -c --config --now --server --zone --replay --record --overlay --timeout' -- "$cur"))
		else
			:
		fi ;;
	'spf flatten')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --prefix --octets --source --watch --state --json --color -c --config --now --server --zone --replay --record --overlay --timeout' -- "$cur"))
		else
			:
		fi ;;
	'spf tree')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --json --color -c --config --now --server --zone --replay --record --overlay --timeout' -- "$cur"))
		else
			:
		fi ;;
	'status')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --json -c --config --socket --timeout' -- "$cur"))
		else
			:
		fi ;;
	'verify')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -e --explain --ip --helo -f --from --json --color -c --config --now --server --zone --replay --record --overlay --timeout' -- "$cur"))
		else
			COMPREPLY=($(compgen -f -- "$cur"))
		fi ;;
	'version')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help' -- "$cur"))
		else
			:
		fi ;;
	'why')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -j --journal --journald --since --until --json --color -c --config --now' -- "$cur"))
		else
			COMPREPLY=($(compgen -f -- "$cur"))
		fi ;;
	'')
		COMPREPLY=($(compgen -W 'check config drain keys log record reload sign spf status verify why help version --help' -- "$cur")) ;;
	'config')
		COMPREPLY=($(compgen -W 'check show diff import --help' -- "$cur")) ;;
	'keys')
		COMPREPLY=($(compgen -W 'init list check publish rotate revoke remove import export repair new --help' -- "$cur")) ;;
	'record')
		COMPREPLY=($(compgen -W 'bimi dkim dmarc mta-sts senders spf tls-rpt --help' -- "$cur")) ;;
	'spf')
		COMPREPLY=($(compgen -W 'explain flatten tree --help' -- "$cur")) ;;
	esac
}
complete -o filenames -F _assay assay
