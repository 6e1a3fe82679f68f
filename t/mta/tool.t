#!/usr/bin/perl
# assay check, spf, verify and record against a live name server: the same
# answers as from a file, and what there is of a server that is silent.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use JSON::PP;
use Assay::Dir;
use Assay::Fetched qw(need);
use Assay::Golden qw(assay data slurp spew);
use Assay::Knot;

need(qw(knotd));
my $dir = Assay::Dir->new;

# A table's lines as a zone file has them.
sub lines_of {
    my ($file, $below) = @_;
    my $text = '';
    for (split /\n/, slurp(data($file))) {
        my ($owner, $type, $rdata) = /^(\S+)\s+(TXT|A|AAAA|MX|CNAME|PTR|SPF)\s+(.*)$/ or next;
        next unless $owner =~ /\Q$below\E$/;
        $rdata =~ s/\.?$/./ if $type =~ /^(?:MX|CNAME|PTR)$/;
        $text .= "$owner. $type $rdata\n";
    }
    return $text;
}

my $knot = Assay::Knot->new($dir, zones => {
    'example'              => join('', map { lines_of($_, '.example') } qw(good.zone senders.zone)),
    'com'                  => lines_of('example.zone', '.com'),
    '2.0.192.in-addr.arpa' => join('', map { lines_of($_, '2.0.192.in-addr.arpa') } qw(good.zone example.zone)),
});
my @server = ('--server', '127.0.0.1@' . $knot->port);

sub both {
    my ($what, $zone, @args) = @_;
    my @got;
    for my $from ([@server], ['--zone', $zone]) {
        my ($status, $out, $err) = assay(@args, '--json', @$from);
        my $r = eval { decode_json($out) } or diag "@args @$from: $out$err";
        # What a table knows nothing of.
        delete @$r{qw(dnssec summary ttl queries)};
        push @got, [$status, $r];
    }
    is_deeply $got[0], $got[1], "$what: a server and a table tell the same"
        or diag explain($got[0]);
    return @{ $got[0] };
}

my @of = qw(--selector s1 --ip 192.0.2.10 --tracking click.good.example --no-fetch good.example);
my ($status, $r) = both('check', 'good.zone', 'check', @of);
is $status, 0, '... nothing is wrong';
is $r->{dmarc}{record}, 'v=DMARC1; p=reject; rua=mailto:d@good.example', '... and it has looked';
both("spf tree", 'senders.zone', qw(spf tree shop.example));
both("spf flatten", 'senders.zone', qw(spf flatten shop.example));
both("spf explain $_", 'senders.zone', qw(spf explain shop.example), $_) for qw(203.0.113.9 192.0.2.200);
both('verify', 'example.zone', qw(verify --config assay.conf --now 1795255200 signed.eml));
both('record', 'senders.zone', qw(record spf --include spf.mailhost.example shop.example));

$knot->silence('_dmarc.good.example');
my $began = time;
($status, my $out) = assay('check', '--json', '--timeout', 2, @server, @of);
is $status, 1, 'a silent server: no clean bill';
like $out, qr/"dmarc_dns"/, '... and the reason';
cmp_ok time - $began, '<', 15, '... in the time given';

# What was kept of a live server answers again.
$knot->silence;
assay('check', '--record', "$dir->{path}/tape", @server, @of);
($status) = assay('check', '--replay', "$dir->{path}/tape", @of);
is $status, 0, 'a recorded check, replayed';
$knot->stop_server;
done_testing;
