#!/usr/bin/perl
# assay config: what it shows is a configuration that says the same.
use strict;
use warnings;
use Test::More;
use JSON::PP;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Golden qw(assay slurp spew scratch);

my $dir = scratch();
my $top = $ENV{top_srcdir} // '.';
spew("$dir/empty", '');
my ($status, $shown) = assay(qw(config show -c), "$dir/empty");
is $status, 0, 'show, of the defaults';
my @names = slurp("$top/conf/assay.conf") =~ /^#(\w+) = /mg;
is join(' ', $shown =~ /^(\w+) = /mg), join(' ', @names), 'every option is there';
is +(assay(qw(config diff -c), "$dir/empty"))[1], '', 'diff, of the defaults: nothing';
spew("$dir/shown", $shown);
is +(assay(qw(config diff -c), "$dir/shown"))[1], '', 'what is shown reads back to the same';

my $own = <<'CONF';
deadline = 90m
authserv_id = mx.example.net
internal_networks = { 127.0.0.0/8, 2001:db8::/32 }
quarantine_header = X-Other
domain "example.com" {
    signature_expiry = 7d
}
CONF
$own =~ s/90m/4s/;
spew("$dir/own", $own);
($status, my $diff, my $err) = assay(qw(config diff -c), "$dir/own");
is $status, 0, 'diff' or diag $err;
is join('', sort split /^/, $diff), join('', sort split /^/, $own), '... is what was set';
spew("$dir/diff", $diff);
is +(assay(qw(config show -c), "$dir/diff"))[1], +(assay(qw(config show -c), "$dir/own"))[1],
    '... and reads back to the same';
my $json = decode_json((assay(qw(config diff --json -c), "$dir/own"))[1]);
is $json->{domains}{'example.com'}{signature_expiry}, '7d', '--json has the sections';

spew("$dir/bad", "deadlime = 4s\nauthserv_id = \"\e[31m\"\n");
for my $verb (qw(check show diff)) {
    my ($s, $out, $e) = assay('config', $verb, '-c', "$dir/bad");
    is $s, 1, "$verb: a bad one";
    like $out, qr/:1: deadlime: .*\n.*:2: /, '... all faults';
    unlike $out . $e, qr/[^\n\x20-\x7e]/, '... and no octet of it steers a terminal';
}
for my $verb (qw(check show diff)) {
    for ([$dir => 'Is a directory'], ["$dir/nowhere" => 'No such file or directory']) {
        my ($s, $out, $e) = assay('config', $verb, '-c', $_->[0]);
        is $s, 3, "$verb: $_->[1]: no answer";
        is $e, "assay config $verb: $_->[0]: $_->[1]\n", '... and why';
    }
}
spew("$dir/esc", "pid_file = \"/run/\e[31m\"\n");
for my $verb (qw(check show diff)) {
    my (undef, $o, $e) = assay('config', $verb, '-c', "$dir/esc");
    unlike $o . $e, qr/[^\n\x20-\x7e]/, "$verb: nor of a value";
}
($status, my $out) = assay(qw(config check -c), "$dir/own");
is $status, 0, 'a good one';
like $out, qr/configuration is good$/, '... and it says so';
is +(assay(qw(config check -c /dev/stdin), \"deadline = 4s\n"))[0], 0, 'one that is piped in';
is +(assay(qw(config frob)))[0], 2, 'no such thing: wrong usage';
done_testing;
