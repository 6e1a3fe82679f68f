#!/usr/bin/perl
# Completion as bash, zsh and fish themselves do it: contrib/fetch has the
# shells, none is installed.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Temp 'tempdir';
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Fetched qw(prefix library_path);

my $here = abs_path(($ENV{top_srcdir} // '.') . '/contrib/completion');
my $fetched = abs_path(prefix()) // '/nonexistent';
my $fish = "$fetched/usr/bin/fish";
my ($zsh) = grep { -x } "$fetched/bin/zsh", "$fetched/usr/bin/zsh";
-x $fish && $zsh or plan skip_all => "fish and zsh are not in $fetched; run contrib/fetch";

my $dir = tempdir('completion-XXXXXX', TMPDIR => 1, CLEANUP => 1);
open my $fh, '>', "$dir/message.eml" or die "$dir: $!\n";
close $fh;
mkdir "$dir/mail";
chdir $dir or die "$dir: $!\n";
$ENV{HOME} = $dir;

sub slurp { my ($f) = @_; open my $h, '<', $f or return ''; local $/; return scalar <$h> }

sub spew { my ($f, $text) = @_; open my $h, '>', $f or die "$f: $!\n"; print $h $text; close $h or die "$f: $!\n"; return $f }

# What each shell offers for a line with the cursor at its end, sorted.
sub by_bash {
    my ($line) = @_;
    spew('ask.bash', <<"EOT");
source $here/assay.bash
# The words as readline cuts them.
COMP_WORDS=(@{[map { "'$_'" } map { /=/ ? split /(=)/ : $_ } split(/ /, $line, -1)]})
COMP_CWORD=\$((\${#COMP_WORDS[@]} - 1))
_assay
printf '%s\\n' "\${COMPREPLY[@]}"
EOT
    return `bash --norc ask.bash 2>&1`;
}

sub by_fish {
    my ($line) = @_;
    local $ENV{LD_LIBRARY_PATH} = library_path();
    spew('ask.fish', "source $here/assay.fish\ncomplete -C '$line'\n");
    return join '', map { /^([^\t\n]*)/ ? "$1\n" : () } `$fish --no-config ask.fish 2>&1`;
}

# zsh completes at a terminal only: one is made, and what compadd is given to
# choose from is written down. All lines go to one shell.
my %zsh;

sub ask_zsh {
    my (@lines) = @_;
    my ($modules) = glob "$fetched/usr/lib/*/zsh/*";
    chomp(my @functions = `find $fetched/usr/share/zsh/functions -type d`);
    my $paths = "module_path=($modules)\nfpath=(@functions $dir)";
    system 'cp', "$here/assay.zsh", "$dir/_assay";
    spew('zshrc', <<"EOT");
$paths
PROMPT=
zmodload zsh/zle zsh/complete zsh/computil zsh/parameter
autoload -U compinit && compinit -u -D
autoload -U _assay && compdef _assay assay
compadd() {
    local -a found
    builtin compadd -O found "\$@"
    print -l -- \$found >> $dir/found
    builtin compadd "\$@"
}
bindkey '^I' complete-word
setopt zle
print -r READY
EOT
    my $ask = <<"EOT";
$paths
zmodload zsh/zpty
zpty z "TERM=dumb $zsh -f -i +Z"
zpty -w z 'source $dir/zshrc'
zpty -r -m z said '*READY*'
EOT
    # Tab, then the line is taken away.
    $ask .= "zpty -w -n z '$lines[$_]'\$'\\t\\x15'\nzpty -w z 'print -r -- \"#\"$_ >> $dir/found; print -r END\"$_.\"'\n"
        . "zpty -r -m z said '*END$_.*'\n" for 0 .. $#lines;
    spew('ask.zsh', "$ask\nzpty -d z\n");
    local $ENV{LD_LIBRARY_PATH} = library_path();
    my $said = `timeout 60 $zsh -f ask.zsh 2>&1`;
    diag $said if $? || $said =~ /\S/;
    my $found = slurp("$dir/found");
    my $n = 0;
    $zsh{ $lines[$n++] } = $1 while $found =~ /\G(.*?)^#\d+\n/gms;
    return;
}

my @lines = (
    ['assay ver', qr/^verify$/m, qr/^check$/m],
    ['assay spf ', qr/^flatten$/m, qr/^verify$/m],
    ['assay keys r', qr/^rotate$/m, qr/^import$/m],
    ['assay spf flatten --pre', qr/^--prefix\b/m, qr/^--octets/m],
    ['assay verify --exp', qr/^--explain$/m, qr/^--prefix/m],
    ['assay verify --color ', qr/^never$/m, qr/^message\.eml$/m],
    ['assay verify --color=al', qr/^(?:--color=)?always$/m, qr/message\.eml/],
    ['assay verify --config mes', qr/^message\.eml$/m, qr/^check$/m],
    ['assay verify --ip 192.0.2.1 mes', qr/^message\.eml$/m, qr/^check$/m],
    ['assay --help', qr//, qr/^message/m],
    ['assay check ', qr//, qr/^message\.eml$/m],
    ['assay keys --json rot', qr//, qr/^message\.eml$/m],
    ['assay help ver', qr/^verify$/m, qr/^message/m],
);
my %by = (bash => \&by_bash, fish => \&by_fish, zsh => sub { $zsh{ $_[0] } // '' });
ask_zsh(map { $_->[0] } @lines);
for my $shell (sort keys %by) {
    for (@lines) {
        my ($line, $has, $not) = @$_;
        my $found = $by{$shell}->($line);
        like $found, $has, "$shell: $line";
        unlike $found, $not, '... and nothing that does not belong there';
    }
}
done_testing;
