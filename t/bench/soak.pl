#!/usr/bin/perl
# Hours of mail through one assayd, good, bad and cut off, some of it to be
# signed, with a reload each minute; prints its memory and its descriptors.
#
#   make soak                              # an hour; root and contrib/fetch
#   make soak SOAK_FLAGS="--seconds 300 --rate 200"
#
# One line each --every seconds (60): what is resident, in kB, open descriptors
# and threads, messages so far. The last line compares the medians of the
# second and the last sixth: at the beginning caches fill. No test: what is
# flat enough, a person says; a message unanswered or an assayd that ends
# badly is an error.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Getopt::Long;
use Time::HiRes qw(sleep time);
use Assay::Dir qw(slurp);
use Assay::World;

my ($seconds, $every, $rate) = (3600, 60, 50);
GetOptions('seconds=i' => \$seconds, 'every=i' => \$every, 'rate=i' => \$rate) or exit 2;
$| = 1;

# A wildcard answers for any of the load's senders; the TTL is short, so that
# answers and keys are forgotten and learned again.
my $world = Assay::World->new(zones => { 'example.com' => <<'EOT' });
* TXT "v=spf1 ip4:192.0.2.0/28 a mx include:d2.example.com -all"
* MX 10 mx.d1
mx.d1 A 192.0.2.3
d2 TXT "v=spf1 -all"
_dmarc TXT "v=DMARC1; p=quarantine"
EOT
my $assayd = $world->assayd(internal_networks => ['10.0.0.0/8'], SOCKET => 'unix', log_level => 'warning',
    enforce => 'quarantine', wait => 0);

sub sample {
    my $status = slurp("/proc/$assayd->{pid}/status");
    my %now = (t => time, fds => scalar(my @fds = glob "/proc/$assayd->{pid}/fd/*"));
    @now{qw(rss threads)} = map { $status =~ /^$_:\s+(\d+)/m } qw(VmRSS Threads);
    return \%now;
}

sub median {
    my @v = sort { $a <=> $b } @_;
    return $v[@v / 2];
}

my ($start, $next, $round, %sum, @samples) = (time, time, 0);
my $mload = ($ENV{top_builddir} // '.') . '/t/tools/mload';
my ($connections, $messages) = (20, 5);
printf "%8s %10s %6s %8s %10s\n", qw(seconds rss_kb fds threads messages);
while (time - $start < $seconds) {
    my $began = time;
    my $out = qx($mload -s $assayd->{unix} -c $connections -m $messages -b 30 -d 20000 -o 20 -r @{[++$round]} 2>&1);
    die "unanswered: $out" if $? || !$assayd->alive;
    my %r = $out =~ /(\w+)=(\d+)/g;
    $sum{$_} += $r{$_} for keys %r;
    my $pause = $connections * $messages / $rate - (time - $began);
    sleep $pause if $pause > 0;
    next if time < $next;
    my $now = sample();
    push @samples, $now;
    printf "%8d %10d %6d %8d %10d\n", $now->{t} - $start, @{$now}{qw(rss fds threads)}, $sum{messages};
    $next += $every;
    $assayd->reload;
}
my @rss = map { $_->{rss} } @samples;
my @fds = map { $_->{fds} } @samples;
my $sixth = int(@samples / 6) || 1;
my ($peak_rss, $peak_fds) = map { (sort { $b <=> $a } @$_)[0] } \@rss, \@fds;
printf "messages=%d answered=%d ended=%d rss_first=%d rss_last=%d rss_peak=%d fds_first=%d fds_last=%d fds_peak=%d\n",
    @sum{qw(messages answered ended)}, $rss[0], $rss[-1], $peak_rss, $fds[0], $fds[-1], $peak_fds;
printf "rss: second sixth %d kB, last sixth %d kB\n", median(@rss[$sixth .. 2 * $sixth - 1]), median(@rss[-$sixth .. -1])
    if @samples >= 6;
my $status = $assayd->stop_daemon(60);
my @odd = grep { !/spf_pool_full|log_lost/ } $assayd->log_lines(qr/internal_error|Sanitizer|assayd:.*error/);
die "status $status, @odd" if $status || @odd;
