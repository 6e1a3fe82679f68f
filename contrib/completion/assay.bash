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
			--color|--config|--from|--helo|--ip|--key-dir|--now|--octets|--prefix|--record|--replay|--selector|--server|--tracking|--user|--zone|-c|-f|-k|-s|-u) skip=1 ;;
			-*) ;;
			*)
				case $command in
				'' | 'config' | 'keys' | 'spf') command+=${command:+ }$word ;;
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
	'check --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'check -c' | 'check --config')
		COMPREPLY=($(compgen -f -- "$cur"))
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
	'check --now')
		:
		return ;;
	'config check -c' | 'config check --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'config diff -c' | 'config diff --config')
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	'config show -c' | 'config show --config')
		COMPREPLY=($(compgen -f -- "$cur"))
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
	'sign -u' | 'sign --user')
		:
		return ;;
	'sign --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'sign -c' | 'sign --config')
		COMPREPLY=($(compgen -f -- "$cur"))
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
	'sign --now')
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
	'spf explain --now')
		:
		return ;;
	'spf flatten --prefix')
		:
		return ;;
	'spf flatten --octets')
		:
		return ;;
	'spf flatten --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'spf flatten -c' | 'spf flatten --config')
		COMPREPLY=($(compgen -f -- "$cur"))
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
	'spf flatten --now')
		:
		return ;;
	'spf tree --color')
		COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		return ;;
	'spf tree -c' | 'spf tree --config')
		COMPREPLY=($(compgen -f -- "$cur"))
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
	'spf tree --now')
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
	'verify --now')
		:
		return ;;
	esac
	case $command in
	'check')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -s --selector --ip --tracking --json --color -c --config --server --zone --replay --record --now' -- "$cur"))
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
	'config show')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --json -c --config' -- "$cur"))
		else
			:
		fi ;;
	'help')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help' -- "$cur"))
		else
			COMPREPLY=($(compgen -W 'check config help keys sign spf verify version' -- "$cur"))
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
	'sign')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -F --field -u --user --sendmail --json --color -c --config --server --zone --replay --record --now' -- "$cur"))
		else
			COMPREPLY=($(compgen -f -- "$cur"))
		fi ;;
	'spf explain')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -f --from --helo --json --color -c --config --server --zone --replay --record --now' -- "$cur"))
		else
			:
		fi ;;
	'spf flatten')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --prefix --octets --json --color -c --config --server --zone --replay --record --now' -- "$cur"))
		else
			:
		fi ;;
	'spf tree')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help --json --color -c --config --server --zone --replay --record --now' -- "$cur"))
		else
			:
		fi ;;
	'verify')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help -e --explain --ip --helo -f --from --json --color -c --config --server --zone --replay --record --now' -- "$cur"))
		else
			COMPREPLY=($(compgen -f -- "$cur"))
		fi ;;
	'version')
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W '-h --help' -- "$cur"))
		else
			:
		fi ;;
	'')
		COMPREPLY=($(compgen -W 'check config keys sign spf verify help version --help' -- "$cur")) ;;
	'config')
		COMPREPLY=($(compgen -W 'check show diff --help' -- "$cur")) ;;
	'keys')
		COMPREPLY=($(compgen -W 'init list check publish rotate revoke remove import export repair new --help' -- "$cur")) ;;
	'spf')
		COMPREPLY=($(compgen -W 'explain flatten tree --help' -- "$cur")) ;;
	esac
}
complete -o filenames -F _assay assay
