#!/usr/bin/perl
# The main job before your eyes; started by contrib/quickstart. A name server
# with two domains, a Postfix with assayd for each: alpha.example sends,
# beta.example receives. Everything runs on loopback in a temporary directory.
use strict;
use warnings;
use Assay::Daemon;
use Assay::Dir qw(wait_for);
use Assay::Knot;
use Assay::Message;
use Assay::Postfix;
use Assay::SMTP qw(crlf);

my @table;
$| = 1;

sub title { print "\n== @_\n" }
sub show  { print map { "   $_\n" } map { split /\r?\n/ } @_ }

sub row {
    my ($what, $ok, $detail) = @_;
    push @table, [$what, $ok, $detail];
    die "quickstart: this did not work: $what\n" unless $ok;
}

my $dir = Assay::Dir->new;
my $tool = "$ENV{top_builddir}/assay";

title 'a DNS server with alpha.example and beta.example';
my $dns = Assay::Knot->new($dir, zones => {
    # A resolver would find these names above ours by itself.
    example => '',
    'alpha.example' => "\@ TXT \"v=spf1 ip4:127.0.0.1 -all\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n",
    'beta.example'  => "\@ MX 10 mx\nmx A 127.0.0.1\n",
});
show 'alpha.example TXT "v=spf1 ip4:127.0.0.1 -all"', '_dmarc.alpha.example TXT "v=DMARC1; p=reject"';

title 'assay keys new alpha.example';
my $keys = $dir->dir('keys', 0755);
my $conf = $dir->write('keys.conf', "user = \"\"\nkey_dir = \"$keys\"\n");
my $out = `$tool keys new -c $conf alpha.example 2>&1`;
row 'keys made', !$?, $out =~ /made/ ? 'RSA-2048 and Ed25519' : $out;
show $out =~ s/^(.{100}).*$/$1 .../gmr;
while ($out =~ /^(\S+)\.alpha\.example\. IN TXT \( (.*) \)$/mg) {
    $dns->set('alpha.example', $1, 'TXT', $2);
}

title 'assayd and Postfix for each of the two';
my %daemon;
for my $site (qw(alpha beta)) {
    $daemon{$site} = Assay::Daemon->new($dir, name => "assayd-$site", options => {
        authserv_id => "mx.$site.example", user => '', log => 'stderr', key_dir => $keys,
        nameservers => ['127.0.0.1@' . $dns->port],
        # All is loopback here, so loopback is not ours.
        internal_networks => [], enforce => 'reject', always_reject => ['alpha.example'],
    });
}
$daemon{alpha}->wait_log(qr/key_active.*s=e.*key_active.*s=r/s, 20) or die 'the keys are not seen';
my $beta = Assay::Postfix->new($dir, name => 'postfix-beta', hostname => 'mx.beta.example',
    domains => ['beta.example'], milters => [$daemon{beta}->postfix_socket]);
my $alpha = Assay::Postfix->new($dir, name => 'postfix-alpha', hostname => 'mx.alpha.example',
    domains => ['alpha.example'], milters => [$daemon{alpha}->postfix_socket],
    users => { alice => 'secret' }, sink => $beta->port);
show grep { /start part|key_active/ } $daemon{alpha}->log_lines;

title 'Alice submits a message to mx.alpha.example (SMTP AUTH)';
my $client = Assay::SMTP->new($alpha->submission_port, auth => ['alice', 'secret']);
my $reply = $client->deliver(from => 'alice@alpha.example', to => 'bob@beta.example', data => crlf(<<'EOT'));
From: Alice <alice@alpha.example>
To: Bob <bob@beta.example>
Subject: Lunch?
Date: Sat, 21 Nov 2026 10:00:00 +0000
Message-ID: <1@alpha.example>

At noon, as always?
EOT
$client->quit;
show $reply;
row 'submitted over SMTP AUTH', $reply =~ /^250/, $reply;
my ($octets) = $beta->wait_mail(1, 20);
row 'delivered by the second Postfix', defined $octets, 'bob@beta.example';
my $message = Assay::Message->new($octets);

title 'what alpha.example added';
my @signatures = $message->fields('DKIM-Signature');
show map { "DKIM-Signature:$_" } @signatures;
row 'signed by alpha.example', @signatures == 2, join ', ', map { /a=([^;]+)/ } @signatures;

title 'what beta.example found';
my ($results) = $message->fields('Authentication-Results');
show "Authentication-Results:$results";
for my $method (qw(spf dkim dmarc)) {
    row "$method verified by beta.example", $results =~ /^\s*$method=pass/m, "$method=pass";
}
show 'and in its log:', grep { /verdict/ } $daemon{beta}->log_lines;

title 'Mallory sends beta.example a forgery of alpha.example from elsewhere';
my $mallory = Assay::SMTP->new($beta->port, helo => 'mallory.example', xclient => { ADDR => '203.0.113.66' });
$reply = $mallory->deliver(from => 'mallory@mallory.example', to => 'bob@beta.example', data => crlf(<<'EOT'));
From: Alice <alice@alpha.example>
To: Bob <bob@beta.example>
Subject: Invoice
Date: Sat, 21 Nov 2026 10:05:00 +0000
Message-ID: <2@mallory.example>

Please pay this one instead.
EOT
$mallory->quit;
show $reply;
row 'forgery refused', $reply =~ /^550 5\.7\.1 .*DMARC/, $reply;
my ($line) = grep { /action=reject/ } $daemon{beta}->log_lines;
show $line;
row 'and the log says why', defined $line, $line =~ /(dmarc=fail)/ ? "$1, rule " . ($line =~ /rule=(\w+)/)[0] : '';

title 'in short';
printf "   %-34s %-4s %s\n", $_->[0], $_->[1] ? 'ok' : 'NO', $_->[2] for @table;
print "\nEverything it started is stopped now. README tells how to set it up for real.\n";
