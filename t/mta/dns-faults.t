#!/usr/bin/perl
# DNS that goes wrong in each way it can, and comes back: no message waits
# longer than its deadline, none passes nor is refused for want of an answer,
# none is told of the outage but once, and within seconds of its end forgeries
# are refused again. All ways at once, each with an assayd of its own.
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
my @modes = qw(silent servfail garbage truncated late port gone);
my $deadline = 2;
my $slack = ($ENV{cflags} // '') =~ /-fsanitize/ ? 6 : 3;    # of a machine that is busy with eight others
my @zones = map { "victim$_.example" } 1 .. 4;
my $world = Assay::World->new(sign => [], zones => {
    map({ $_ => qq(\@ TXT "v=spf1 -all"\n* TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p=reject; sp=reject"\n) } @zones),
    '113.0.203.in-addr.arpa' => '' });
my (%dns, %assayd, $n);
for my $mode (@modes) {
    $dns{$mode} = Assay::BadDNS->new($world->dir, $world->dns->port);
    $assayd{$mode} = $world->assayd(internal_networks => [], nameservers => ['127.0.0.1@' . $dns{$mode}->port],
        deadline => $deadline, enforce => 'reject', NAME => "bad-$mode", wait => 0);
}

# A forgery on its way up to its end, in a domain nobody has asked for yet.
sub begin {
    my ($mode) = @_;
    my $m = Assay::Milter->new($assayd{$mode}->milter_socket);
    my $domain = 'n' . ++$n . '.' . $zones[$n % @zones];
    $m->negotiate;
    $m->connect('client.example', '203.0.113.9', 4242);
    $m->helo('client.example');
    $m->mail("<a\@$domain>");
    $m->header('From', " a\@$domain");
    $m->eoh;
    $m->packet('E');
    return { mode => $mode, m => $m, began => time };
}

# The answers to all of them, with the time each took.
sub answers {
    my (@jobs) = @_;
    my %job = map { $_->{m}{socket} => $_ } @jobs;
    my $select = IO::Select->new(map { $_->{m}{socket} } @jobs);
    my $end = time + 60;
    while ($select->count && time < $end) {
        for my $s ($select->can_read(1)) {
            my $j = $job{$s};
            $j->{replies} = [$j->{m}->replies];    # they come all at once
            $j->{took} = time - $j->{began};
            $select->remove($s);
        }
    }
    return @jobs;
}

sub summary {
    my ($j) = @_;
    my ($last) = @{ $j->{replies} // [] } ? $j->{replies}[-1] : { code => 'none', payload => '' };
    my ($field) = map { $_->{value} =~ s/\s+/ /gr } grep { ($_->{name} // '') eq 'Authentication-Results' } @{ $j->{replies} // [] };
    return $last->{code} eq 'y' ? $last->{payload} =~ s/ .*//sr : "$last->{code} " . ($field // 'no field');
}

# --- as it should be -----------------------------------------------------------
is summary($_), '550', "$_->{mode}: before, a forgery is refused" for answers(map { begin($_) } @modes);

# --- while it is away ------------------------------------------------------------
$dns{$_}->mode($_) for @modes;
sleep 0.1;
my (%took, %wrong);
# What libunbound still knew at the beginning (5 s) is an answer, too.
for my $round (1 .. 9) {
    last if $round > 5 && !grep { !$assayd{$_}->log_lines(qr/dns_down/) } @modes;
    for my $j (answers(map { begin($_), begin($_) } @modes)) {
        my $said = summary($j);
        $wrong{ $j->{mode} }{$said}++ if $said !~ /^a +mx\.test\.example;.* spf=temperror .*dmarc=temperror/;
        $took{ $j->{mode} }[$round] = $j->{took} // 99 if ($took{ $j->{mode} }[$round] // 0) < ($j->{took} // 99);
    }
}
for my $mode (@modes) {
    ok !$wrong{$mode}, "$mode: nothing passes, nothing is refused" or diag explain $wrong{$mode};
    my ($longest) = sort { $b <=> $a } map { $_ // 0 } @{ $took{$mode} };
    cmp_ok $longest, '<', $deadline + $slack, "$mode: in time";
    is scalar $assayd{$mode}->log_lines(qr/dns_down/), 1, "$mode: told once" or diag $assayd{$mode}->log;
    cmp_ok $took{$mode}[-1], '<', 1 + $slack, "$mode: and then waited for a second";
}

# --- and back ------------------------------------------------------------------------
$dns{$_}->mode('pass') for @modes;
my $back = time;
my %left = map { $_ => 1 } @modes;
while (%left && time - $back < 20) {
    for my $j (answers(map { begin($_) } sort keys %left)) {
        next if summary($j) ne '550';
        cmp_ok time - $back, '<', 5 + $slack, "$j->{mode}: forgeries are refused again, soon";
        delete $left{ $j->{mode} };
    }
}
ok !%left, 'all of them' or diag join ' ', %left;
for my $mode (@modes) {
    ok $assayd{$mode}->wait_log(qr/dns_up down_ms=\d+/, 5), "$mode: the end is told";
    is scalar $assayd{$mode}->log_lines(qr/dns_(?:down|up)/), 2, "$mode: once" or diag join "\n", $assayd{$mode}->log_lines(qr/dns_/);
    is $assayd{$mode}->stop_daemon, 0, "$mode: ends well" or diag $assayd{$mode}->log;
}
done_testing;
