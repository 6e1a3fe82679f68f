#!/usr/bin/perl
# The milter protocol, falsified: t/tools/mfuzz.c against a running assayd for
# two seconds (SCALE=10: a minute; FUZZ_SECONDS=3600 FUZZ_SEED=7 for more). What
# must hold is told there; here, that nothing of it stays: no descriptor, no
# thread, no failure of ours, and an end that leaks nothing.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Dir qw(slurp wait_for);
use Assay::Fetched qw(need);
use Assay::World;

need('knotd');
my $seconds = $ENV{FUZZ_SECONDS} // (($ENV{SCALE} // 1) >= 10 ? 60 : 2);
my $seed = $ENV{FUZZ_SEED} // int rand 1e9;
my $world = Assay::World->new(
    zones => { 'legit.example' => qq(\@ TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p=reject"\n) });
for my $socket (qw(unix inet)) {
    my $assayd = $world->assayd(internal_networks => ['10.0.0.0/8'], outbound_daemons => ['ORIGINATING'],
        enforce => 'reject', deadline => 3, SOCKET => $socket, NAME => "fuzz-$socket");
    # Connections have the upper half of the descriptors for themselves.
    my $open = sub { scalar grep { m{/(\d+)$} && $1 >= 200 && readlink =~ /^socket/ } glob "/proc/$assayd->{pid}/fd/*" };
    my $target = $assayd->{unix} // '127.0.0.1:' . $assayd->port;
    my $out = `$ENV{top_builddir}/t/tools/mfuzz -s $target -t $seconds -n 1000000000 -c 8 -r $seed 2>&1`;
    is $? >> 8, 0, "$socket: seed $seed" or diag $out;
    my ($sessions, $refused) = $out =~ /sessions=(\d+) .*refused=(\d+)/;
    cmp_ok $sessions, '>', 20 * $seconds, "$socket: many sessions";
    cmp_ok $refused, '>', 7, "$socket: forgeries between them are refused";
    my @errors = grep { !/why="(?:no client was announced|the MTA refuses to (?:change|hold) [^"]*)"/ }
        $assayd->log_lines(qr/internal_error .*why=/);
    is scalar @errors, 0, "$socket: no failure of ours" or diag join "\n", @errors[0 .. ($#errors < 5 ? $#errors : 5)];
    ok wait_for(sub { !$open->() }, 20), "$socket: no connection is left" or diag $open->();
    is $assayd->stop_daemon(60), 0, "$socket: ends well" or diag substr $assayd->log, -3000;
    note $out;
}
done_testing;
