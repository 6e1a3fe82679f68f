#!/usr/bin/perl
# 200 connections of 50 messages each (SCALE=10; a tenth of the messages at
# SCALE=1), half of them bad: every message that is finished is answered.
# Under the sanitizers this is where leaks and races show.
use strict;
use warnings;
use Test::More;
use POSIX ();
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Dir qw(slurp);
use Assay::Fetched qw(need);
use Assay::Milter;
use Assay::World;

need('knotd');
my $scale = $ENV{SCALE} // 1;
my ($connections, $messages) = (200, $scale >= 10 ? 50 : 5);
my $zone = "\@ TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n"
    . "d1 TXT \"v=spf1 ip4:192.0.2.0/28 a mx include:d2.example.com -all\"\nd2 TXT \"v=spf1 -all\"\n"
    . "d1 MX 10 mx.d1\nmx.d1 A 192.0.2.3\ns._domainkey.d1 TXT \"v=DKIM1; p=\"\n";
my $world = Assay::World->new(zones => { 'example.com' => $zone });
for my $socket (qw(inet unix)) {
    my $assayd = $world->assayd(internal_networks => ['10.0.0.0/8'], SOCKET => $socket, NAME => "load-$socket",
        log_level => 'warning', wait => 0);
    my $target = $assayd->{unix} // '127.0.0.1:' . $assayd->port;
    my $out = `$ENV{top_builddir}/t/tools/mload -s $target -c $connections -m $messages -b 50 2>&1`;
    is $? >> 8, 0, "$socket: no message went unanswered" or diag $out;
    my ($all, $answered, $ended, $failed) = $out =~ /messages=(\d+) answered=(\d+) accepted=\d+ ended=(\d+) failed=(\d+)/;
    is $answered + $ended, $all, "$socket: $answered answered, $ended ended on purpose";
    cmp_ok $ended, '>', $all / 10, "$socket: many were";
    unlike $assayd->log, qr/internal_error/, "$socket: no failure of ours";
    ok $assayd->alive, "$socket: it is alive";
    is $assayd->stop_daemon(60), 0, "$socket: and ends well, nothing leaked" or diag $assayd->log;
    note $out;
}

# Octets behind a QUIT are of no connection any more: nobody waits for them.
my $assayd = $world->assayd(NAME => 'load-behind', wait => 0);
my $cpu = sub {
    my @stat = split ' ', slurp("/proc/$assayd->{pid}/stat") =~ s/^.*\) //sr;
    return ($stat[11] + $stat[12]) / POSIX::sysconf(POSIX::_SC_CLK_TCK());
};
my @idle = map { Assay::Milter->new($assayd->milter_socket)->negotiate } 1 .. 20;
Assay::Milter->new($assayd->milter_socket)->negotiate->raw(pack('N/a*', 'Q') x 2);
sleep 1;
$idle[0]->connect('client.example', '192.0.2.7');    # looks at all of them anew
my $before = $cpu->();
sleep 2;
cmp_ok $cpu->() - $before, '<', 0.5, 'idle connections cost nothing, whatever came behind a QUIT';
is $idle[$_]->connect('client.example', '192.0.2.7'), 'c', "and number $_ is answered" for 1, 19;
is $assayd->stop_daemon(60), 0, 'and ends well';

# Both processes, before the first message.
SKIP: {
    skip 'sanitizers keep memory of their own', 2 if ($ENV{cflags} // '') =~ /-fsanitize/;
    my $fresh = $world->assayd(NAME => 'load-idle', wait => 0);
    sleep 1;
    my @pids = ($fresh->{pid}, split ' ', slurp("/proc/$fresh->{pid}/task/$fresh->{pid}/children"));
    my $kb = 0;
    $kb += (slurp("/proc/$_/status") =~ /^VmRSS:\s*(\d+)/m)[0] for @pids;
    cmp_ok $kb, '<', 8000, "an idle daemon of " . @pids . " processes has less than 8 MB resident";
    is $fresh->stop_daemon, 0, 'and ends well';
}
done_testing;
