#!/usr/bin/perl
# What every subcommand has in common: help, options, exit status, colour.
use strict;
use warnings;
use Cwd ();
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Golden qw(assay data slurp spew scratch);

my $assay = Cwd::abs_path($ENV{top_builddir} // '.') . '/assay';

my ($status, $out, $err) = assay('--help');
is $status, 0, '--help';
my @commands = map { (split /\t/)[1] } grep { /^command\t/ } split /\n/, (assay('--usage-table'))[1];
cmp_ok @commands, '>', 15, 'there are commands';
for (@commands) {
    my @command = split / /;
    my ($got, $help) = assay('help', @command);
    is $got, 0, "assay help $_";
    like $help, qr/\Ausage: assay \Q$_\E \[OPTIONS\]/, '... has its usage';
    is +(assay(@command, $_))[1], $help, "... is assay @command $_" for qw(--help -h);
    is +(assay(@command, '--no-such'))[0], 2, '... an option that is none: status 2';
    is length((grep { length > 79 } split /\n/, $help)[0] // ''), 0, '... in 79 columns';
}
my @wrong = ([], ['nothing'], ["\e[31m"], [qw(verify --now soon)], [qw(verify --now)], [qw(sign a b)],
    [qw(verify --json=1)], [qw(spf frob)],
    [qw(config)], [qw(keys rotate)], [qw(keys repair x)], [qw(help frob)], ['keys', "--\e[31m"]);
for (@wrong) {
    ($status, $out, $err) = assay(@$_);
    is $status, 2, "wrong: status 2";
    is $out, '', '... nothing on standard output';
    unlike $err, qr/[^\n\x20-\x7e]/, '... nothing that steers a terminal';
    like $err, qr/usage: assay/, '... and the usage';
}
for ([qw(spf tree a..b)], [qw(spf explain example.com 1.2.3)], [qw(check a..b)], [qw(check --ip x example.com)],
    [qw(verify --ip x signed.eml)], [qw(record spf a..b)]) {
    ($status, $out, $err) = assay(@$_, qw(--zone example.zone));
    is $status, 2, "@$_: an argument that can't be is wrong usage";
    like $err, qr/ is no (?:domain name|IP address)$/, '... and is named';
}
my $dir = scratch();
spew("$dir/long", 'x.example TXT "' . 'a' x 300_000 . "\"\n");
like +(assay(qw(spf tree x.example --zone), "$dir/long"))[2], qr/: zone line 1: a string is too long$/, 'a string of a zone file that is too long';
my @trouble = ([qw(verify --config nowhere.conf)], [qw(verify --zone nowhere.zone)],
    [qw(verify --zone signed.eml signed.eml)], [qw(verify --zone example.zone nowhere)]);
for (@trouble) {
    ($status, $out, $err) = assay(@$_);
    is $status, 3, "@$_: no answer";
    like $err, qr/^assay verify: \S/, '... and it says why';
}
# A bad configuration: a line a fault, whatever is in it.
spew("$dir/bad\e[31m", "deadlime = 4s\nauthserv_id = \"\e[31m\x07\"\n");
for ([qw(keys list)], [qw(log mail.log)], [qw(check example.com)]) {
    my $name = $_->[0] eq 'keys' ? 'keys' : $_->[0];
    ($status, $out, $err) = assay(@$_, '-c', "$dir/bad\e[31m");
    is $status, 3, "@$_: a bad configuration is no answer";
    unlike $err, qr/[^\n\x20-\x7e]|\\x0a/, '... nothing in it steers a terminal';
    is scalar(() = $err =~ /^assay $name: \Q$dir\E\/bad\\x1b\[31m:[12]: /mg), 2, '... each fault has a line';
}
# What nobody could read was not told.
for ('help', 'version', 'help check', 'check -h', 'log mail.log') {
    my $words = $_;
    is system("cd '@{[data('.')]}' && '$assay' $words > /dev/full 2>&1") >> 8, 3, "$words, on a full disk: status 3";
    is system("cd '@{[data('.')]}' && '$assay' $words >&- 2>/dev/null") >> 8, 3, '... and where there is no output';
}

my @at = qw(verify --config assay.conf --now 1795255200 --zone example.zone signed.eml);
unlike +(assay(@at))[1], qr/\e/, 'no colour into a file';
like +(assay(@at, '--color=always'))[1], qr/result +\e\[32mpass\e\[0m\n/, '--color=always';
is +(assay('verify', '--json', '--color', 'always', @at[1 .. $#at]))[1] =~ /\e/, '', 'never in JSON';

# --- on a terminal ---------------------------------------------------------------------------

# util-linux's script(1) makes one; what is under way is shown after a second.
my $program = Cwd::abs_path(($ENV{top_builddir} // '.') . '/assay');
sub on_terminal {
    my ($command, %env) = @_;
    local @ENV{ keys %env } = values %env;
    local $ENV{NO_COLOR};
    delete $ENV{NO_COLOR};
    $ENV{$_} = $env{$_} for keys %env;
    my $dir = data();
    return scalar `cd '$dir' && script -qec "$command" /dev/null </dev/null 2>&1`;
}
my $verify = "$program verify --config assay.conf --now 1795255200 --zone example.zone";
like on_terminal("$verify signed.eml"), qr/\e\[32mpass\e\[0m/, 'colour on a terminal';
unlike on_terminal("$verify signed.eml", NO_COLOR => 1), qr/\e/, '... but with NO_COLOR';
unlike on_terminal("$verify --json signed.eml"), qr/\e/, '... and in JSON';
unlike on_terminal("$verify --color never signed.eml"), qr/\e/, 'what is quick shows no progress';
my $slow = on_terminal("(sleep 1.6; cat signed.eml) | $verify --color never -");
like $slow, qr/\r\e\[K\.\.\. verify/, 'what is slow shows what it does';
like $slow, qr/\r\e\[K(?!\.\.\.)[^\e]*result +pass/s, '... and takes it away before its answer';
my $bulk = on_terminal("(sleep 1.6; echo good.example) | $program check --color never --zone good.zone --bulk -");
like $bulk, qr/\r\e\[K\.\.\. check.*\r\e\[Kdomain /s, 'check --bulk as well';
done_testing;
