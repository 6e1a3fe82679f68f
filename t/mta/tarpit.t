#!/usr/bin/perl
# A sender whose domains have name servers that never answer: it is answered at
# the deadline, and other mail goes its way meanwhile, however many such names
# there are. Names that are slow, but answered in time, are judged.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use IO::Select;
use Time::HiRes qw(sleep time);
use Assay::BadDNS;
use Assay::Fetched qw(need);
use Assay::Milter;
use Assay::World;

need('knotd');
my $SIGNATURES = 10;
my $SENDERS = 30;
my $GONE = 80;    # senders that hang up: more names than can be asked at a time
my $soon = ($ENV{cflags} // '') =~ /-fsanitize/ ? 3 : 1.5;
my $deadline = int(3 * $soon) + 1;
my $world = Assay::World->new(sign => [], zones => { 'good.example' =>
    qq(\@ TXT "v=spf1 -all"\n* TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p=reject"\n), '113.0.203.in-addr.arpa' => '' });
my $dns = Assay::BadDNS->new($world->dir, $world->dns->port);
$dns->mode('tarpit');
my $assayd = $world->assayd(internal_networks => [], nameservers => ['127.0.0.1@' . $dns->port],
    deadline => $deadline, enforce => 'reject', NAME => 'tarpit', wait => 0);
my $n = 0;
my $begun = 0;    # how long the slowest took to begin

# A message up to before its end.
sub prepare {
    my ($domain, @signers) = @_;
    my $began = time;
    my $m = Assay::Milter->new($assayd->milter_socket, timeout => 20);
    $m->negotiate;
    $m->connect('client.example', '203.0.113.9', 4242);
    $m->helo('client.example');
    $m->mail("<a\@$domain>");
    $m->header('From', " a\@$domain");
    $m->header('DKIM-Signature', " v=1; a=rsa-sha256; d=$_; s=s; h=from; bh=" . 'A' x 43 . '=; b=' . 'A' x 344) for @signers;
    $m->eoh;
    $begun = time - $began if time - $began > $begun;
    return { m => $m, began => time };
}

sub begin {
    my $j = prepare(@_);
    $j->{m}->packet('E');
    return $j;
}

sub end {
    my ($j) = @_;
    my @replies = $j->{m}->replies;
    return ($replies[-1]{payload} // $replies[-1]{code} // '', time - $j->{began});
}

my @hostile;
my ($said, $took);
for my $round (1 .. 3) {
    for (1 .. $SENDERS / 3) {
        my @signers = map { 'd' . ++$n . '.tar.example' } 1 .. $SIGNATURES;
        push @hostile, begin('a' . ++$n . '.tar.example', @signers);
    }
    ($said, $took) = end(begin("n$round.good.example"));
    like $said, qr/^550 5\.7\.1 /, "beside " . $round * $SENDERS / 3 . ' such senders a forgery is refused';
    cmp_ok $took, '<', $soon, 'soon';
}
cmp_ok time - $hostile[0]{began}, '<', $deadline, 'all were there at once';
cmp_ok $begun, '<', $soon, 'none waited for a thread that waited for DNS';
my $slowest = 0;
my $waited = 0;
for my $j (@hostile) {
    ($said, $took) = end($j);
    $slowest = $took if $took > $slowest;
    $waited++ if $took > 1;
}
cmp_ok $slowest, '<', $deadline + 2 * $soon, 'they are answered at the deadline';
is $waited, $SENDERS, 'and not before';
is scalar $assayd->log_lines(qr/dkim=temperror/), $SENDERS, 'what was not known is a temporary error';

# --- many in one moment, for libmilter's two threads -------------------------------
my @at_once = ((map { my $i = $_; prepare("b$i.tar.example", map { "e$i-$_.tar.example" } 1 .. 3) } 1 .. 6), prepare('n8.good.example'));
sleep 0.2;
kill STOP => $assayd->{pid};
$_->{m}->packet('E') for @at_once;
$_->{began} = time for @at_once;
kill CONT => $assayd->{pid};
($said, $took) = end(pop @at_once);
like $said, qr/^550 5\.7\.1 /, 'beside six that come at the same moment a forgery is refused';
cmp_ok $took, '<', $soon, 'soon';
end($_) for @at_once;

# --- of many domains, by who does not wait for the answer -------------------------
($said, $took) = end(begin('n4.good.example'));
for (1 .. $GONE) {
    my $gone = begin(map { 'd' . ++$n . ".tar.bad$n.example" } 0 .. $SIGNATURES);
    close $gone->{m}{socket};
}
for my $i (5 .. 7) {
    ($said, $took) = end(begin("n$i.good.example"));
    like $said, qr/^550 5\.7\.1 /, 'after many such senders a forgery is refused';
    cmp_ok $took, '<', $soon, 'soon';
}
($said, $took) = end(begin('slow.good.example'));
like $said, qr/^550 5\.7\.1 /, 'and so is one of a domain that answers late, in time';
cmp_ok $took, '>', 2, 'then';
is scalar $assayd->log_lines(qr/dns_down/), 0, 'DNS is not taken to be away' or diag $assayd->log;
is $assayd->stop_daemon, 0, 'it ends well' or diag $assayd->log;
done_testing;
