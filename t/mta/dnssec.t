#!/usr/bin/perl
# DNSSEC as libunbound does it for us: with a trust anchor, what its zone signs
# counts and what it did not sign is no answer, neither yes nor no. A real
# signing name server; nothing of it is ours.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Fetched qw(need program library_path);
use Assay::Milter;
use Assay::World;

need('knotd', 'keymgr');
my $world = Assay::World->new(zones => { 'signed.example' => <<'EOT' },
@      TXT "v=spf1 ip4:203.0.113.9 -all"
_dmarc TXT "v=DMARC1; p=reject"
EOT
    zone_lines => { 'signed.example' => ['dnssec-signing: on'] });
my $dns = $world->dns;

# Its DS record, as the zone above would have it.
my ($ds) = do {
    local $ENV{LD_LIBRARY_PATH} = library_path();
    my ($keymgr, $conf) = (program('keymgr'), "$dns->{path}/knot.conf");
    qx($keymgr -c $conf signed.example. ds) =~ /^(signed\.example\. DS \d+ 13 2 \w+)$/m;
};
ok $ds, 'the zone is signed' or BAIL_OUT('no DS record');
(my $other = $ds) =~ s/(\w+)$/reverse $1/e;

sub verdict {
    my ($assayd, $domain) = @_;
    my $m = Assay::Milter->new($assayd->milter_socket);
    $m->negotiate;
    $m->connect('client.example', '203.0.113.9', 4242);
    my @replies = $m->message(from => "<a\@$domain>", to => ['<b@test.example>'],
        data => "From: a\@$domain\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n\r\nhi\r\n",
        macros => { E => { i => 'Q' . int rand 1e9 } });
    my ($field) = map { $_->{value} } grep { $_->{code} eq 'i' } @replies;
    return join ' ', ($field // '') =~ /(?<![.\w])((?:spf|dmarc)=\w+)/g;
}

for my $row (['no anchor', '', 'spf=pass dmarc=pass'],
    ['its anchor', $ds, 'spf=pass dmarc=pass'],
    ['an anchor of another key', $other, 'spf=temperror dmarc=temperror']) {
    my ($what, $anchor, $signed) = @$row;
    my $file = $anchor && $world->dir->write('anchor', "$anchor\n");
    my $assayd = $world->assayd(NAME => 'with-' . length($what), internal_networks => [], enforce => 'none', wait => 0,
        trust_anchor_file => $file);
    is verdict($assayd, 'signed.example'), $signed, "$what: $signed";
    like verdict($assayd, 'soft.example'), qr/^spf=(?:soft)?fail /, "$what: a zone below no anchor is as ever";
    is $assayd->stop_daemon, 0, "$what: ends well";
}

# What the tool says of it.
my $tool = ($ENV{top_builddir} // '.') . '/assay';
my $file = $world->dir->write('anchor', "$ds\n");
my $conf = $world->dir->write('tool.conf', "trust_anchor_file = \"$file\"\nuser = \"\"\n");
like scalar(qx($tool check -c $conf --server 127.0.0.1\@@{[ $dns->port ]} --json signed.example 2>&1)),
    qr/"validated":\s*true/, 'assay check: validated';
done_testing;
