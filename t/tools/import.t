#!/usr/bin/perl
# assay config import: what becomes of each option, what is written, and that
# nothing is written over.
use strict;
use warnings;
use Test::More;
use JSON::PP;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Golden qw(assay data slurp spew scratch);

my $dir = scratch();
my @import = qw(config import);

sub json {
    my ($status, $out, $err) = assay(@import, '--json', @_);
    my $got = eval { decode_json($out) } or diag "$status: $out$err";
    return ($status, $got // {});
}

# Every option of the manuals has a row: none is unknown, each has a fate and
# says why or what it became.
for my $name (qw(opendkim opendmarc)) {
    my @options = split /\n/, slurp(data("$name-options"));
    cmp_ok @options, '>', 40, "$name has options";
    spew("$dir/$name.all", join '', map { "$_ yes\n" } grep { $_ ne 'Include' } @options);
    my (undef, $got) = json('-n', "--$name", "$dir/$name.all");
    my %by = map { $_->{option} => $_ } grep { $_->{line} } @{ $got->{options} };
    for (@options) {
        next if $_ eq 'Include';
        my $entry = $by{$_};
        ok $entry && ($entry->{why} // '') ne 'it has no such option', "$name: $_ has a row" or next;
        like $entry->{fate}, qr/^(?:kept|translated|not needed|refused)$/, '... a fate';
        ok length(($entry->{why} // '') . ($entry->{became} // '')), '... and a reason';
    }
}

# A site with two domains, patterns, and hosts in a file.
system("openssl genrsa -out $dir/one.pem 2048 2>/dev/null && openssl genpkey -algorithm ed25519 -out $dir/two.pem") == 0
    or plan skip_all => 'openssl needed';
mkdir "$dir/default";
spew("$dir/default/opendkim", "# x\nSOCKET=local:\$RUNDIR/x\nDAEMON_OPTS=\"-b s\"\n");
spew("$dir/opendkim.conf", <<"EOT");
Mode            sv
BaseDirectory   $dir
KeyTable        file:kt
SigningTable    refile:st
InternalHosts   file:hosts
Socket          inet:8891\@localhost
Canonicalization relaxed/simple
SendReports     yes
EOT
spew("$dir/kt", "one example.com:s1:./one.pem # the first\ntwo example.net:s2:$dir/two.pem\nlost example.org:s:/nowhere\n");
spew("$dir/st", "*\@example.com one\n*\@*.example.com one:\@example.com\n*\@example.net two\n*\@example.org lost\n");
spew("$dir/hosts", "127.0.0.1\n10.0.0.0/8\n!10.0.0.0/9\nmail.example.com\n");
my @of = ('--opendkim', "$dir/opendkim.conf");

my ($status, $out, $err) = assay(@import, @of, '-n', '-o', "$dir/dry");
is $status, 1, 'something is refused: exit status 1' or diag $err;
ok !-e "$dir/dry", 'a dry run writes nothing';
like $out, qr/^internal_networks = \{ 10\.128\.0\.0\/9, 127\.0\.0\.1 \}$/m, '... and shows what would be';

($status, my $got) = json(@of, '-o', "$dir/new");
is $status, 1, 'the same with a directory';
my %fate = map { ($_->{option} => $_->{fate}) } @{ $got->{options} };
is $fate{$_->[0]}, $_->[1], "$_->[0]: $_->[1]" for ['Canonicalization', 'kept'], ['KeyTable', 'translated'],
    ['KeyTable lost', 'refused'], ['SigningTable *@example.org', 'refused'], ['InternalHosts mail.example.com', 'refused'],
    ['InternalHosts', 'translated'], ['SendReports', 'refused'], ['SOCKET', 'not needed'], ['DAEMON_OPTS', 'refused'];
is $got->{written}, "$dir/new", 'it says where';
is $got->{counts}{refused}, scalar(grep { $_->{fate} eq 'refused' } @{ $got->{options} }), 'and counts';
is slurp("$dir/new/assay.conf"), $got->{configuration}, 'the configuration is there';
is scalar(my @keys = glob "$dir/new/keys/*.pem"), 2, 'two keys were copied';
is +(stat $_)[2] & 07777, 0600, '... and are private' for @keys;
is +(assay(qw(config check -c), "$dir/new/assay.conf"))[0], 0, 'assayd takes it';

my $plain = "From: a\@%s\nTo: b\@far.example\nSubject: x\nDate: Sat, 21 Nov 2026 10:00:00 +0000\nMessage-ID: <1\@x>\n\nhi\n";
for (['example.com', 'd=example.com; s=s1;'], ['a.example.com', 'd=example.com; s=s1;.* i=@example.com;'],
    ['example.net', 'd=example.net; s=s2;']) {
    spew("$dir/conf", slurp("$dir/new/assay.conf") . "require_published = no\n");
    my (undef, $signed) = assay('sign', '-F', '-c', "$dir/conf", \sprintf $plain, $_->[0]);
    like $signed =~ s/\s+/ /gr, qr/$_->[1]/, "mail of $_->[0] is signed";
}

my @before = map { "$_ " . slurp($_) } glob "$dir/new/*.* $dir/new/keys/*";
($status, $out, $err) = assay(@import, @of, '-o', "$dir/new");
is $status, 3, 'a directory that is there: no';
like $err, qr/nothing is overwritten/, '... and why';
is_deeply [map { "$_ " . slurp($_) } glob "$dir/new/*.* $dir/new/keys/*"], \@before, '... and it is as it was';

is +(assay(@import, '--opendkim', "$dir/none"))[0], 3, 'no such file';
spew("$dir/evil", "\e[31mX y\nAuthservID \e[31m\nDomain \e[31m\nSelector s\nKeyFile $dir/one.pem\nInternalHosts \e[31m\n");
for my $how (['-n'], ['-o', "$dir/evil.d"], ['-n', '--json']) {
    (undef, $out, $err) = assay(@import, '--opendkim', "$dir/evil", @$how);
    unlike $out . $err, qr/[^\n\x20-\x7e]/, "nothing steers a terminal: @$how[0]";
}
spew("$dir/small", "RejectFailures true\nAuthservID mx.example\n");
($status, $out) = assay(@import, '--opendmarc', "$dir/small", '-o', "$dir/small.d");
is $status, 0, 'OpenDMARC alone, nothing refused: exit status 0' or diag $out;
like slurp("$dir/small.d/assay.conf"), qr/^enforce = reject-always$/m, '... and refuses as it did';
ok !-e "$dir/small.d/keys", '... without keys';
done_testing;
